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

// Backup writes all that is stored at one moment to a new file of SQLite, while others go on reading and writing. The
// file appears under its name when it is whole and was checked; one that is there is never written over. The copy knows
// that it is one: see Restored. prepare makes the adapters' tables where they have to be copied one by one. progress is
// told every now and then how much of something is written so far.
func (db *DB) Backup(ctx context.Context, path string, prepare func(context.Context, *dbutil.Database) error, progress func(of string, done int)) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("back up %s: %w", db.name, err)
		}
	}()
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s is there already, and is not written over", path)
	}
	// A file of this kind is for its owner's eyes alone.
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	part, made := f.Name(), time.Now()
	defer func() {
		for _, rest := range []string{"", "-wal", "-shm", "-journal"} {
			_ = os.Remove(part + rest)
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

// vacuumInto has SQLite write itself anew: what was erased is not in the copy.
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

// checkFile has SQLite read all of a file, and tells what is wrong with it.
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
	var some bool
	if err := raw.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pragma_foreign_key_check)").Scan(&some); err != nil {
		return err
	}
	if some {
		return errors.New("the copy has rows that refer to what is not there")
	}
	return nil
}

// publish gives a file that is whole its name, once it is on the disk.
func publish(part, path string) error {
	f, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(part, path); err != nil {
		// Where a file can't have two names, as on some network shares, nobody else must make it in this very moment.
		if _, there := os.Lstat(path); there == nil {
			return fmt.Errorf("%s is there already, and is not written over", path)
		}
		if err := os.Rename(part, path); err != nil {
			return err
		}
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	_ = dir.Sync() // which some file systems don't know
	return dir.Close()
}
