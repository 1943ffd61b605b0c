// Package bagit verifies bags (BagIt 1.0, RFC 8493), as folders or as ZIPs, and the archives around them.
package bagit

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Limits on what a bag may make the reader do: a bag may come from anybody.
const (
	maxBagFiles = 200_000
	maxManifest = 256 << 20 // bytes, of a manifest or another file of the bag's own
	maxBagLine  = 32 << 10  // bytes, of a line in one
	// A ZIP that unpacks to more than maxUnpacked bytes and to more than maxRatio times its own size is a bomb.
	maxUnpacked = 1 << 30
	maxRatio    = 200
)

// A Fault is one thing that is wrong with a bag: a file that is damaged, missing or added, an unsafe file, which is not
// read, or something about the bag itself.
type Fault struct {
	Kind FaultKind
	File string // within the bag
	Why  string
}

// A FaultKind is what is wrong with a file.
type FaultKind string

// The kinds of faults.
const (
	Damaged FaultKind = "damaged"
	Missing FaultKind = "missing"
	Added   FaultKind = "added"
	Unsafe  FaultKind = "unsafe"
	Invalid FaultKind = "invalid"
)

// String is the fault on one line. A name with unprintable characters is quoted: it may be meant to fool a terminal.
func (f Fault) String() string {
	name := f.File
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || r == '"' }) {
		name = strconv.Quote(name)
	}
	return string(f.Kind) + ": " + name + ": " + f.Why
}

// A VerifyResult is what Verify found in a bag.
type VerifyResult struct {
	Files      int   // of the payload
	Bytes      int64 // in them
	Algorithms []string
	Faults     []Fault // none for a complete, undamaged bag
}

// Verify checks a bag of BagIt 1.0, https://www.rfc-editor.org/rfc/rfc8493: a folder, a ZIP that holds one, or a chat's
// folder, which is compared with the bag in it. It reads nothing else, whatever the bag says, writes nothing and
// fetches nothing. Memory holds only names and checksums. An error means that there is nothing to verify.
func Verify(ctx context.Context, name string) (VerifyResult, error) {
	info, err := os.Stat(name)
	if err != nil {
		return VerifyResult{}, err
	}
	if !info.IsDir() {
		return verifyZIP(ctx, name)
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return VerifyResult{}, err
	}
	defer root.Close()
	files, faults, err := listDir(root)
	if err != nil {
		return VerifyResult{}, err
	}
	if _, ok := files.sizes["bagit.txt"]; !ok {
		if packed, ok := files.onlyZIP(); ok {
			return verifyChatDir(ctx, name, packed, files, faults)
		}
	}
	v, err := verifyBag(ctx, files)
	v.addFaults(faults...)
	return v, err
}

// bagFiles are the files of a bag.
type bagFiles struct {
	sizes map[string]int64
	open  func(name string) (io.ReadCloser, error)
}

// resolve finds the name under which a file exists. Systems differ in how they encode letters with accents.
func (c *bagFiles) resolve(name string) (string, bool) {
	if _, ok := c.sizes[name]; ok {
		return name, true
	}
	for _, form := range []norm.Form{norm.NFC, norm.NFD} {
		if other := form.String(name); other != name {
			if _, ok := c.sizes[other]; ok {
				return other, true
			}
		}
	}
	return "", false
}

// onlyZIP is the ZIP at the top, if there is exactly one.
func (c *bagFiles) onlyZIP() (name string, ok bool) {
	for n := range c.sizes {
		if path.Ext(n) == ".zip" && !strings.Contains(n, "/") {
			if ok {
				return "", false
			}
			name, ok = n, true
		}
	}
	return name, ok
}

func listDir(root *os.Root) (*bagFiles, []Fault, error) {
	c := &bagFiles{sizes: map[string]int64{}, open: func(name string) (io.ReadCloser, error) { return root.Open(filepath.FromSlash(name)) }}
	var faults []Fault
	err := fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if !e.Type().IsRegular() {
			faults = append(faults, Fault{Unsafe, name, "not a regular file, so it was not read"})
			return nil
		}
		if len(c.sizes) == maxBagFiles {
			return fmt.Errorf("more than %d files", maxBagFiles)
		}
		info, err := e.Info()
		if err == nil {
			c.sizes[name] = info.Size()
		}
		return err
	})
	return c, faults, err
}

func verifyZIP(ctx context.Context, name string) (VerifyResult, error) {
	z, files, faults, err := openZIP(name)
	if err != nil {
		return VerifyResult{}, err
	}
	defer z.Close()
	if files == nil {
		return VerifyResult{Faults: faults}, nil
	}
	v, err := verifyBag(ctx, files)
	v.addFaults(faults...)
	return v, err
}

// openZIP finds the bag in a ZIP, which is the one folder in it. files is nil if the ZIP isn't safe to read.
func openZIP(name string) (z *zip.ReadCloser, files *bagFiles, faults []Fault, err error) {
	z, err = zip.OpenReader(name)
	if errors.Is(err, zip.ErrInsecurePath) {
		err = nil // each name is checked below
	}
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, nil, errors.Join(err, z.Close())
	}
	var unpacked uint64
	for _, f := range z.File {
		unpacked += min(f.UncompressedSize64, 1<<62-unpacked)
	}
	if unpacked > maxUnpacked && unpacked/maxRatio > uint64(info.Size()) || len(z.File) > maxBagFiles { //nolint:gosec // sizes are positive
		return z, nil, []Fault{{Unsafe, filepath.Base(name), fmt.Sprintf("it would unpack to %d files with %d bytes, so it was not read", len(z.File), unpacked)}}, nil
	}
	entries := map[string]*zip.File{}
	files = &bagFiles{sizes: map[string]int64{}}
	base := ""
	for _, f := range z.File {
		switch first, rest, _ := strings.Cut(f.Name, "/"); {
		case !isSafePath(strings.TrimSuffix(f.Name, "/")):
			faults = append(faults, Fault{Unsafe, f.Name, "its name points outside the bag"})
		case f.Mode().IsDir():
		case !f.Mode().IsRegular():
			faults = append(faults, Fault{Unsafe, f.Name, "not a regular file, so it was not read"})
		case rest == "" || base != "" && first != base:
			faults = append(faults, Fault{Added, f.Name, "a ZIP may hold one bag in one folder, and nothing else"})
		case entries[rest] != nil:
			faults = append(faults, Fault{Unsafe, f.Name, "the name occurs twice in the ZIP"})
		default:
			base = first
			entries[rest] = f
			files.sizes[rest] = int64(f.UncompressedSize64) //nolint:gosec // bounded above
		}
	}
	files.open = func(name string) (io.ReadCloser, error) {
		f, err := entries[name].Open()
		if err != nil {
			return nil, err
		}
		return struct {
			io.Reader
			io.Closer
		}{io.LimitReader(f, files.sizes[name]+1), f}, nil
	}
	return z, files, faults, nil
}

// verifyChatDir verifies the bag in a chat's folder, then compares the folder with it.
func verifyChatDir(ctx context.Context, dir, packed string, served *bagFiles, faults []Fault) (VerifyResult, error) {
	name := filepath.Join(dir, packed)
	v, err := verifyZIP(ctx, name)
	if err != nil || len(v.Faults) > 0 {
		for i, f := range v.Faults {
			v.Faults[i].File = packed + "/" + f.File
		}
		v.addFaults(faults...)
		return v, err
	}
	z, bagged, _, err := openZIP(name)
	if err != nil {
		return v, err
	}
	defer z.Close()
	both := &bagFiles{sizes: map[string]int64{}, open: func(name string) (io.ReadCloser, error) {
		if inner, ok := strings.CutPrefix(name, "data/"); ok {
			return served.open(inner)
		}
		return bagged.open(name)
	}}
	for name, size := range bagged.sizes {
		if !strings.HasPrefix(name, "data/") {
			both.sizes[name] = size
		}
	}
	for name, size := range served.sizes {
		if name != packed {
			both.sizes["data/"+name] = size
		}
	}
	v, err = verifyBag(ctx, both)
	for i, f := range v.Faults {
		v.Faults[i].File = strings.TrimPrefix(f.File, "data/")
	}
	v.addFaults(faults...)
	return v, err
}

func (v *VerifyResult) addFaults(faults ...Fault) {
	v.Faults = append(v.Faults, faults...)
	slices.SortStableFunc(v.Faults, func(a, b Fault) int { return strings.Compare(a.File, b.File) })
	v.Faults = slices.Compact(v.Faults)
}

// isSafePath reports whether a path stays in its bag on every system.
func isSafePath(name string) bool {
	return fs.ValidPath(name) && name != "." && !strings.ContainsAny(name, "\\\x00") && !strings.HasPrefix(name, "~") &&
		!(len(name) > 1 && name[1] == ':')
}
