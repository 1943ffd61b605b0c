package archive

import (
	"archive/zip"
	"compress/flate"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// The chat's folder can't be a bag itself: a bag keeps its payload below "data", which would change every address. A
// bag next to it couldn't be replaced together with it in one step. So the bag is a ZIP within the folder, named as
// section 4 of https://www.rfc-editor.org/rfc/rfc8493 recommends, and its payload is every other file of the folder.

// bagName is the file name of a chat's bag within its folder.
func bagName(slug string) string { return slug + ".zip" }

// A bagWriter writes a bag as https://www.rfc-editor.org/rfc/rfc8493 describes it.
type bagWriter struct {
	zip     *zip.Writer
	dir     string
	modTime time.Time // of every file in it, in the chat's zone
	files   int
	octets  int64
	// The lines of manifests, by algorithm.
	manifests, tagManifests map[string]*strings.Builder
}

var bagAlgorithms = []string{"sha256", "sha512"}

// writeBag writes the bag of all files in the folder so far.
func writeBag(ctx context.Context, d *stagingDir, view *chatView) error {
	for _, f := range d.files {
		if err := f.Flush(); err != nil {
			return err
		}
	}
	out, err := d.create(bagName(d.slug))
	if err != nil {
		return err
	}
	b := &bagWriter{
		zip: zip.NewWriter(out), dir: d.slug, modTime: latest(view.chat.Ends, view.stats.lastEntry).In(view.chat.Starts.Location()),
		manifests: map[string]*strings.Builder{}, tagManifests: map[string]*strings.Builder{},
	}
	for _, algorithm := range bagAlgorithms {
		b.manifests[algorithm], b.tagManifests[algorithm] = &strings.Builder{}, &strings.Builder{}
	}
	// Fast, because an answer shouldn't wait long to appear. Slower settings make the file a tenth smaller.
	deflate, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil {
		return err
	}
	b.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		deflate.Reset(w) // one file is packed after another
		return deflate, nil
	})
	err = fs.WalkDir(d.dir.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || name == bagName(d.slug) {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return b.addPayload(d.dir, name)
	})
	if err != nil {
		return fmt.Errorf("pack the bag: %w", err)
	}
	if err := b.addTagFiles(view.about); err != nil {
		return fmt.Errorf("pack the bag: %w", err)
	}
	return b.zip.Close()
}

func (b *bagWriter) addPayload(dir *os.Root, name string) error {
	f, err := dir.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := b.addFile("data/"+name, f, b.manifests)
	b.files, b.octets = b.files+1, b.octets+n
	return err
}

// addFile packs a file and lists it in manifests, if any are given.
func (b *bagWriter) addFile(name string, content io.Reader, manifests map[string]*strings.Builder) (int64, error) {
	w, err := b.zip.CreateHeader(&zip.FileHeader{Name: b.dir + "/" + name, Method: zip.Deflate, Modified: b.modTime.UTC()})
	if err != nil {
		return 0, err
	}
	sums := []hash.Hash{sha256.New(), sha512.New()} // in the order of bagAlgorithms
	n, err := io.Copy(io.MultiWriter(w, sums[0], sums[1]), content)
	if err != nil {
		return n, err
	}
	for i, algorithm := range bagAlgorithms {
		if list := manifests[algorithm]; list != nil {
			fmt.Fprintf(list, "%s  %s\n", hex.EncodeToString(sums[i].Sum(nil)), escapeBagPath.Replace(name))
		}
	}
	return n, nil
}

// escapeBagPath escapes the characters that a path in a manifest may not hold: section 2.1.3.
var escapeBagPath = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")

func (b *bagWriter) addTagFiles(m metadata) error {
	info := &strings.Builder{}
	for _, field := range [][2]string{
		{"Bagging-Date", b.modTime.Format(time.DateOnly)},
		{"Bag-Software-Agent", programVersion()},
		{"External-Identifier", m.Identifier},
		{"External-Description", m.Citation},
		{"Payload-Oxum", fmt.Sprintf("%d.%d", b.octets, b.files)},
	} {
		fmt.Fprintf(info, "%s: %s\n", field[0], singleLine(field[1]))
	}
	tags := [][2]string{
		{"bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"},
		{"bag-info.txt", info.String()},
	}
	for _, algorithm := range bagAlgorithms {
		tags = append(tags, [2]string{"manifest-" + algorithm + ".txt", b.manifests[algorithm].String()})
	}
	for _, tag := range tags {
		if _, err := b.addFile(tag[0], strings.NewReader(tag[1]), b.tagManifests); err != nil {
			return err
		}
	}
	for _, algorithm := range bagAlgorithms {
		if _, err := b.addFile("tagmanifest-"+algorithm+".txt", strings.NewReader(b.tagManifests[algorithm].String()), nil); err != nil {
			return err
		}
	}
	return nil
}
