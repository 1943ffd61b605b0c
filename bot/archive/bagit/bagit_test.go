package bagit_test

import (
	"archive/zip"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/ukmedlibs/catchword/bot/archive/bagit"
)

// unzipped unpacks a ZIP that is ours or the suite's.
func unzipped(t testing.TB, name string) string {
	t.Helper()
	z, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	dir := t.TempDir()
	if err := os.CopyFS(dir, z); err != nil {
		t.Fatal(err)
	}
	return dir
}

func verified(t testing.TB, name string) []string {
	t.Helper()
	v, err := bagit.Verify(t.Context(), name)
	if err != nil {
		t.Fatalf("%s: got %v, want a verdict", name, err)
	}
	var faults []string
	for _, f := range v.Faults {
		faults = append(faults, f.String())
	}
	return faults
}

// fsDependentBags are bags that some file systems hold whole and others don't: one of two files of one name but for its case, or
// one that a system hides.
var fsDependentBags = map[string]bool{"duplicate-file-with-different-case": true, "special-system-files": true}

// The Library of Congress's own suite of good and bad bags, of every version of BagIt.
func TestVerifyConformance(t *testing.T) {
	dir := unzipped(t, "testdata/conformance.zip")
	suites, err := filepath.Glob(filepath.Join(dir, "v*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	bags := 0
	for _, suite := range suites {
		kind := filepath.Base(suite)
		if kind == "windows-only" { // paths that lead out of a bag on Windows alone; we refuse them everywhere, see below
			kind = "invalid"
		}
		entries, err := os.ReadDir(suite)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !e.IsDir() {
				continue
			}
			bags++
			name := path.Join(filepath.Base(filepath.Dir(suite)), filepath.Base(suite), e.Name())
			t.Run(name, func(t *testing.T) {
				faults := verified(t, filepath.Join(suite, e.Name()))
				if kind == "warning" && len(faults) > 0 && fsDependentBags[e.Name()] {
					return
				}
				if bad := kind == "invalid" || kind == "linux-only"; bad != (len(faults) > 0) {
					t.Errorf("got faults %q, want some: %v", faults, bad)
				}
			})
		}
	}
	if bags < 50 {
		t.Errorf("got %d bags, want the whole suite", bags)
	}
}
