//go:build !linux

package archive

import (
	"errors"
	"os"
)

// Elsewhere than on Linux the archive is replaced in two steps, and what a crash leaves is not swept.

func exchangeNames(_ *os.Root, _, _ string) error { return errors.ErrUnsupported }

func renameNoReplace(root *os.Root, from, to string) error { return root.Rename(from, to) }

func flock(*os.File) error { return errors.ErrUnsupported }
