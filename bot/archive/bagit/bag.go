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

// A bagVerifier is the verifying of one bag.
type bagVerifier struct {
	files     *bagFiles
	result    VerifyResult
	version   string
	atLeastV1 bool // 1.0 or later
	encoding  string

	payloadManifests, tagManifests []*manifest
	checksums                      map[string]map[string]string // file → algorithm → checksum
}

// A readManifest is a list of files and their checksums.
type manifest struct {
	name, algorithm string
	checksums       map[string]string // by file
}

// bagHashes are the algorithms of https://www.rfc-editor.org/rfc/rfc8493#section-2.4 and of the drafts before it.
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
		b.addFault(Missing, "manifest-sha512.txt", "a bag has a manifest")
	}
	b.checkFetch()
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
	fetchLinePattern    = regexp.MustCompile(`^(\S+)[ \t]+([0-9]+|-)[ \t]+(.+)$`)
	oxumPattern         = regexp.MustCompile(`^([0-9]{1,18})\.([0-9]{1,18})$`)
)

// readDeclaration reads bagit.txt.
func (b *bagVerifier) readDeclaration() bool {
	text, ok := b.readFile("bagit.txt")
	if !ok {
		b.addFault(Missing, "bagit.txt", "without it this is no bag")
		return false
	}
	m := declarationPattern.FindSubmatch(text)
	if m == nil {
		b.addFault(Invalid, "bagit.txt", "it must be two lines, BagIt-Version: M.N and Tag-File-Character-Encoding: UTF-8, and nothing else")
		return false
	}
	b.version, b.encoding = string(m[1]), string(m[2])
	b.atLeastV1 = !strings.HasPrefix(b.version, "0.")
	if major, _, _ := strings.Cut(b.version, "."); major != "0" && major != "1" {
		b.addFault(Invalid, "bagit.txt", "version %s is not known here", b.version)
	}
	return true
}

// readFile reads a small file whole.
func (b *bagVerifier) readFile(name string) ([]byte, bool) {
	size, ok := b.files.sizes[name]
	if !ok {
		return nil, false
	}
	if size > maxManifest {
		b.addFault(Unsafe, name, "it is larger than %d MB, and not read", maxManifest>>20)
		return nil, false
	}
	f, err := b.files.open(name)
	if err != nil {
		b.addFault(Damaged, name, "it can't be opened")
		return nil, false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxManifest))
	if err != nil {
		b.addFault(Damaged, name, "it can't be read")
		return nil, false
	}
	return text, true
}

// readLines reads a file of the bag's own in the bag's encoding. Lines end as those of any system do.
func (b *bagVerifier) readLines(name string) []string {
	text, ok := b.readFile(name)
	if !ok {
		return nil
	}
	if !strings.EqualFold(b.encoding, "UTF-8") {
		encoding, known := tagEncoding(b.encoding)
		if !known {
			b.addFault(Invalid, "bagit.txt", "the encoding %s is not known here", b.encoding)
			return nil
		}
		var err error
		if text, err = encoding.NewDecoder().Bytes(text); err != nil {
			b.addFault(Damaged, name, "it is not in %s", b.encoding)
			return nil
		}
	}
	text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// readManifest reads a list of checksums.
func (b *bagVerifier) readManifest(name string, ofTags bool, algorithm string) {
	m := &manifest{name, algorithm, map[string]string{}}
	if bagHashes[algorithm] == nil {
		b.addFault(Invalid, name, "the algorithm is not known here")
		return
	}
	for i, l := range b.readLines(name) {
		if l == "" {
			continue
		}
		parts := manifestLinePattern.FindStringSubmatch(l)
		if parts == nil || len(l) > maxBagLine {
			b.addFault(Invalid, name, "line %d is no checksum and path", i+1)
			continue
		}
		file, ok := b.parsePath(parts[2], name, i+1)
		if !ok {
			continue
		}
		if strings.HasPrefix(file, "data/") == ofTags {
			b.addFault(Invalid, name, "line %d lists a file that it may not list", i+1)
			continue
		}
		sum := strings.ToLower(parts[1])
		if other, twice := m.checksums[file]; twice && (b.atLeastV1 || other != sum) {
			b.addFault(Invalid, name, "%.200q stands twice in it", file)
			continue
		}
		if len(m.checksums) == maxBagFiles {
			b.addFault(Unsafe, name, "it lists more than %d files", maxBagFiles)
			break
		}
		m.checksums[file] = sum
	}
	if ofTags {
		b.tagManifests = append(b.tagManifests, m)
	} else {
		b.payloadManifests = append(b.payloadManifests, m)
	}
}

// What paths in manifests have in place of some characters; the drafts before 1.0 left the per cent sign alone.
var (
	unescapeBagPath    = strings.NewReplacer("%0A", "\n", "%0a", "\n", "%0D", "\r", "%0d", "\r", "%25", "%")
	unescapeOldBagPath = strings.NewReplacer("%0A", "\n", "%0a", "\n", "%0D", "\r", "%0d", "\r")
)

// parsePath reads a path as manifests write it, and says whether it stays in the bag.
func (b *bagVerifier) parsePath(written, where string, line int) (string, bool) {
	unescape := unescapeOldBagPath
	if b.atLeastV1 {
		unescape = unescapeBagPath
	}
	name := strings.TrimPrefix(unescape.Replace(written), "./")
	if !isSafePath(name) {
		b.addFault(Unsafe, written, "line %d of %s leads out of the bag", line, where)
		return "", false
	}
	return name, true
}

// checkFetch looks at fetch.txt, which names files that are elsewhere. Nothing is fetched: what isn't there is missing.
func (b *bagVerifier) checkFetch() {
	for i, l := range b.readLines("fetch.txt") {
		if l == "" {
			continue
		}
		parts := fetchLinePattern.FindStringSubmatch(l)
		if parts == nil {
			b.addFault(Invalid, "fetch.txt", "line %d is no address, length and path", i+1)
			continue
		}
		if name, ok := b.parsePath(parts[3], "fetch.txt", i+1); ok && !strings.HasPrefix(name, "data/") {
			b.addFault(Unsafe, parts[3], "line %d of fetch.txt leads out of the payload", i+1)
		}
	}
}

// checkFileList compares the lists with what is there.
func (b *bagVerifier) checkFileList() {
	listed := map[string]int{}
	for _, m := range slices.Concat(b.payloadManifests, b.tagManifests) {
		for name, sum := range m.checksums {
			there, ok := b.files.resolve(name)
			if !ok {
				b.addFault(Missing, name, "it is listed in %s", m.name)
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
		case payload && (listed[name] == 0 || b.atLeastV1 && listed[name] < len(b.payloadManifests)):
			b.addFault(Added, name, "it is not listed in every manifest")
		case b.atLeastV1 && !payload && listed[name] == 0 && len(b.tagManifests) > 0 && name != "fetch.txt" && !strings.HasPrefix(name, "tagmanifest-"):
			// Bags need not list these; but ours do, and somebody may have put it there.
			b.addFault(Added, name, "it is not listed in any tag manifest")
		}
		if payload {
			b.result.Files, b.result.Bytes = b.result.Files+1, b.result.Bytes+size
		}
	}
}

// checkInfo holds the payload against the sum that bag-info.txt has of it.
func (b *bagVerifier) checkInfo() {
	for _, l := range b.readLines("bag-info.txt") {
		label, value, ok := strings.Cut(l, ":")
		if !ok || !strings.EqualFold(strings.TrimSpace(label), "Payload-Oxum") {
			continue
		}
		value = strings.TrimSpace(value)
		if got := fmt.Sprintf("%d.%d", b.result.Bytes, b.result.Files); !oxumPattern.MatchString(value) || value != got {
			b.addFault(Invalid, "bag-info.txt", "Payload-Oxum is %.50q, and the payload's is %s", value, got)
		}
	}
}

// sums reads every file that has a checksum, once.
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
			b.addFault(Damaged, name, "it can't be read to its end")
			continue
		}
		for _, algorithm := range slices.Sorted(maps.Keys(hashes)) {
			if hex.EncodeToString(hashes[algorithm].Sum(nil)) != b.checksums[name][algorithm] {
				b.addFault(Damaged, name, "its %s is another than when it was packed", algorithm)
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
