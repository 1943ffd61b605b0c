// Package deploy has only tests. They check the files next to them with the tools that read these files.
package deploy

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// requireTool returns the path of a program. If it isn't installed, the test is skipped, or fails if CI is set.
func requireTool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed", name)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

// runOutput runs a program in a folder and returns its output. The error contains its error messages.
func runOutput(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		err = errors.New(strings.Join(args, " ") + ": " + exit.String() + "\n" + string(out) + string(exit.Stderr))
	}
	return string(out), err
}

// mustRun is runOutput for a program that has to succeed.
func mustRun(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := runOutput(t, dir, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func readFile(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// npmPackages returns the folder of the packages in testdata/npm, which are installed once.
func npmPackages(t *testing.T) string {
	t.Helper()
	npm := requireTool(t, "npm")
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	lock := readFile(t, "testdata/npm/package-lock.json")
	dir := filepath.Join(cache, fmt.Sprintf("catchword-deploy-test-%x", sha256.Sum256([]byte(lock)))[:40])
	done := filepath.Join(dir, "done")
	if _, err := os.Stat(done); err == nil {
		return filepath.Join(dir, "node_modules")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"package.json", "package-lock.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(readFile(t, "testdata/npm", name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mustRun(t, dir, npm, "ci", "--ignore-scripts", "--omit=optional", "--omit=peer", "--no-audit", "--no-fund")
	if err := os.WriteFile(done, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "node_modules")
}

// buildProgram builds the program like `make build`, once for all tests. Only the version differs, which depends on
// more than the sources.
var buildProgram = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildDir, "catchword")
	return path, build(repository, path)
})

const repository = ".."

// build builds the program from the sources in a folder.
func build(sources, path string) error {
	cmd := exec.Command("make", "--silent", "build", "PROGRAM="+path)
	cmd.Dir, cmd.Env = sources, append(os.Environ(), "GOFLAGS=-buildvcs=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		return errors.New("make build: " + err.Error() + "\n" + string(out))
	}
	return nil
}

// buildDir is the folder in which the program is built.
var buildDir string

func TestMain(m *testing.M) {
	var err error
	if buildDir, err = os.MkdirTemp("", "catchword-deploy"); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := os.RemoveAll(buildDir); err != nil {
		panic(err)
	}
	os.Exit(code)
}
