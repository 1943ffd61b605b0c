//go:build !unix

package main

// freeSpace isn't known here.
func freeSpace(string) (bytes int64, known bool) { return 0, false }

// writable isn't known before it is tried.
func writable(string) bool { return true }
