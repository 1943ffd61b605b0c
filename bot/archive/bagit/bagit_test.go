package bagit_test

import (
	"archive/zip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ukmedlibs/catchword/bot/archive/bagit"
)

// The Library of Congress's own suite of good and bad bags of BagIt 1.0. A bad bag must be refused for what is wrong
// with it.
func TestVerifyConformance(t *testing.T) {
	z, err := zip.OpenReader("testdata/conformance.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	dir := t.TempDir()
	if err := os.CopyFS(dir, z); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{ // "" for a good bag
		"valid/basicBag":                        "",
		"invalid/bagit-with-invalid-whitespace": "invalid: bagit.txt: it must be two lines",
		"invalid/notAllManifestsListAllFiles":   "added: data/missingFromManifest.txt: not listed",
		// The suite's own mistake comes first here: a space at the end of a line of bagit.txt.
		"invalid/same-filename-listed-twice-with-different-hashes": "invalid: bagit.txt: it must be two lines",
		"invalid/same-filename-listed-twice-with-the-same-hash":    "invalid: manifest-sha256.txt: it lists",
	}
	bags, err := filepath.Glob(filepath.Join(dir, "v1.0", "*", "*"))
	if err != nil || len(bags) != len(want) {
		t.Fatalf("got %d bags, %v, want %d", len(bags), err, len(want))
	}
	for _, bag := range bags {
		name := filepath.Base(filepath.Dir(bag)) + "/" + filepath.Base(bag)
		t.Run(name, func(t *testing.T) {
			v, err := bagit.Verify(t.Context(), bag)
			if err != nil {
				t.Fatal(err)
			}
			expected := func(f bagit.Fault) bool { return want[name] != "" && strings.HasPrefix(f.String(), want[name]) }
			if good := want[name] == ""; good != (len(v.Faults) == 0) || !good && !slices.ContainsFunc(v.Faults, expected) {
				t.Errorf("got faults %q, want %q", v.Faults, want[name])
			}
		})
	}
}
