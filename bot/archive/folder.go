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

// A folder is an archive in the making. It is written beside its place, under a hidden name that nobody else has, and
// locked for as long as somebody is at work on it.
type folder struct {
	root  *os.Root
	slug  string
	stage string // its name until it is published
	dir   *os.Root
	lock  *os.File
	files []*file
}

// A file is one file of a folder. Writing to it is buffered; the first fault stays.
type file struct {
	*bufio.Writer
	f *os.File
}

// unfinished are the names of folders in the making. Nothing else in the archive begins with a dot.
var unfinished = regexp.MustCompile(`^\..+\.[A-Z2-7]{26}\.tmp$`)

// newFolder begins the archive of a chat, and takes away what writers that crashed have left.
func newFolder(root *os.Root, slug string) (*folder, error) {
	if err := checkSlug(slug); err != nil {
		return nil, err
	}
	if err := sweep(root); err != nil {
		return nil, err
	}
	for {
		d := &folder{root: root, slug: slug, stage: hidden(slug)}
		if err := root.Mkdir(d.stage, 0o755); err != nil {
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

// hidden makes a name that nobody else has.
func hidden(slug string) string { return "." + slug + "." + rand.Text() + ".tmp" }

// checkSlug refuses a name that isn't one plain visible name on every system. The os.Root would refuse most of these
// too, but renaming goes past it.
func checkSlug(slug string) error {
	if slug == "" || len(slug) > 150 || strings.HasPrefix(slug, ".") || strings.ContainsAny(slug, `/\:`) ||
		!filepath.IsLocal(slug) || !utf8.ValidString(slug) || strings.ContainsFunc(slug, unicode.IsControl) {
		return fmt.Errorf("%.150q can't be the name of a folder", slug)
	}
	return nil
}

// sweep removes what is unfinished and nobody's. Where folders can't be locked nothing can be known to be nobody's, and
// what a crash left is for a person to remove.
func sweep(root *os.Root) error {
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
		if !unfinished.MatchString(name) {
			continue
		}
		left, err := root.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if lock(left) == nil {
			err = root.RemoveAll(name)
		}
		left.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// open locks the folder, and reports whether it is still there: another writer may have swept it before.
func (d *folder) open() (mine bool, err error) {
	if d.dir, err = d.root.OpenRoot(d.stage); err != nil {
		return false, ignore(err, fs.ErrNotExist)
	}
	if d.lock, err = d.dir.Open("."); err != nil {
		return false, ignore(err, fs.ErrNotExist)
	}
	if err := lock(d.lock); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return false, nil
	}
	// Whoever swept it before it was locked has removed its name, which nobody makes again.
	_, err = d.root.Lstat(d.stage)
	return err == nil, ignore(err, fs.ErrNotExist)
}

func ignore(err, target error) error {
	if errors.Is(err, target) {
		return nil
	}
	return err
}

// create begins a file.
func (d *folder) create(name string) (*file, error) {
	f, err := d.dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	d.files = append(d.files, &file{bufio.NewWriterSize(f, 1<<16), f})
	return d.files[len(d.files)-1], nil
}

// finish puts a file onto the disk and closes it: a long chat has more files than a process may have open.
func (d *folder) finish(f *file) error {
	d.files = slices.DeleteFunc(d.files, func(other *file) bool { return other == f })
	return errors.Join(f.Flush(), f.f.Sync(), f.f.Close())
}

// publish puts the folder into its place, whole and on the disk. What was there before then bears the hidden name.
func (d *folder) publish() error {
	for _, f := range d.files {
		if err := errors.Join(f.Flush(), f.f.Sync()); err != nil {
			return err
		}
	}
	if err := syncDir(d.dir); err != nil {
		return err
	}
	if err := replace(d.root, d.stage, d.slug); err != nil {
		return err
	}
	return syncDir(d.root)
}

// replace puts the folder called stage in the place of the one called slug, and that one, if there was any, in the
// place of stage. Where the system can, readers find one or the other at every moment, and so does whoever starts
// after a crash.
func replace(root *os.Root, stage, slug string) error {
	for {
		err := exchange(root, stage, slug)
		if errors.Is(err, fs.ErrNotExist) {
			// Nothing to exchange with: the first archive of this chat, unless another writer is quicker.
			if err = moveIn(root, stage, slug); errors.Is(err, fs.ErrExist) {
				continue
			}
		}
		if errors.Is(err, errors.ErrUnsupported) {
			return stepAside(root, stage, slug)
		}
		return err
	}
}

// stepAside replaces where names can't be exchanged: elsewhere than on Linux, and on filesystems such as NFS. For a
// moment between the two renamings there is no archive; after a crash in that moment there is none until the next is
// written.
func stepAside(root *os.Root, stage, slug string) error {
	for {
		old := hidden(slug)
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

// discard removes what bears the folder's hidden name: the folder itself, or, once it is published, what it replaced.
func (d *folder) discard() error {
	d.close()
	return d.root.RemoveAll(d.stage)
}

func (d *folder) close() {
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
