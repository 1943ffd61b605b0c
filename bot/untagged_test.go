//go:build !goolm && linux

package bot_test

import (
	"testing"

	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

// TestWithGoolm runs the tests that need the build tag, which is not set.
func TestWithGoolm(t *testing.T) { matrixtest.RunTagged(t) }
