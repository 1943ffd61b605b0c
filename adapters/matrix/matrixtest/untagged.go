//go:build !goolm && linux

package matrixtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	taggedFile = regexp.MustCompile(`(?m)^//go:build .*\bgoolm\b`)
	testName   = regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
)

// RunTagged runs those tests of a package that need the build tag goolm, where `go test` was called without it, so that
// nothing is left out. Files without the tag are tested as usual.
func RunTagged(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if tag := taggedFile.Find(source); tag == nil || strings.Contains(string(tag), "!goolm") {
			continue
		}
		for _, name := range testName.FindAllStringSubmatch(string(source), -1) {
			names = append(names, name[1])
		}
	}
	if len(names) == 0 {
		t.Fatal("got no tests that need the tag goolm, want some, or no call of RunTagged")
	}
	args := []string{"test", "-tags=goolm", "-timeout=20m", "-run=^(" + strings.Join(names, "|") + ")$"}
	if testing.Short() {
		args = append(args, "-short")
	}
	if out, err := exec.CommandContext(t.Context(), "go", append(args, ".")...).CombinedOutput(); err != nil {
		t.Errorf("with the tag goolm: %v\n%s", err, out)
	}
}
