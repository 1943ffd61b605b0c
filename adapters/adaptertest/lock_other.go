//go:build !unix

package adaptertest

import (
	"errors"
	"fmt"
	"os"
)

// lockFile refuses: a journal shared by processes needs flock.
func lockFile(f *os.File) error { return fmt.Errorf("lock %s: %w", f.Name(), errors.ErrUnsupported) }
func unlockFile(*os.File) error { return nil }
