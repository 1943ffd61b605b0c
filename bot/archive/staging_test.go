package archive

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Where names can't be exchanged, the result is the same.
func TestReplaceInTwoSteps(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, content := range []string{"first", "second", "third"} {
		stage := newTempName("chat")
		if err := errors.Join(root.Mkdir(stage, 0o755), root.WriteFile(filepath.Join(stage, "a"), []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
		if err := replaceInTwoSteps(root, stage, "chat"); err != nil {
			t.Fatalf("%s: got %v, want no error", content, err)
		}
		if got, err := root.ReadFile("chat/a"); err != nil || string(got) != content {
			t.Errorf("got %q, %v, want %q", got, err, content)
		}
		if err := root.RemoveAll(stage); err != nil {
			t.Fatal(err)
		}
		if got := names(t, dir); !slices.Equal(got, []string{"chat"}) {
			t.Errorf("got %v, want the chat alone", got)
		}
	}
	if err := replaceInTwoSteps(root, "nothing", "chat"); err == nil {
		t.Error("got no error from moving in what isn't there")
	}
	if got, err := root.ReadFile("chat/a"); err != nil || string(got) != "third" {
		t.Errorf("got %q, %v after a failure, want the old archive back in its place", got, err)
	}
}

// What a writer is at work on is not swept, and what isn't ours never is.
func TestRemoveStaleKeepsLocked(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	living, err := newStagingDir(root, "chat")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".git", ".chat.tmp", "chat.ABCDEFGHIJKLMNOPQRSTUVWXYZ.tmp", newTempName("chat"), newTempName("other")} {
		if err := root.MkdirAll(name+"/a", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	other, err := newStagingDir(root, "chat")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{".chat.tmp", ".git", "chat.ABCDEFGHIJKLMNOPQRSTUVWXYZ.tmp", living.tempName, other.tempName}
	if flock(other.lock) != nil { // nothing is swept where nothing can be locked
		t.Skip("no locks here")
	}
	slices.Sort(want)
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if err := errors.Join(living.discard(), other.discard()); err != nil {
		t.Error(err)
	}
}

// A writer may find its folder swept before it could lock it, and must then begin another.
func TestOpenReportsRemoval(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	d := &stagingDir{root: root, slug: "chat", tempName: newTempName("chat")}
	if mine, err := d.open(); mine || err != nil {
		t.Errorf("got %v, %v of a folder that is gone, want false", mine, err)
	}
	if err := root.Mkdir(d.tempName, 0o755); err != nil {
		t.Fatal(err)
	}
	if mine, err := d.open(); !mine || err != nil {
		t.Errorf("got %v, %v of a new folder, want true", mine, err)
	}
	other := &stagingDir{root: root, slug: "chat", tempName: d.tempName}
	if mine, err := other.open(); mine && flock(d.lock) == nil || err != nil {
		t.Errorf("got %v, %v of a folder that another has locked, want false", mine, err)
	}
	other.close()
	if err := d.discard(); err != nil {
		t.Error(err)
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}
