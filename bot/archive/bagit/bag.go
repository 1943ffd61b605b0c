package bagit

import (
	"bytes"
	"context"
	"crypto/md5"  //nolint:gosec // old bags have it
	"crypto/sha1" //nolint:gosec // old bags have it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A bagVerifier verifies one bag.
type bagVerifier struct {
	files  *bagFiles
	result VerifyResult

	payloadManifests, tagManifests []*manifest
	checksums                      map[string]map[string]string // file → algorithm → checksum
}

// A manifest is a list of files and their checksums.
type manifest struct {
	name, algorithm string
	checksums       map[string]string // by file
}

// bagHashes are the algorithms of https://www.rfc-editor.org/rfc/rfc8493#section-2.4.
var bagHashes = map[string]func() hash.Hash{
	"md5": md5.New, "sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
}

func verifyBag(ctx context.Context, files *bagFiles) (VerifyResult, error) {
	b := &bagVerifier{files: files, checksums: map[string]map[string]string{}}
	if !b.readDeclaration() {
		return b.result, nil
	}
	for _, name := range slices.Sorted(maps.Keys(files.sizes)) {
		if m := manifestNamePattern.FindStringSubmatch(name); m != nil {
			b.readManifest(name, m[1] == "tag", strings.ToLower(m[2]))
		}
	}
	if len(b.payloadManifests) == 0 {
		b.addFault(Missing, "manifest-sha512.txt", "a bag needs a manifest")
	}
	b.checkFileList()
	b.checkInfo()
	for _, m := range b.payloadManifests {
		b.result.Algorithms = append(b.result.Algorithms, m.algorithm)
	}
	err := b.verifyChecksums(ctx)
	b.result.addFaults()
	return b.result, err
}

func (b *bagVerifier) addFault(kind FaultKind, file, why string, args ...any) {
	b.result.Faults = append(b.result.Faults, Fault{kind, file, fmt.Sprintf(why, args...)})
}

var (
	manifestNamePattern = regexp.MustCompile(`^(tag)?manifest-([A-Za-z0-9]+)\.txt$`)
	declarationPattern  = regexp.MustCompile(`^BagIt-Version: ([0-9]+\.[0-9]+)(?:\r\n|\n|\r)Tag-File-Character-Encoding: ([A-Za-z0-9._:-]+)(?:\r\n|\n|\r)?$`)
	manifestLinePattern = regexp.MustCompile(`^([0-9A-Fa-f]+)[ \t]+\*?(.+)$`)
	oxumPattern         = regexp.MustCompile(`^([0-9]{1,18})\.([0-9]{1,18})$`)
)

// readDeclaration reads bagit.txt, and reports whether the bag is of the one version that is verified.
func (b *bagVerifier) readDeclaration() bool {
	text, ok := b.readFile("bagit.txt")
	if !ok {
		b.addFault(Missing, "bagit.txt", "every bag has this file, so this is not a bag")
		return false
	}
	switch m := declarationPattern.FindSubmatch(text); {
	case m == nil:
		b.addFault(Invalid, "bagit.txt", "it must be two lines, BagIt-Version: 1.0 and Tag-File-Character-Encoding: UTF-8, and nothing else")
	case string(m[1]) != "1.0":
		b.addFault(Invalid, "bagit.txt", "this bag follows BagIt %s, and only BagIt 1.0 can be verified", m[1])
	case !strings.EqualFold(string(m[2]), "UTF-8"):
		b.addFault(Invalid, "bagit.txt", "its tag files are in %s, and only UTF-8 can be verified", m[2])
	default:
		return true
	}
	return false
}

// readFile reads a small file whole.
func (b *bagVerifier) readFile(name string) ([]byte, bool) {
	size, ok := b.files.sizes[name]
	if !ok {
		return nil, false
	}
	if size > maxManifest {
		b.addFault(Unsafe, name, "larger than %d MB, so it was not read", maxManifest>>20)
		return nil, false
	}
	f, err := b.files.open(name)
	if err != nil {
		b.addFault(Damaged, name, "cannot be opened")
		return nil, false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxManifest))
	if err != nil {
		b.addFault(Damaged, name, "cannot be read")
		return nil, false
	}
	return text, true
}

// readLines reads a tag file. Its lines may end as those of any system do.
func (b *bagVerifier) readLines(name string) []string {
	text, ok := b.readFile(name)
	if !ok {
		return nil
	}
	text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func (b *bagVerifier) readManifest(name string, ofTags bool, algorithm string) {
	m := &manifest{name, algorithm, map[string]string{}}
	if bagHashes[algorithm] == nil {
		b.addFault(Invalid, name, "unknown algorithm")
		return
	}
	for i, l := range b.readLines(name) {
		if l == "" {
			continue
		}
		parts := manifestLinePattern.FindStringSubmatch(l)
		if parts == nil || len(l) > maxBagLine {
			b.addFault(Invalid, name, "line %d is not a checksum and a path", i+1)
			continue
		}
		file, ok := b.parsePath(parts[2], name, i+1)
		if !ok {
			continue
		}
		if strings.HasPrefix(file, "data/") == ofTags {
			b.addFault(Invalid, name, "line %d lists a file that belongs in another manifest", i+1)
			continue
		}
		if _, listed := m.checksums[file]; listed {
			b.addFault(Invalid, name, "it lists %.200q twice", file)
			continue
		}
		if len(m.checksums) == maxBagFiles {
			b.addFault(Unsafe, name, "it lists more than %d files", maxBagFiles)
			break
		}
		m.checksums[file] = strings.ToLower(parts[1])
	}
	if ofTags {
		b.tagManifests = append(b.tagManifests, m)
	} else {
		b.payloadManifests = append(b.payloadManifests, m)
	}
}

// unescapeBagPath reads the characters that a path in a manifest may not hold, as section 2.1.3 of the RFC writes them.
var unescapeBagPath = strings.NewReplacer("%0A", "\n", "%0a", "\n", "%0D", "\r", "%0d", "\r", "%25", "%")

// parsePath reads a path as manifests write it, and reports whether it stays in the bag.
func (b *bagVerifier) parsePath(written, manifest string, line int) (string, bool) {
	name := strings.TrimPrefix(unescapeBagPath.Replace(written), "./")
	if !isSafePath(name) {
		b.addFault(Unsafe, written, "line %d of %s points outside the bag", line, manifest)
		return "", false
	}
	return name, true
}

// checkFileList compares the manifests with the files that are there.
func (b *bagVerifier) checkFileList() {
	listed := map[string]int{}
	for _, m := range slices.Concat(b.payloadManifests, b.tagManifests) {
		for name, sum := range m.checksums {
			there, ok := b.files.resolve(name)
			if !ok {
				b.addFault(Missing, name, "listed in %s", m.name)
				continue
			}
			listed[there]++
			if b.checksums[there] == nil {
				b.checksums[there] = map[string]string{}
			}
			b.checksums[there][m.algorithm] = sum
		}
	}
	for name, size := range b.files.sizes {
		payload := strings.HasPrefix(name, "data/")
		switch {
		case payload && listed[name] < max(1, len(b.payloadManifests)):
			b.addFault(Added, name, "not listed in every manifest")
		case !payload && listed[name] == 0 && len(b.tagManifests) > 0 && !strings.HasPrefix(name, "tagmanifest-"):
			// Bags need not list these. Ours do, so this one may have been added later.
			b.addFault(Added, name, "not listed in any tag manifest")
		}
		if payload {
			b.result.Files, b.result.Bytes = b.result.Files+1, b.result.Bytes+size
		}
	}
}

// checkInfo compares the payload with its size in bag-info.txt.
func (b *bagVerifier) checkInfo() {
	for _, l := range b.readLines("bag-info.txt") {
		label, value, ok := strings.Cut(l, ":")
		if !ok || !strings.EqualFold(strings.TrimSpace(label), "Payload-Oxum") {
			continue
		}
		value = strings.TrimSpace(value)
		if got := fmt.Sprintf("%d.%d", b.result.Bytes, b.result.Files); !oxumPattern.MatchString(value) || value != got {
			b.addFault(Invalid, "bag-info.txt", "Payload-Oxum is %.50q, but the payload has %s", value, got)
		}
	}
}

// verifyChecksums reads every listed file once.
func (b *bagVerifier) verifyChecksums(ctx context.Context) error {
	for _, name := range slices.Sorted(maps.Keys(b.checksums)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		hashes := map[string]hash.Hash{}
		var all []io.Writer
		for algorithm := range b.checksums[name] {
			hashes[algorithm] = bagHashes[algorithm]()
			all = append(all, hashes[algorithm])
		}
		if err := b.copyFile(name, io.MultiWriter(all...)); err != nil {
			b.addFault(Damaged, name, "cannot be read to the end")
			continue
		}
		for _, algorithm := range slices.Sorted(maps.Keys(hashes)) {
			if hex.EncodeToString(hashes[algorithm].Sum(nil)) != b.checksums[name][algorithm] {
				b.addFault(Damaged, name, "its %s does not match the manifest", algorithm)
			}
		}
	}
	return nil
}

func (b *bagVerifier) copyFile(name string, w io.Writer) error {
	f, err := b.files.open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}
