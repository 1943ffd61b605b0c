package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.mau.fi/util/dbutil"
)

// Backup writes all that is stored at one moment to a new SQLite file, while others go on reading and writing. The file
// appears under its name when it is complete and checked; an existing file is never overwritten. The copy is marked as
// a backup: see RestoredAt. prepare creates the adapters' tables, if tables have to be copied one by one. progress is
// called now and then with the amount that is written so far, and its unit.
func (db *DB) Backup(ctx context.Context, path string, prepare func(context.Context, *dbutil.Database) error, progress func(of string, done int)) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("back up %s: %w", db.name, err)
		}
	}()
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s exists already, and is not overwritten", path)
	}
	// Only the owner can read a file that CreateTemp makes.
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	part, made := f.Name(), time.Now()
	defer func() {
		for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
			_ = os.Remove(part + suffix)
		}
	}()
	if err := f.Close(); err != nil {
		return err
	}
	if db.dialect.remote {
		err = db.copyTo(ctx, part, prepare, progress)
	} else {
		err = db.vacuumInto(ctx, part, progress)
	}
	if err != nil {
		return err
	}
	if err := markBackup(ctx, part, made); err != nil {
		return err
	}
	if err := checkFile(ctx, part); err != nil {
		return err
	}
	return publish(part, path)
}

// vacuumInto lets SQLite write a copy, without what was erased.
func (db *DB) vacuumInto(ctx context.Context, path string, progress func(string, int)) error {
	raw, err := db.connectShared()
	if err != nil {
		return err
	}
	defer raw.Close()
	written := make(chan error, 1)
	go func() {
		_, err := raw.ExecContext(ctx, "VACUUM INTO ?1", path)
		written <- err
	}()
	for {
		select {
		case err := <-written:
			return err
		case <-time.After(time.Second):
			if info, err := os.Stat(path); err == nil {
				progress("MiB", int(info.Size()>>20))
			}
		}
	}
}

func (db *DB) copyTo(ctx context.Context, path string, prepare func(context.Context, *dbutil.Database) error, progress func(string, int)) error {
	to, err := Open(ctx, "sqlite:"+path)
	if err != nil {
		return err
	}
	_, err = migrate(ctx, db, to, prepare, func(table string, rows int) { progress("rows of "+table, rows) })
	return errors.Join(err, to.Close())
}

// checkFile lets SQLite check all of a file.
func checkFile(ctx context.Context, path string) error {
	raw, err := connectSQLite(path, "_pragma=query_only(1)", 1)
	if err != nil {
		return err
	}
	defer raw.Close()
	var found string
	if err := raw.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("the copy is damaged: %s", found)
	}
	var orphans bool
	if err := raw.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pragma_foreign_key_check)").Scan(&orphans); err != nil {
		return err
	}
	if orphans {
		return errors.New("the copy has rows that refer to missing rows")
	}
	return nil
}

// publish flushes a complete file to the disk and gives it its name.
func publish(part, path string) error {
	f, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(part, path); err != nil {
		// Some network shares have no hard links. There, nobody else should create the file between the next two lines.
		if _, statErr := os.Lstat(path); statErr == nil {
			return fmt.Errorf("%s exists already, and is not overwritten", path)
		}
		if err := os.Rename(part, path); err != nil {
			return err
		}
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	_ = dir.Sync() // some file systems can't
	return dir.Close()
}
