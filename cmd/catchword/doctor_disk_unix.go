//go:build unix

package main

import "golang.org/x/sys/unix"

// freeSpace returns how many bytes this user can still write to the file system of a folder.
func freeSpace(folder string) (bytes int64, known bool) {
	var s unix.Statfs_t
	if unix.Statfs(folder, &s) != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true //nolint:unconvert // the types differ between systems
}

// writable reports whether this user may write to a file or folder.
func writable(path string) bool { return unix.Access(path, unix.W_OK) == nil }
