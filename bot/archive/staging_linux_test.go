package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/ukmedlibs/catchword/bot/archive"
	"github.com/ukmedlibs/catchword/questions"
)

// childTaskEnv tells a copy of this test program what to do instead of testing.
const childTaskEnv = "CATCHWORD_ARCHIVE_TEST"

func TestMain(m *testing.M) {
	switch os.Getenv(childTaskEnv) {
	case "":
		os.Exit(m.Run())
	case "full disk":
		writeOntoFullDisk()
	case "crash":
		crashWhileWriting()
	case "memory":
		measureMemory()
	}
}

// asked runs a copy of this test program that does what it is asked in a folder.
func runChild(t *testing.T, what, dir string) (output string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), childTaskEnv+"="+what)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func chatVersion(t testing.TB, n int) questions.Transcript {
	tr := festiveChat(t)
	tr.Chat.Title = fmt.Sprintf("version %06d", n)
	tr.Chat.Introduction = ""
	all := tr.Answers
	tr.Answers = func(ctx context.Context, order questions.Order) iter.Seq2[questions.Answer, error] {
		return func(yield func(questions.Answer, error) bool) {
			for a, err := range all(ctx, order) {
				a.Text = tr.Chat.Title
				if !yield(a, err) {
					return
				}
			}
		}
	}
	return tr
}

// Readers must never find half an archive, or files of two, or none.
func TestReadersSeeCompleteArchives(t *testing.T) {
	dir := t.TempDir()
	root := openRoot(t, dir)
	if err := archive.Write(t.Context(), root, chatVersion(t, 0), archive.Options{}); err != nil {
		t.Fatal(err)
	}
	slug := chatVersion(t, 0).Chat.Slug
	done := make(chan struct{})
	var readers sync.WaitGroup
	var whole [3]int
	for i := range whole {
		readers.Go(func() {
			for {
				ok, err := readWhole(root, slug)
				if err != nil {
					t.Error(err)
					return
				}
				if ok {
					whole[i]++
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for n := range 60 {
		if err := archive.Write(t.Context(), root, chatVersion(t, n+1), archive.Options{}); err != nil {
			t.Error(err)
		}
	}
	close(done)
	readers.Wait()
	for i, n := range whole {
		if n == 0 {
			t.Errorf("reader %d never got to read an archive", i)
		}
	}
	checkUnchanged(t, dir, slug, writeArchive(t, chatVersion(t, 60)))
}

// readWhole opens the folder and reads its files, which must be of one version. It reports false if the folder was
// replaced, and so removed, in the meantime.
func readWhole(root *os.Root, slug string) (bool, error) {
	dir, err := root.OpenRoot(slug)
	if err != nil {
		return false, fmt.Errorf("a reader found no archive: %w", err)
	}
	defer dir.Close()
	found := ""
	for _, name := range fileNames {
		b, err := dir.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			mine, err1 := dir.Stat(".")
			now, err2 := root.Stat(slug)
			if err1 == nil && err2 == nil && os.SameFile(mine, now) {
				return false, fmt.Errorf("a reader found an archive in its place without %s", name)
			}
			return false, nil
		}
		if err != nil {
			return false, err
		}
		i := bytes.Index(b, []byte("version "))
		if i < 0 {
			return false, fmt.Errorf("a reader found half of %s: %q", name, b)
		}
		if v := string(b[i : i+len("version 000000")]); found == "" {
			found = v
		} else if v != found {
			return false, fmt.Errorf("a reader found %s in %s beside %s", v, name, found)
		}
		if name == "index.html" && !bytes.HasSuffix(b, []byte("</html>\n")) {
			return false, fmt.Errorf("a reader found half of %s", name)
		}
	}
	return true, nil
}

func TestConcurrentWrites(t *testing.T) {
	dir := t.TempDir()
	root := openRoot(t, dir)
	var writers sync.WaitGroup
	for i := range 8 {
		writers.Go(func() {
			for n := range 5 {
				if err := archive.Write(t.Context(), root, chatVersion(t, i*10+n), archive.Options{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	slug := chatVersion(t, 0).Chat.Slug
	if ok, err := readWhole(root, slug); !ok || err != nil {
		t.Errorf("got %v, %v, want one whole archive", ok, err)
	}
	checkUnchanged(t, dir, slug, readDir(t, filepath.Join(dir, slug)))
}

// A disk that is full is played by a limit on the size of files, which needs no privileges.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	tr := foundingChat(t)
	if err := archive.Write(t.Context(), openRoot(t, dir), tr, archive.Options{}); err != nil {
		t.Fatal(err)
	}
	before := readDir(t, filepath.Join(dir, tr.Chat.Slug))
	out, err := runChild(t, "full disk", dir)
	if err != nil {
		t.Fatalf("got %v: %s", err, out)
	}
	if !strings.Contains(out, tr.Chat.Slug) || !strings.Contains(out, "index.html") || !strings.Contains(out, "file too large") {
		t.Errorf("got error %q, want one that names the chat, the file and the reason", out)
	}
	checkUnchanged(t, dir, tr.Chat.Slug, before)
}

func writeOntoFullDisk() {
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 12 << 10, Max: 12 << 10}); err != nil {
		panic(err)
	}
	fmt.Println(archive.Write(context.Background(), openWorkingDir(), foundingChat(childTB{}), archive.Options{}))
}

// A writer that is killed leaves the old archive as it was, and the next one tidies up.
func TestCrash(t *testing.T) {
	dir := t.TempDir()
	root := openRoot(t, dir)
	tr := foundingChat(t)
	if err := archive.Write(t.Context(), root, tr, archive.Options{}); err != nil {
		t.Fatal(err)
	}
	before := readDir(t, filepath.Join(dir, tr.Chat.Slug))
	if _, err := runChild(t, "crash", dir); err == nil {
		t.Fatal("got a writer that was not killed")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3+len(seriesFileNames) || !strings.HasPrefix(entries[0].Name(), ".") {
		t.Fatalf("got %v, %v after the crash, want the archive, a hidden folder and its lock", entries, err)
	}
	left := readDir(t, filepath.Join(dir, entries[0].Name()))
	if len(left) == 0 {
		t.Errorf("got nothing left by the crash: it came too early to test anything")
	}
	if got := readDir(t, filepath.Join(dir, tr.Chat.Slug)); got["index.html"] != before["index.html"] {
		t.Error("the crash changed the archive")
	}
	release, err := archive.Lock(t.Context(), root, tr.Chat.Slug, func() { t.Error("got told to wait for who was killed") })
	if err != nil {
		t.Fatal(err)
	}
	if err := archive.Write(t.Context(), root, tr, archive.Options{}); err != nil {
		t.Fatal(err)
	}
	release()
	checkUnchanged(t, dir, tr.Chat.Slug, before)
}

func crashWhileWriting() {
	tr := foundingChat(childTB{})
	all := tr.Answers
	tr.Answers = func(ctx context.Context, order questions.Order) iter.Seq2[questions.Answer, error] {
		return func(yield func(questions.Answer, error) bool) {
			for a, err := range all(ctx, order) {
				if order == questions.OrderBySection && a.Section.QuestionNumber() == 5 {
					syscall.Kill(os.Getpid(), syscall.SIGKILL)
				}
				if !yield(a, err) {
					return
				}
			}
		}
	}
	_, err := archive.Lock(context.Background(), openWorkingDir(), tr.Chat.Slug, nil)
	fmt.Println(errors.Join(err, archive.Write(context.Background(), openWorkingDir(), tr, archive.Options{})))
}

func openWorkingDir() *os.Root {
	root, err := os.OpenRoot(".")
	if err != nil {
		panic(err)
	}
	return root
}

// program stands for the test where there is none.
type childTB struct{ testing.TB }

func (childTB) Helper()           {}
func (childTB) Fatal(args ...any) { panic(fmt.Sprint(args...)) }
