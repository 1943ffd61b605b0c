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

// A bagCheck is the verifying of one bag.
type bagCheck struct {
	files    *contents
	verdict  Verdict
	version  string
	modern   bool // 1.0 or later
	encoding string

	payload, tags []*manifest
	wanted        map[string]map[string]string // file → algorithm → checksum
}

// A manifest is a list of files and their checksums.
type manifest struct {
	name, algorithm string
	sums            map[string]string // by file
}

// bagHashes are the algorithms of https://www.rfc-editor.org/rfc/rfc8493#section-2.4 and of the drafts before it.
var bagHashes = map[string]func() hash.Hash{
	"md5": md5.New, "sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
}

func checkBag(ctx context.Context, files *contents) (Verdict, error) {
	b := &bagCheck{files: files, wanted: map[string]map[string]string{}}
	if !b.declaration() {
		return b.verdict, nil
	}
	for _, name := range slices.Sorted(maps.Keys(files.sizes)) {
		if m := manifestName.FindStringSubmatch(name); m != nil {
			b.manifest(name, m[1] == "tag", strings.ToLower(m[2]))
		}
	}
	if len(b.payload) == 0 {
		b.fault(Missing, "manifest-sha512.txt", "a bag has a manifest")
	}
	b.fetch()
	b.complete()
	b.info()
	for _, m := range b.payload {
		b.verdict.Algorithms = append(b.verdict.Algorithms, m.algorithm)
	}
	err := b.sums(ctx)
	b.verdict.add()
	return b.verdict, err
}

func (b *bagCheck) fault(kind FaultKind, file, why string, args ...any) {
	b.verdict.Faults = append(b.verdict.Faults, Fault{kind, file, fmt.Sprintf(why, args...)})
}

var (
	manifestName = regexp.MustCompile(`^(tag)?manifest-([A-Za-z0-9]+)\.txt$`)
	declared     = regexp.MustCompile(`^BagIt-Version: ([0-9]+\.[0-9]+)(?:\r\n|\n|\r)Tag-File-Character-Encoding: ([A-Za-z0-9._:-]+)(?:\r\n|\n|\r)?$`)
	manifestLine = regexp.MustCompile(`^([0-9A-Fa-f]+)[ \t]+\*?(.+)$`)
	fetchLine    = regexp.MustCompile(`^(\S+)[ \t]+([0-9]+|-)[ \t]+(.+)$`)
	oxum         = regexp.MustCompile(`^([0-9]{1,18})\.([0-9]{1,18})$`)
)

// declaration reads bagit.txt.
func (b *bagCheck) declaration() bool {
	text, ok := b.read("bagit.txt")
	if !ok {
		b.fault(Missing, "bagit.txt", "without it this is no bag")
		return false
	}
	m := declared.FindSubmatch(text)
	if m == nil {
		b.fault(Invalid, "bagit.txt", "it must be two lines, BagIt-Version: M.N and Tag-File-Character-Encoding: UTF-8, and nothing else")
		return false
	}
	b.version, b.encoding = string(m[1]), string(m[2])
	b.modern = !strings.HasPrefix(b.version, "0.")
	if major, _, _ := strings.Cut(b.version, "."); major != "0" && major != "1" {
		b.fault(Invalid, "bagit.txt", "version %s is not known here", b.version)
	}
	return true
}

// read reads a small file whole.
func (b *bagCheck) read(name string) ([]byte, bool) {
	size, ok := b.files.sizes[name]
	if !ok {
		return nil, false
	}
	if size > maxManifest {
		b.fault(Unsafe, name, "it is larger than %d MB, and not read", maxManifest>>20)
		return nil, false
	}
	f, err := b.files.open(name)
	if err != nil {
		b.fault(Damaged, name, "it can't be opened")
		return nil, false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxManifest))
	if err != nil {
		b.fault(Damaged, name, "it can't be read")
		return nil, false
	}
	return text, true
}

// lines reads a file of the bag's own in the bag's encoding. Lines end as those of any system do.
func (b *bagCheck) lines(name string) []string {
	text, ok := b.read(name)
	if !ok {
		return nil
	}
	if !strings.EqualFold(b.encoding, "UTF-8") {
		encoding, known := tagEncoding(b.encoding)
		if !known {
			b.fault(Invalid, "bagit.txt", "the encoding %s is not known here", b.encoding)
			return nil
		}
		var err error
		if text, err = encoding.NewDecoder().Bytes(text); err != nil {
			b.fault(Damaged, name, "it is not in %s", b.encoding)
			return nil
		}
	}
	text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// manifest reads a list of checksums.
func (b *bagCheck) manifest(name string, ofTags bool, algorithm string) {
	m := &manifest{name, algorithm, map[string]string{}}
	if bagHashes[algorithm] == nil {
		b.fault(Invalid, name, "the algorithm is not known here")
		return
	}
	for i, l := range b.lines(name) {
		if l == "" {
			continue
		}
		parts := manifestLine.FindStringSubmatch(l)
		if parts == nil || len(l) > maxBagLine {
			b.fault(Invalid, name, "line %d is no checksum and path", i+1)
			continue
		}
		file, ok := b.path(parts[2], name, i+1)
		if !ok {
			continue
		}
		if strings.HasPrefix(file, "data/") == ofTags {
			b.fault(Invalid, name, "line %d lists a file that it may not list", i+1)
			continue
		}
		sum := strings.ToLower(parts[1])
		if other, twice := m.sums[file]; twice && (b.modern || other != sum) {
			b.fault(Invalid, name, "%.200q stands twice in it", file)
			continue
		}
		if len(m.sums) == maxBagFiles {
			b.fault(Unsafe, name, "it lists more than %d files", maxBagFiles)
			break
		}
		m.sums[file] = sum
	}
	if ofTags {
		b.tags = append(b.tags, m)
	} else {
		b.payload = append(b.payload, m)
	}
}

// What paths in manifests have in place of some characters; the drafts before 1.0 left the per cent sign alone.
var (
	bagPath    = strings.NewReplacer("%0A", "\n", "%0a", "\n", "%0D", "\r", "%0d", "\r", "%25", "%")
	oldBagPath = strings.NewReplacer("%0A", "\n", "%0a", "\n", "%0D", "\r", "%0d", "\r")
)

// path reads a path as manifests write it, and says whether it stays in the bag.
func (b *bagCheck) path(written, where string, line int) (string, bool) {
	unescape := oldBagPath
	if b.modern {
		unescape = bagPath
	}
	name := strings.TrimPrefix(unescape.Replace(written), "./")
	if !safePath(name) {
		b.fault(Unsafe, written, "line %d of %s leads out of the bag", line, where)
		return "", false
	}
	return name, true
}

// fetch looks at fetch.txt, which names files that are elsewhere. Nothing is fetched: what isn't there is missing.
func (b *bagCheck) fetch() {
	for i, l := range b.lines("fetch.txt") {
		if l == "" {
			continue
		}
		parts := fetchLine.FindStringSubmatch(l)
		if parts == nil {
			b.fault(Invalid, "fetch.txt", "line %d is no address, length and path", i+1)
			continue
		}
		if name, ok := b.path(parts[3], "fetch.txt", i+1); ok && !strings.HasPrefix(name, "data/") {
			b.fault(Unsafe, parts[3], "line %d of fetch.txt leads out of the payload", i+1)
		}
	}
}

// complete compares the lists with what is there.
func (b *bagCheck) complete() {
	listed := map[string]int{}
	for _, m := range slices.Concat(b.payload, b.tags) {
		for name, sum := range m.sums {
			there, ok := b.files.find(name)
			if !ok {
				b.fault(Missing, name, "it is listed in %s", m.name)
				continue
			}
			listed[there]++
			if b.wanted[there] == nil {
				b.wanted[there] = map[string]string{}
			}
			b.wanted[there][m.algorithm] = sum
		}
	}
	for name, size := range b.files.sizes {
		payload := strings.HasPrefix(name, "data/")
		switch {
		case payload && (listed[name] == 0 || b.modern && listed[name] < len(b.payload)):
			b.fault(Added, name, "it is not listed in every manifest")
		case b.modern && !payload && listed[name] == 0 && len(b.tags) > 0 && name != "fetch.txt" && !strings.HasPrefix(name, "tagmanifest-"):
			// Bags need not list these; but ours do, and somebody may have put it there.
			b.fault(Added, name, "it is not listed in any tag manifest")
		}
		if payload {
			b.verdict.Files, b.verdict.Bytes = b.verdict.Files+1, b.verdict.Bytes+size
		}
	}
}

// info holds the payload against the sum that bag-info.txt has of it.
func (b *bagCheck) info() {
	for _, l := range b.lines("bag-info.txt") {
		label, value, ok := strings.Cut(l, ":")
		if !ok || !strings.EqualFold(strings.TrimSpace(label), "Payload-Oxum") {
			continue
		}
		value = strings.TrimSpace(value)
		if got := fmt.Sprintf("%d.%d", b.verdict.Bytes, b.verdict.Files); !oxum.MatchString(value) || value != got {
			b.fault(Invalid, "bag-info.txt", "Payload-Oxum is %.50q, and the payload's is %s", value, got)
		}
	}
}

// sums reads every file that has a checksum, once.
func (b *bagCheck) sums(ctx context.Context) error {
	for _, name := range slices.Sorted(maps.Keys(b.wanted)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		hashes := map[string]hash.Hash{}
		var all []io.Writer
		for algorithm := range b.wanted[name] {
			hashes[algorithm] = bagHashes[algorithm]()
			all = append(all, hashes[algorithm])
		}
		if err := b.hash(name, io.MultiWriter(all...)); err != nil {
			b.fault(Damaged, name, "it can't be read to its end")
			continue
		}
		for _, algorithm := range slices.Sorted(maps.Keys(hashes)) {
			if hex.EncodeToString(hashes[algorithm].Sum(nil)) != b.wanted[name][algorithm] {
				b.fault(Damaged, name, "its %s is another than when it was packed", algorithm)
			}
		}
	}
	return nil
}

func (b *bagCheck) hash(name string, w io.Writer) error {
	f, err := b.files.open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}
