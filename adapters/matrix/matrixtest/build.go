//go:build goolm && linux

package matrixtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

// DendriteVersion is the version of Dendrite that is run; the module in adapters/matrix/testdata/dendrite requires it.
const DendriteVersion = "v0.15.2"

const dendriteModule = "adapters/matrix/testdata/dendrite"

// Build makes sure that the homeserver is built, and returns the path of its program, in the user's cache. It is built
// once for each version of Dendrite and of Go, however many processes ask at once. say is called when a build starts.
func Build(ctx context.Context, say func(string)) (program string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a place for the homeserver: %w", err)
	}
	dir := filepath.Join(cache, "catchword", "dendrite-"+DendriteVersion+"-"+runtime.Version()+"-"+runtime.GOARCH)
	program = filepath.Join(dir, "dendrite")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("find a place for the homeserver: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return "", fmt.Errorf("lock the homeserver's place: %w", err)
	}
	defer lock.Close() // releases the lock, as the end of the process does
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		say("waiting for another process, which builds the homeserver")
		for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
			err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX)
		}
		if err != nil {
			return "", fmt.Errorf("lock the homeserver's place: %w", err)
		}
	}
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	say(fmt.Sprintf("building Dendrite %s in %s: it takes minutes, once", DendriteVersion, dir))
	return program, build(ctx, program)
}

// build leaves the whole program or nothing.
func build(ctx context.Context, program string) error {
	source, err := findModule()
	if err != nil {
		return err
	}
	fresh := program + ".new"
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", fresh, "github.com/element-hq/dendrite/cmd/dendrite")
	c.Dir = source
	// Our own flags are not for this module. Debug symbols and the last tenth of SQLite's speed would double the time.
	c.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "CGO_CFLAGS=-O1")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("build the homeserver: %w\n%s\nIts modules and a C compiler are needed once: run `make setup` where the Go module proxy can be reached", err, out)
	}
	if err := os.Rename(fresh, program); err != nil {
		return fmt.Errorf("keep the homeserver that was built: %w", err)
	}
	return nil
}

// findModule looks for the homeserver's module upwards from where a test runs, which is its package's folder.
func findModule() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the homeserver's module: %w", err)
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, dendriteModule, "go.mod")); err == nil {
			return filepath.Join(dir, dendriteModule), nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("find the homeserver's module: there is no %s above %s; run the tests inside of the repository", dendriteModule, here)
		}
	}
}
