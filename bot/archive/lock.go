package archive

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	// lockTimeout is how long to wait for another writer. An archive takes seconds, a very long one a minute.
	lockTimeout = 3 * time.Minute
	// lockPollInterval is how often to check again: a blocking flock can't be cancelled.
	lockPollInterval = 50 * time.Millisecond
)

// Lock locks the archive of a chat below root for one writer, of this process or another. Take it before you read the
// chat, and release it once the archive is written: two writers at once would divide the chat into pages without
// knowing of each other, and the older reading might be written last. While another writer has the lock, Lock calls
// waiting once and waits; it fails after three minutes or when ctx is done. The caller calls release. A process that
// dies has released it. Readers need no lock.
//
// Where files can't be locked, as on some network filesystems, Lock returns at once.
func Lock(ctx context.Context, root *os.Root, slug string, waiting func()) (release func(), err error) {
	if err := checkSlug(slug); err != nil {
		return nil, err
	}
	if release, err = acquireLockFile(ctx, root, "."+slug+".lock", waiting); err != nil {
		return nil, fmt.Errorf("wait for another program that is writing the archive of %.150q: %w", slug, err)
	}
	return release, nil
}

// acquireLockFile locks a file that exists only while it is locked, or after a crash.
func acquireLockFile(ctx context.Context, root *os.Root, name string, waiting func()) (release func(), err error) {
	for waited := time.Duration(0); ; waited += lockPollInterval {
		f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, err
		}
		err = flock(f)
		held := err == nil || errors.Is(err, errors.ErrUnsupported)
		if held && isSameFile(root, name, f) {
			return func() {
				_ = root.Remove(name) // while it is locked: whoever opened it before sees that it isn't there any more
				f.Close()
			}, nil
		}
		f.Close()
		if held {
			continue // it was removed between being opened and being locked
		}
		if waited == 0 && waiting != nil {
			waiting()
		}
		if waited >= lockTimeout {
			return nil, fmt.Errorf("it has not finished within %v; it may be hanging", lockTimeout)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(lockPollInterval):
		}
	}
}

// isSameFile reports whether an open file still has this name.
func isSameFile(root *os.Root, name string, f *os.File) bool {
	there, err := root.Lstat(name)
	if err != nil {
		return false
	}
	here, err := f.Stat()
	return err == nil && os.SameFile(there, here)
}
