package archive_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ukmedlibs/catchword/bot/archive"
	"github.com/ukmedlibs/catchword/questions"
)

// An testAttachment is a file on a platform, by its address.
type testAttachment struct {
	file    questions.File
	served  string // the media type that the platform says
	content string
	huge    bool // it has 22 MB of content in place of that
	err     error
	want    string // in the page: why it isn't kept; "" if it is
}

var (
	pixel = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
	gif   = "GIF89a\x01\x00\x01\x00\x00\x00\x00;"
)

var attachedFiles = []testAttachment{
	{file: questions.File{Name: "shelf.png", Type: "image/png", URL: "https://files.example/1"}, served: "image/png", content: pixel},
	{file: questions.File{Name: "notes", URL: "https://files.example/2"}, content: "Bring a mince pie.\n"},
	{file: questions.File{Name: "leaflet.pdf", Type: "application/pdf", URL: "https://files.example/3"}, served: "application/octet-stream", content: "%PDF-1.7\n1 0 obj\n"},
	{file: questions.File{Name: "page.html", URL: "https://files.example/4"}, content: "<!DOCTYPE html><script>alert(1)</script>", want: "kind"},
	{file: questions.File{Name: "page.txt", Type: "text/plain", URL: "https://files.example/5"}, served: "text/plain", content: "words first <ScRiPt>alert(1)</script>", want: "kind"},
	{file: questions.File{Name: "drawing.svg", Type: "image/svg+xml", URL: "https://files.example/6"}, content: `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, want: "kind"},
	{file: questions.File{Name: "drawing.png", Type: "image/png", URL: "https://files.example/7"}, content: `<?xml version="1.0"?><svg onload="alert(1)"/>`, want: "kind"},
	{file: questions.File{Name: "setup.exe", URL: "https://files.example/8"}, content: "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff", want: "kind"},
	{file: questions.File{Name: "run", URL: "https://files.example/9"}, content: "#!/bin/sh\nrm -rf /\n", want: "kind"},
	{file: questions.File{Name: "elf", URL: "https://files.example/10"}, content: "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00", want: "kind"},
	{file: questions.File{Name: "lie.pdf", Type: "application/pdf", URL: "https://files.example/11"}, content: gif, want: "not what its type says"},
	{file: questions.File{Name: "lie.gif", Type: "text/html", URL: "https://files.example/12"}, content: gif, want: "kind"},
	{file: questions.File{Name: "gone.png", URL: "https://files.example/13"}, err: errors.New("xoxb-secret: 404"), want: "could not be fetched"},
	{file: questions.File{Name: "huge.txt", URL: "https://files.example/14"}, huge: true, want: "larger than 20 MB"},
	{file: questions.File{Name: "huge by its own word", Size: 1 << 40, URL: "https://files.example/15"}, content: "small", want: "larger than 20 MB"},
	{file: questions.File{Name: "../../../etc/passwd", URL: "file:///etc/passwd"}, content: "root:x:0:0\n"},
	{file: questions.File{Name: "<script>alert(1)</script>\u202egnp.exe", URL: "https://files.example/16"}, content: gif},
	{file: questions.File{Name: "empty", URL: "https://files.example/17"}, content: ""},
}

// chatWithFiles is a chat in which somebody attached all of them to one answer, and one once more to another.
func chatWithFiles(t testing.TB) questions.Transcript {
	tr := festiveChat(t)
	tr.Chat.Slug = "files"
	all := tr.Answers
	tr.Answers = func(ctx context.Context, order questions.Order) iter.Seq2[questions.Answer, error] {
		return func(yield func(questions.Answer, error) bool) {
			for a, err := range all(ctx, order) {
				a.Files = []questions.File{attachedFiles[0].file}
				if a.Message == "1" {
					a.Files = nil
					for _, f := range attachedFiles {
						a.Files = append(a.Files, f.file)
					}
				}
				if !yield(a, err) {
					return
				}
			}
		}
	}
	return tr
}

// fakeFetch plays a platform.
func fakeFetch(files []testAttachment) archive.Fetch {
	return func(_ context.Context, a questions.Answer, f questions.File) (io.ReadCloser, string, error) {
		for _, there := range files {
			if there.file.URL == f.URL && there.huge {
				return io.NopCloser(io.LimitReader(endlessReader{}, 22<<20)), there.served, nil
			}
			if there.file.URL == f.URL && strings.HasPrefix(a.AuthorID, "U") {
				return io.NopCloser(strings.NewReader(there.content)), there.served, there.err
			}
		}
		return nil, "", errors.New("not there")
	}
}

func TestFilesAreKept(t *testing.T) {
	folder := writeChatDir(t, chatWithFiles(t), archive.Options{Fetch: fakeFetch(attachedFiles)})
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	kept := 0
	for _, f := range attachedFiles {
		if f.want == "" {
			kept++
		}
	}
	entries, err := os.ReadDir(filepath.Join(folder, "files"))
	if err != nil || len(entries) != kept {
		t.Errorf("got %v, %v, want %d files", entries, err, kept)
	}
	for _, e := range entries {
		content := read("files/" + e.Name())
		sum, _ := sums(content)
		if !strings.HasPrefix(e.Name(), sum+".") {
			t.Errorf("got the name %s for a file whose SHA-256 is %s", e.Name(), sum)
		}
		if ext := filepath.Ext(e.Name()); !strings.Contains(".png .txt .pdf .gif", ext) {
			t.Errorf("got the extension %s, want one of ours", ext)
		}
		for _, name := range []string{"index.html", "time.html", "chat.json", "answers.csv", "transcript.md", "transcript.txt"} {
			if !strings.Contains(read(name), "files/"+e.Name()) {
				t.Errorf("%s: got no link to %s", name, e.Name())
			}
		}
	}
	page := read("transcript.txt")
	for _, f := range attachedFiles {
		i := strings.Index(page, "File: "+f.file.Name+" (")
		if f.want == "" || strings.Contains(f.file.Name, "script") {
			continue
		}
		if line, _, _ := strings.Cut(page[max(i, 0):], "\n"); i < 0 || !strings.Contains(line, f.want) {
			t.Errorf("%s: got %q, want that it isn't kept: %s", f.file.Name, line, f.want)
		}
	}
	for _, name := range []string{"index.html", "time.html", "chat.json", "answers.csv", "answers.jsonl", "transcript.md", "transcript.txt"} {
		if content := read(name); strings.Contains(content, "files.example") || strings.Contains(content, "xoxb") {
			t.Errorf("%s: got the address of a file or the platform's error, want neither", name)
		}
	}
	if faults := verifyFaults(t, folder); len(faults) > 0 {
		t.Errorf("got faults %q, want none", faults)
	}
}

// What was kept stays, though by now it is gone from the platform; what is taken back goes.
func TestFilesSurvivePlatformDeletion(t *testing.T) {
	tr, dir := chatWithFiles(t), t.TempDir()
	root := openRoot(t, dir)
	if err := archive.Write(t.Context(), root, tr, archive.Options{Fetch: fakeFetch(attachedFiles)}); err != nil {
		t.Fatal(err)
	}
	before := readTree(t, filepath.Join(dir, tr.Chat.Slug))
	for name, fetch := range map[string]archive.Fetch{"gone": fakeFetch(nil), "nobody to ask": nil} {
		if err := archive.Write(t.Context(), root, tr, archive.Options{Fetch: fetch}); err != nil {
			t.Fatal(err)
		}
		after := readTree(t, filepath.Join(dir, tr.Chat.Slug))
		for file, content := range before {
			if strings.HasPrefix(file, "files/") && after[file] != content {
				t.Errorf("%s: %s is lost", name, file)
			}
		}
	}
	all := tr.Answers
	tr.Answers = func(ctx context.Context, order questions.Order) iter.Seq2[questions.Answer, error] {
		return func(yield func(questions.Answer, error) bool) {
			for a, err := range all(ctx, order) {
				a.Withdrawn = true
				if !yield(a, err) {
					return
				}
			}
		}
	}
	if err := archive.Write(t.Context(), root, tr, archive.Options{Fetch: fakeFetch(attachedFiles)}); err != nil {
		t.Fatal(err)
	}
	for file := range readTree(t, filepath.Join(dir, tr.Chat.Slug)) {
		if strings.HasPrefix(file, "files/") {
			t.Errorf("got %s after its answer was taken back", file)
		}
	}
}

// A file that was changed in the archive is not kept as what it was.
func TestTamperedFiles(t *testing.T) {
	tr, dir := chatWithFiles(t), t.TempDir()
	root := openRoot(t, dir)
	if err := archive.Write(t.Context(), root, tr, archive.Options{Fetch: fakeFetch(attachedFiles)}); err != nil {
		t.Fatal(err)
	}
	sum, _ := sums(pixel)
	name := filepath.Join(dir, tr.Chat.Slug, "files", sum+".png")
	if err := os.WriteFile(name, []byte(pixel+"changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := archive.Write(t.Context(), root, tr, archive.Options{Fetch: fakeFetch(attachedFiles)}); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != pixel {
		t.Errorf("got %q, %v, want the file fetched anew", got, err)
	}
}

// One that breaks off, one that never ends, and a platform that is slow lose only themselves.
func TestTruncatedFiles(t *testing.T) {
	tr := chatWithFiles(t)
	folder := writeChatDir(t, tr, archive.Options{Fetch: func(context.Context, questions.Answer, questions.File) (io.ReadCloser, string, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(pixel+strings.Repeat("x", 10_000)), failingReader{})), "", nil
	}})
	if entries, err := os.ReadDir(filepath.Join(folder, "files")); err != nil || len(entries) != 0 {
		t.Errorf("got %v, %v, want no file", entries, err)
	}
	endless := archive.Options{Fetch: func(context.Context, questions.Answer, questions.File) (io.ReadCloser, string, error) {
		return io.NopCloser(endlessReader{}), "", nil
	}}
	tr.Answers = withOneFileEach(tr.Answers)
	if err := archive.Write(t.Context(), openRoot(t, t.TempDir()), tr, endless); err != nil {
		t.Errorf("got %v, want an archive", err)
	}
}

func withOneFileEach(all func(context.Context, questions.Order) iter.Seq2[questions.Answer, error]) func(context.Context, questions.Order) iter.Seq2[questions.Answer, error] {
	return func(ctx context.Context, order questions.Order) iter.Seq2[questions.Answer, error] {
		return func(yield func(questions.Answer, error) bool) {
			for a, err := range all(ctx, order) {
				a.Files = a.Files[:1]
				if !yield(a, err) {
					return
				}
			}
		}
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

type endlessReader struct{}

func (endlessReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "words "[i%6]
	}
	return len(p), nil
}

// readTree is readDir with the files of folders.
func readTree(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		files[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
