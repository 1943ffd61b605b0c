package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// exchangeNames swaps two names below root in one step, and fails with fs.ErrNotExist if either isn't there, with
// errors.ErrUnsupported if the filesystem can't. See https://man7.org/linux/man-pages/man2/rename.2.html.
func exchangeNames(root *os.Root, a, b string) error {
	return renameat2(root, a, b, unix.RENAME_EXCHANGE)
}

// renameNoReplace renames, and fails with fs.ErrExist if there is something of the new name.
func renameNoReplace(root *os.Root, from, to string) error {
	return renameat2(root, from, to, unix.RENAME_NOREPLACE)
}

func renameat2(root *os.Root, from, to string, flags uint) error {
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	fd := int(dir.Fd())
	switch err := unix.Renameat2(fd, from, fd, to, flags); {
	case err == nil:
		return nil
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EOPNOTSUPP):
		return fmt.Errorf("rename %s to %s: %w", from, to, errors.ErrUnsupported)
	default:
		return &os.LinkError{Op: "renameat2", Old: from, New: to, Err: err}
	}
}

// flock takes an open folder or file for its writer alone, until it is closed or the process ends, however it ends. It
// fails at once if another has it.
func flock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return fs.ErrExist
	}
	if err != nil {
		return fmt.Errorf("lock %s: %w", f.Name(), errors.ErrUnsupported)
	}
	return nil
}
