package archive_test

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/bot/archive"
	"github.com/ukmedlibs/catchword/bot/archive/bagit"
	"github.com/ukmedlibs/catchword/questions"
)

// writeChatDir writes an archive and returns the chat's folder.
func writeChatDir(t testing.TB, tr questions.Transcript, o archive.Options) string {
	t.Helper()
	dir := t.TempDir()
	if err := archive.Write(t.Context(), openRoot(t, dir), tr, o); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, tr.Chat.Slug)
}

func TestBagHoldsTheFolder(t *testing.T) {
	for _, tr := range []questions.Transcript{foundingChat(t), festiveChat(t), hostileChat(t)} {
		folder := writeChatDir(t, tr, archive.Options{})
		packed := tr.Chat.Slug + ".zip"
		bag := filepath.Join(unzip(t, filepath.Join(folder, packed)), tr.Chat.Slug)
		want := readDir(t, folder)
		delete(want, packed)
		if diff := cmp.Diff(want, readDir(t, filepath.Join(bag, "data"))); diff != "" {
			t.Errorf("%s: the payload differs from the folder (-folder +payload):\n%s", tr.Chat.Slug, diff)
		}
		for _, name := range []string{folder, filepath.Join(folder, packed), bag} {
			if faults := verifyFaults(t, name); len(faults) > 0 {
				t.Errorf("%s: got faults %q, want none", name, faults)
			}
		}
	}
}

func TestBagInfo(t *testing.T) {
	tr := foundingChat(t)
	tr.Chat.DOI = "10.5281/zenodo.1234567"
	folder := writeChatDir(t, tr, archive.Options{})
	bag := filepath.Join(unzip(t, filepath.Join(folder, tr.Chat.Slug+".zip")), tr.Chat.Slug)
	got, err := os.ReadFile(filepath.Join(bag, "bag-info.txt"))
	if err != nil {
		t.Fatal(err)
	}
	files, octets := 0, int64(0)
	err = filepath.WalkDir(filepath.Join(bag, "data"), func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		files, octets = files+1, octets+info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// The date is that of the late answer, the morning after.
	want := fmt.Sprintf(`Bagging-Date: 2015-08-19
Bag-Software-Agent: catchword (devel)
External-Identifier: https://doi.org/10.5281/zenodo.1234567
External-Description: #ukmedlibs. (18 August 2015). Health and public libraries partnerships [transcript of a chat led by Holly Case]. https://doi.org/10.5281/zenodo.1234567
Payload-Oxum: %d.%d
`, octets, files)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("bag-info.txt (-want +got):\n%s", diff)
	}
}

// The Library of Congress's validator, which nobody here wrote, takes our bags, and refuses them once they are damaged.
func TestBagPassesReferenceValidator(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 here")
	}
	tools, err := filepath.Abs("testdata/bagit")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(bag string) (string, error) {
		cmd := exec.CommandContext(t.Context(), python, filepath.Join(tools, "bagit.py"), "--validate", bag)
		cmd.Env = append(os.Environ(), "PYTHONPATH="+tools, "PYTHONDONTWRITEBYTECODE=1")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for _, tr := range []questions.Transcript{festiveChat(t), hostileChat(t), chatWithFiles(t)} {
		t.Run(tr.Chat.Slug, func(t *testing.T) {
			folder := writeChatDir(t, tr, archive.Options{Fetch: fakeFetch(attachedFiles)})
			bag := filepath.Join(unzip(t, filepath.Join(folder, tr.Chat.Slug+".zip")), tr.Chat.Slug)
			if out, err := validate(bag); err != nil || !strings.Contains(out, "is valid") {
				t.Errorf("got %v, want a valid bag:\n%s", err, out)
			}
			name := filepath.Join(bag, "data", "chat.json")
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			b[len(b)/2] ^= 1
			if err := os.WriteFile(name, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := validate(bag); err == nil {
				t.Errorf("got a valid bag after damage, want none:\n%s", out)
			}
		})
	}
}

func TestVerifyReportsFaults(t *testing.T) {
	tr := festiveChat(t)
	change := func(name, to string) func(dir string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte(to), 0o600) }
	}
	remove := func(name string) func(string) error {
		return func(dir string) error { return os.Remove(filepath.Join(dir, name)) }
	}
	tests := []struct {
		name string
		do   func(bag string) error
		want []string
	}{
		{"damaged", change("data/transcript.md", "nobody said this"), []string{
			"invalid: bag-info.txt: Payload-Oxum", "damaged: data/transcript.md: its sha256", "damaged: data/transcript.md: its sha512",
		}},
		{"missing", remove("data/chat.json"), []string{
			"invalid: bag-info.txt: Payload-Oxum",
			"missing: data/chat.json: listed in manifest-sha256.txt", "missing: data/chat.json: listed in manifest-sha512.txt",
		}},
		{"added", change("data/more.html", "<p>more"), []string{"invalid: bag-info.txt: Payload-Oxum", "added: data/more.html"}},
		{"added tag", change("more.txt", "more"), []string{"added: more.txt"}},
		{"damaged manifest", change("manifest-sha512.txt", ""), nil},
		{"no declaration", remove("bagit.txt"), []string{"missing: bagit.txt"}},
		{"a draft of BagIt", change("bagit.txt", "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"), []string{
			"invalid: bagit.txt: this bag follows BagIt 0.97, and only BagIt 1.0 can be verified",
		}},
		{"a later version", change("bagit.txt", "BagIt-Version: 7.0\nTag-File-Character-Encoding: UTF-8\n"), []string{"invalid: bagit.txt: this bag follows BagIt 7.0"}},
		{"another encoding", change("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-16\n"), []string{"invalid: bagit.txt: its tag files are in UTF-16"}},
		{"terminal", change("data/\x1b[31mred", ""), []string{"invalid: bag-info.txt: Payload-Oxum", `added: "data/\x1b[31mred"`}},
		{"a link", func(bag string) error { return os.Symlink("/etc/passwd", filepath.Join(bag, "data", "link")) }, []string{"unsafe: data/link: not a regular file"}},
		{"a link in place", func(bag string) error {
			name := filepath.Join(bag, "data", "chat.json")
			if err := os.Rename(name, filepath.Join(bag, "..", "elsewhere")); err != nil {
				return err
			}
			return os.Symlink("../../elsewhere", name)
		}, nil},
	}
	folder := writeChatDir(t, tr, archive.Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bag := filepath.Join(unzip(t, filepath.Join(folder, tr.Chat.Slug+".zip")), tr.Chat.Slug)
			if err := tt.do(bag); err != nil {
				t.Fatal(err)
			}
			got := verifyFaults(t, bag)
			if len(got) == 0 {
				t.Fatal("got no fault, want some")
			}
			if tt.want == nil {
				return
			}
			if len(got) != len(tt.want) {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(got[i], want) {
					t.Errorf("got %q, want %q", got[i], want)
				}
			}
		})
	}
}

// A chat's folder, as it is served, is held against the bag in it.
func TestVerifyChatDir(t *testing.T) {
	folder := writeChatDir(t, foundingChat(t), archive.Options{})
	for name, content := range map[string]string{"time.html": "<p>rewritten", "visitor.html": "<p>hello"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(folder, "answers.csv")); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, f := range verifyFaults(t, folder) {
		kind, rest, _ := strings.Cut(f, ": ")
		file, _, _ := strings.Cut(rest, ": ")
		got[kind+" "+file] = true
	}
	want := []string{"added visitor.html", "damaged time.html", "invalid bag-info.txt", "missing answers.csv"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A zipEntry is a file of a ZIP that is made to do harm.
type zipEntry struct {
	name, content string
	mode          fs.FileMode
}

func zipOf(t testing.TB, entries ...zipEntry) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "bag.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.mode != 0 {
			h.SetMode(e.mode)
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = io.WriteString(w, e.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func sums(content string) (of256, of512 string) {
	a, b := sha256.Sum256([]byte(content)), sha512.Sum512([]byte(content))
	return hex.EncodeToString(a[:]), hex.EncodeToString(b[:])
}

func TestVerifyHostileZIPs(t *testing.T) {
	declaration := zipEntry{name: "bag/bagit.txt", content: "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"}
	hello, _ := sums("hello")
	manifest := func(lines ...string) zipEntry {
		return zipEntry{name: "bag/manifest-sha256.txt", content: strings.Join(lines, "")}
	}
	good := []zipEntry{declaration, manifest(hello + "  data/a\n"), {name: "bag/data/a", content: "hello"}}
	with := func(more ...zipEntry) []zipEntry { return append(slices.Clone(good), more...) }
	tests := []struct {
		name    string
		entries []zipEntry
		want    string // "" for a good bag
	}{
		{"good", good, ""},
		{"carriage returns", []zipEntry{
			{name: "bag/bagit.txt", content: "BagIt-Version: 1.0\r\nTag-File-Character-Encoding: UTF-8\r\n"},
			manifest(hello + " \tdata/a\r\n"),
			{name: "bag/data/a", content: "hello"},
		}, ""},
		{"escaped names", []zipEntry{
			declaration, manifest(hello+"  data/100%25\n", hello+"  data/a%0Ab%0d\n"),
			{name: "bag/data/100%", content: "hello"},
			{name: "bag/data/a\nb\r", content: "hello"},
		}, ""},
		{"dots", with(zipEntry{name: "bag/data/../../../etc/passwd"}), "unsafe: bag/data/../../../etc/passwd"},
		{"absolute", with(zipEntry{name: "/etc/passwd"}), "unsafe: /etc/passwd"},
		{"backslashes", with(zipEntry{name: `bag\..\x`}), `unsafe: bag\..\x`},
		{"drive", with(zipEntry{name: `C:/x`}), `unsafe: C:/x`},
		{"a link", with(zipEntry{name: "bag/data/b", content: "/etc/passwd", mode: fs.ModeSymlink | 0o777}), "unsafe: bag/data/b"},
		{"a device", with(zipEntry{name: "bag/data/b", mode: fs.ModeDevice | 0o777}), "unsafe: bag/data/b"},
		{"twice", with(zipEntry{name: "bag/data/a", content: "other"}), "unsafe: bag/data/a: the name occurs twice"},
		{"beside the bag", with(zipEntry{name: "else/x"}), "added: else/x"},
		{"manifest leads out", []zipEntry{declaration, manifest(hello + "  ../../etc/passwd\n")}, "unsafe: ../../etc/passwd"},
		{"manifest leads out behind data", []zipEntry{declaration, manifest(hello + "  data/../../etc/passwd\n")}, "unsafe: data/../../etc/passwd"},
		{"manifest is absolute", []zipEntry{declaration, manifest(hello + "  /etc/passwd\n")}, "unsafe: /etc/passwd"},
		{"manifest hides a line", []zipEntry{declaration, manifest(hello + "  data/a%0A../b\n")}, `missing: "data/a\n../b"`},
		{"manifest lists twice", []zipEntry{declaration, manifest(hello+"  data/a\n", hello+"  data/a\n"), {name: "bag/data/a", content: "hello"}}, "invalid: manifest-sha256.txt"},
		{"manifest lists twice otherwise", []zipEntry{declaration, manifest(hello+"  data/a\n", "00  data/a\n"), {name: "bag/data/a", content: "hello"}}, "invalid: manifest-sha256.txt"},
		{"manifest of rubbish", []zipEntry{declaration, manifest(strings.Repeat("x", 1<<20)), {name: "bag/data/a", content: "hello"}}, "added: data/a"},
		{"unknown algorithm", with(zipEntry{name: "bag/manifest-crc32.txt", content: "00  data/a\n"}), "invalid: manifest-crc32.txt"},
		{"no manifest", []zipEntry{declaration, {name: "bag/data/a"}}, "added: data/a"},
		{"nothing is fetched", with(zipEntry{name: "bag/fetch.txt", content: "http://169.254.169.254/ - /etc/cron.d/x\n"}), ""},
		{"empty", nil, "missing: bagit.txt"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			faults := verifyFaults(t, zipOf(t, tt.entries...))
			if tt.want == "" && len(faults) > 0 {
				t.Errorf("got faults %q, want none", faults)
			}
			if !slices.ContainsFunc(append(faults, ""), func(f string) bool { return strings.HasPrefix(f, tt.want) }) {
				t.Errorf("got faults %q, want %q", faults, tt.want)
			}
		})
	}
}

// A bomb claims to be a thousand times itself. It is told by its size and not unpacked.
func TestVerifyZIPBomb(t *testing.T) {
	name := filepath.Join(t.TempDir(), "bomb.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	for i := range 8 {
		w, err := z.CreateRaw(&zip.FileHeader{
			Name: fmt.Sprintf("bag/data/%d", i), Method: zip.Deflate, CompressedSize64: 4, UncompressedSize64: 1 << 40,
		})
		if err == nil {
			_, err = w.Write([]byte("bomb"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if faults := verifyFaults(t, name); len(faults) != 1 || !strings.HasPrefix(faults[0], "unsafe: bomb.zip: it would unpack to") {
		t.Errorf("got %q, want one fault, that it would unpack to too much", faults)
	}
}

func TestVerifyNotABag(t *testing.T) {
	file := filepath.Join(t.TempDir(), "chat.txt")
	if err := os.WriteFile(file, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, filepath.Join(t.TempDir(), "nothing")} {
		if v, err := bagit.Verify(t.Context(), name); err == nil {
			t.Errorf("%s: got %v, want an error", name, v)
		}
	}
	if faults := verifyFaults(t, t.TempDir()); len(faults) != 1 || !strings.HasPrefix(faults[0], "missing: bagit.txt") {
		t.Errorf("got %q of an empty folder, want that it is no bag", faults)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := bagit.Verify(ctx, writeChatDir(t, festiveChat(t), archive.Options{})); err == nil {
		t.Error("got no error once the context was done")
	}
}

// FuzzVerifyManifest: whatever a manifest says, nothing outside of the bag is looked at, and nothing panics.
func FuzzVerifyManifest(f *testing.F) {
	for _, seed := range []string{"", "00  data/a\n", "00  ../../etc/passwd", "00 *data/a\r00 ./data/a", "\xff\xfe", "zz", strings.Repeat("0", 70) + "  data/%0A%25%"} {
		f.Add([]byte(seed), []byte("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"))
	}
	f.Fuzz(func(t *testing.T, manifest, declaration []byte) {
		faults := verifyFaults(t, zipOf(t, zipEntry{name: "b/bagit.txt", content: string(declaration)},
			zipEntry{name: "b/manifest-sha256.txt", content: string(manifest)}, zipEntry{name: "b/data/a", content: "hello"}))
		hello, _ := sums("hello")
		if len(faults) == 0 && !strings.Contains(strings.ToLower(string(manifest)), hello) {
			t.Errorf("got no fault with the manifest %q", manifest)
		}
	})
}

// unzip unpacks a ZIP that is ours or the suite's.
func unzip(t testing.TB, name string) string {
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

func verifyFaults(t testing.TB, name string) []string {
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
