package deploy

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

// maxImageSize is the image's maximum size, in bytes.
const maxImageSize = 40_000_000

// A builder is buildah, with its own storage below a folder.
type builder struct {
	*testing.T
	command []string
}

// newBuilder needs root, because user namespaces may be unavailable where tests run.
func newBuilder(t *testing.T) builder {
	t.Helper()
	buildah := requireTool(t, "buildah")
	if os.Getuid() != 0 {
		t.Skip("building an image needs root")
	}
	// As in a chroot: buildah then can't make the layers of an image.
	if mounts := readFile(t, "/proc/self/mountinfo"); !regexp.MustCompile(`(?m)^\d+ \d+ \S+ \S+ / `).MatchString(mounts) {
		const remedy = "/ is not a mount point here, and buildah needs it to be one; run: mount --bind DIR DIR before chroot DIR"
		if os.Getenv("CI") != "" {
			t.Fatal(remedy)
		}
		t.Skip(remedy)
	}
	dir := t.TempDir()
	return builder{t, []string{buildah, "--storage-driver", "vfs", "--root", filepath.Join(dir, "root"), "--runroot", filepath.Join(dir, "run")}}
}

func (b builder) run(args ...string) string {
	b.Helper()
	return strings.TrimSpace(mustRun(b.T, ".", append(b.command, args...)...))
}

// TestImage builds the last stage of the Dockerfile, with a program that was built here instead of the first stage, and
// starts a chat in it.
func TestImage(t *testing.T) {
	b := newBuilder(t)
	stage := t.TempDir()
	built, err := buildProgram()
	if err != nil {
		t.Fatal(err)
	}
	dockerfile := readFile(t, repository, "Dockerfile")
	last := filepath.Join(stage, "Dockerfile")
	for _, dir := range []string{"src/bin", "src/out/tmp", "src/out/var/lib/catchword/chats", "src/out/var/lib/catchword/data", "src/out/var/lib/catchword/archive", "src/out/var/lib/catchword/backups", "etc/ssl/certs"} {
		if strings.HasPrefix(dir, "src/out/") && !strings.Contains(dockerfile, strings.TrimPrefix(dir, "src/")) {
			t.Errorf("the Dockerfile does not create %s", dir)
		}
		if err := os.MkdirAll(filepath.Join(stage, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range map[string]string{
		built: "src/bin/catchword", filepath.Join(repository, "LICENSE"): "src/LICENSE", filepath.Join(repository, "NOTICE"): "src/NOTICE",
		"/etc/ssl/certs/ca-certificates.crt": "etc/ssl/certs/ca-certificates.crt",
	} {
		mustRun(t, ".", "cp", "-L", from, filepath.Join(stage, to))
	}
	at := strings.LastIndex(dockerfile, "\nFROM ")
	if err := os.WriteFile(last, []byte(dockerfile[at+1:]), 0o600); err != nil {
		t.Fatal(err)
	}
	b.run("bud", "--quiet", "--isolation", "chroot", "--format", "docker", "--build-context", "build="+stage, "--file", last, "--tag", "catchword:test", stage)

	var image struct {
		Docker struct {
			Config struct {
				User, WorkingDir string
				Entrypoint, Cmd  []string
				Volumes          map[string]any
				Healthcheck      struct{ Test []string }
			} `json:"config"`
		}
	}
	if err := json.Unmarshal([]byte(b.run("inspect", "--type", "image", "localhost/catchword:test")), &image); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(image.Docker.Config), "{65532:65532 /var/lib/catchword [/catchword] [run] map[/var/lib/catchword:map[]] {[CMD /catchword doctor --health]}}"; got != want {
		t.Errorf("got the image's configuration %s, want %s", got, want)
	}

	container := b.run("from", "--pull-never", "localhost/catchword:test")
	defer b.run("rm", container)
	root := b.run("mount", container)
	var size int64
	err = filepath.Walk(root, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		size += info.Size()
		inside := strings.TrimPrefix(path, root)
		own := info.Sys().(*syscall.Stat_t).Uid == 65532
		if mine := inside == "/tmp" || strings.HasPrefix(inside, "/var"); own != mine || !mine && info.Mode().Perm()&0o022 != 0 {
			t.Errorf("%s has the owner %d and the mode %v", inside, info.Sys().(*syscall.Stat_t).Uid, info.Mode())
		}
		return nil
	})
	if err != nil || size > maxImageSize || size < maxImageSize/4 {
		t.Errorf("got %d bytes and error %v, want no more than %d", size, err, maxImageSize)
	}
	t.Logf("the image has %d bytes", size)
	runChatInImage(b, root)
}

// runChatInImage runs the program in the container as an unprivileged user, with a fake Slack.
func runChatInImage(b builder, root string) {
	b.Helper()
	server := slackfake.NewServer(slackfake.Options{})
	b.Cleanup(server.Close)
	w := server.AddWorkspace("nhs", slackfake.WorkspaceOptions{})
	w.AddChannel("#ukmedlibs", false)
	chat := fmt.Sprintf("---\ntitle: Health\nhashtag: \"#ukmedlibs\"\nstarts: %s UTC\nends: 1h\nreminders: none\n---\n## Q1\nWhy?\n", time.Now().UTC().Add(3*time.Second).Format(time.DateTime))
	if err := os.WriteFile(filepath.Join(root, "var/lib/catchword/chats/chat.md"), []byte(chat), 0o644); err != nil {
		b.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	// Start it as a container runtime does: with that root, user and folder.
	within := func(args ...string) *exec.Cmd {
		return &exec.Cmd{
			Path: "/catchword", Args: append([]string{"/catchword"}, args...), Dir: "/var/lib/catchword",
			Env: []string{
				"CATCHWORD_LISTEN=" + address, "CATCHWORD_SLACK=nhs", "CATCHWORD_SLACK_NHS_ROOMS=ukmedlibs", "CATCHWORD_SLACK_NHS_API_URL=" + server.APIURL(),
				"CATCHWORD_SLACK_NHS_BOT_TOKEN=" + w.BotToken(), "CATCHWORD_SLACK_NHS_APP_TOKEN=" + w.AppToken(),
			},
			SysProcAttr: &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}, Pdeathsig: syscall.SIGKILL},
		}
	}
	running := within("run")
	var log bytes.Buffer
	running.Stderr = &log
	if err := running.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- running.Wait() }()
	posted := func() bool {
		for _, m := range w.Messages("#ukmedlibs") {
			if strings.Contains(m.Plain, "Welcome") {
				return true
			}
		}
		return false
	}
	for deadline := time.Now().Add(time.Minute); !posted(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.Error("nothing is said after a minute")
			break
		}
	}
	if out, err := within("doctor", "--health").CombinedOutput(); err != nil {
		b.Errorf("got %s and error %v of a program that runs, want it healthy", out, err)
	}
	if info, err := os.Stat(filepath.Join(root, "var/lib/catchword/data/catchword.db")); err != nil || info.Sys().(*syscall.Stat_t).Uid != 65532 {
		b.Errorf("got %v and error %v, want a database of the user's", info, err)
	}
	if err := running.Process.Signal(syscall.SIGTERM); err != nil {
		b.Error(err)
	}
	if err := <-ended; err != nil || !strings.Contains(log.String(), "msg=stopped") {
		b.Errorf("got error %v, want it to stop when told to; the log:\n%s", err, log.String())
	}
}

// TestBuildIsReproducible builds the same sources in two places.
func TestBuildIsReproducible(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program twice")
	}
	first, err := buildProgram()
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(t.TempDir(), "another", "place")
	if err := os.MkdirAll(elsewhere, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum", "Makefile", "adapters", "bot", "cmd", "questions"} {
		mustRun(t, ".", "cp", "-R", filepath.Join(repository, name), elsewhere)
	}
	second := filepath.Join(t.TempDir(), "catchword")
	if err := build(elsewhere, second); err != nil {
		t.Fatal(err)
	}
	if a, b := fileSHA256(t, first), fileSHA256(t, second); a != b {
		t.Errorf("got %s in one folder and %s in another, want the same", a, b)
	}
}

func fileSHA256(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}
