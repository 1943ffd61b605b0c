package archive

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A stagingDir is an archive that is being written, under a hidden unique name next to its final place. It is locked
// while somebody works on it.
type stagingDir struct {
	root     *os.Root
	slug     string
	tempName string // its name until it is published
	dir      *os.Root
	lock     *os.File
	files    []*stagedFile
}

// A stagedFile is one file of a stagingDir. Writing is buffered; the first error stays.
type stagedFile struct {
	*bufio.Writer
	f *os.File
}

// tempNamePattern matches the names of folders that are being written. Nothing else in the archive begins with a dot
// and ends like this.
var tempNamePattern = regexp.MustCompile(`^\..+\.[A-Z2-7]{26}\.tmp$`)

// newStagingDir creates a stagingDir for a chat, and removes what crashed writers have left.
func newStagingDir(root *os.Root, slug string) (*stagingDir, error) {
	if err := checkSlug(slug); err != nil {
		return nil, err
	}
	if err := removeStale(root); err != nil {
		return nil, err
	}
	for {
		d := &stagingDir{root: root, slug: slug, tempName: newTempName(slug)}
		if err := root.Mkdir(d.tempName, 0o755); err != nil {
			return nil, err
		}
		mine, err := d.open()
		if err != nil {
			return nil, errors.Join(err, d.discard())
		}
		if mine {
			return d, nil
		}
		d.close() // swept by another writer before it was locked
	}
}

func newTempName(slug string) string { return "." + slug + "." + rand.Text() + ".tmp" }

// checkSlug accepts only a slug that is one plain visible file name on every system. The os.Root would refuse most
// others too, but renaming bypasses it.
func checkSlug(slug string) error {
	if slug == "" || len(slug) > 150 || strings.HasPrefix(slug, ".") || strings.ContainsAny(slug, `/\:`) ||
		!filepath.IsLocal(slug) || !utf8.ValidString(slug) || strings.ContainsFunc(slug, unicode.IsControl) {
		return fmt.Errorf("%.150q can't be the name of a folder", slug)
	}
	return nil
}

// removeStale removes unfinished folders that nobody is working on. Where folders can't be locked, nobody can know
// that, and people have to remove what a crash left.
func removeStale(root *os.Root) error {
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !tempNamePattern.MatchString(name) {
			continue
		}
		left, err := root.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if flock(left) == nil {
			err = root.RemoveAll(name)
		}
		left.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// open locks the folder, and reports whether it still exists: another writer may have removed it before it was locked.
func (d *stagingDir) open() (mine bool, err error) {
	if d.dir, err = d.root.OpenRoot(d.tempName); err != nil {
		return false, ignoreError(err, fs.ErrNotExist)
	}
	if d.lock, err = d.dir.Open("."); err != nil {
		return false, ignoreError(err, fs.ErrNotExist)
	}
	if err := flock(d.lock); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return false, nil
	}
	// A writer that removed it before it was locked has removed its name, which is never used again.
	_, err = d.root.Lstat(d.tempName)
	return err == nil, ignoreError(err, fs.ErrNotExist)
}

func ignoreError(err, target error) error {
	if errors.Is(err, target) {
		return nil
	}
	return err
}

func (d *stagingDir) create(name string) (*stagedFile, error) {
	f, err := d.dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	d.files = append(d.files, &stagedFile{bufio.NewWriterSize(f, 1<<16), f})
	return d.files[len(d.files)-1], nil
}

// finish writes a file to disk and closes it: a long chat has more files than a process may have open.
func (d *stagingDir) finish(f *stagedFile) error {
	d.files = slices.DeleteFunc(d.files, func(other *stagedFile) bool { return other == f })
	return errors.Join(f.Flush(), f.f.Sync(), f.f.Close())
}

// publish moves the folder to its final place, complete and on disk. The folder that it replaces then has the hidden
// name.
func (d *stagingDir) publish() error {
	for _, f := range d.files {
		if err := errors.Join(f.Flush(), f.f.Sync()); err != nil {
			return err
		}
	}
	if err := syncDir(d.dir); err != nil {
		return err
	}
	if err := replace(d.root, d.tempName, d.slug); err != nil {
		return err
	}
	return syncDir(d.root)
}

// replace swaps the folder called stage with the one called slug, or just renames stage if there is none. Where the
// system can, readers find one or the other at every moment, also after a crash.
func replace(root *os.Root, stage, slug string) error {
	for {
		err := exchangeNames(root, stage, slug)
		if errors.Is(err, fs.ErrNotExist) {
			// This is the chat's first archive, unless another writer is faster.
			if err = renameNoReplace(root, stage, slug); errors.Is(err, fs.ErrExist) {
				continue
			}
		}
		if errors.Is(err, errors.ErrUnsupported) {
			return replaceInTwoSteps(root, stage, slug)
		}
		return err
	}
}

// replaceInTwoSteps replaces where names can't be exchanged: on other systems than Linux, and on filesystems such as
// NFS. Between the two renames there is no archive. After a crash at that moment there is none until the next is
// written.
func replaceInTwoSteps(root *os.Root, stage, slug string) error {
	for {
		old := newTempName(slug)
		err := root.Rename(slug, old)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		aside := err == nil
		err = root.Rename(stage, slug)
		switch {
		case err == nil && aside:
			return root.Rename(old, stage)
		case errors.Is(err, fs.ErrExist): // another writer was quicker; ours is the later
			if err := root.RemoveAll(old); err != nil {
				return err
			}
		case err != nil && aside:
			return errors.Join(err, root.Rename(old, slug))
		default:
			return err
		}
	}
}

func syncDir(root *os.Root) error {
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// discard removes the folder with the hidden name: this one, or, once it is published, the one that it replaced.
func (d *stagingDir) discard() error {
	d.close()
	return d.root.RemoveAll(d.tempName)
}

func (d *stagingDir) close() {
	for _, f := range d.files {
		f.f.Close() // written and synced, or given up
	}
	if d.lock != nil {
		d.lock.Close()
	}
	if d.dir != nil {
		d.dir.Close()
	}
	d.files, d.lock, d.dir = nil, nil, nil
}
