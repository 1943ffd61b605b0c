package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot"
)

// A testServer serves a handler on a real connection. Its client follows no redirects.
type testServer struct {
	*testing.T
	address string
	client  *http.Client
}

func newTestServer(t *testing.T, h http.Handler) testServer {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return testServer{t, server.URL, &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// get requests a path unchanged, with headers given as pairs.
func (s testServer) get(method, path string, headers ...string) (*http.Response, string) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, s.address, nil)
	if err != nil {
		s.Fatal(err)
	}
	req.URL.Opaque = path // sent without cleaning
	for pair := range slices.Chunk(headers, 2) {
		req.Header.Set(pair[0], pair[1])
	}
	resp, err := s.client.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.Fatal(err)
	}
	return resp, string(body)
}

// copyTestArchive copies the golden archives of bot/archive's tests to a new folder.
func copyTestArchive(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "archive")
	if err := os.CopyFS(folder, os.DirFS(filepath.Join(repository, "bot/archive/testdata"))); err != nil {
		t.Fatal(err)
	}
	return folder
}

func notFound() http.Handler { return http.NotFoundHandler() }

const testChatSlug = "2015-08-18-health-and-public-libraries"

var (
	inlineStyle   = regexp.MustCompile(`(?i)<style[\s>]`)
	inlineScript  = regexp.MustCompile(`<script[^>]*>`)
	inlineHandler = regexp.MustCompile(`<[a-z][^>]*\s(on[a-z]+|style)\s*=`)
)

// TestServeArchive checks that every file of an archive is served whole, with its type, and keeps to the content
// security policy.
func TestServeArchive(t *testing.T) {
	folder := copyTestArchive(t)
	s := newTestServer(t, webHandler(notFound(), notFound(), serveArchive(folder)))
	pages, types := 0, map[string]bool{}
	err := fs.WalkDir(os.DirFS(folder), testChatSlug, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		want, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		resp, got := s.get("GET", "/archive/"+name)
		if resp.StatusCode != http.StatusOK || got != string(want) {
			t.Errorf("%s: got %s and %d bytes, want 200 and %d", name, resp.Status, len(got), len(want))
		}
		h := resp.Header
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("ETag") == "" {
			t.Errorf("%s: got the headers %v", name, h)
		}
		if h.Get("Content-Type") == "application/octet-stream" {
			t.Errorf("%s: got no type", name)
		}
		types[h.Get("Content-Type")] = true
		policy := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; style-src 'self'; script-src 'self'; ") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "sha") {
			t.Errorf("%s: got the policy %q", name, policy)
		}
		if path.Ext(name) != ".html" {
			return nil
		}
		pages++
		if tag := inlineStyle.FindString(got); tag != "" {
			t.Errorf("%s: got %s, which the policy forbids", name, tag)
		}
		for _, tag := range inlineScript.FindAllString(got, -1) {
			if !strings.Contains(tag, ` src="`) && !strings.Contains(tag, "application/ld+json") {
				t.Errorf("%s: got %s, which the policy forbids", name, tag)
			}
		}
		if tag := inlineHandler.FindString(got); tag != "" {
			t.Errorf("%s: got %s, which the policy forbids", name, tag)
		}
		return nil
	})
	if err != nil || pages < 3 || len(types) < 6 {
		t.Errorf("got %d pages, the types %v and error %v, want more", pages, types, err)
	}
}

func TestArchiveHTTPSemantics(t *testing.T) {
	folder := copyTestArchive(t)
	s := newTestServer(t, webHandler(notFound(), notFound(), serveArchive(folder)))
	page := "/archive/" + testChatSlug + "/index.html"
	whole, text := s.get("GET", page)
	tag := whole.Header.Get("ETag")

	if resp, got := s.get("GET", "/archive/"+testChatSlug+"/"); resp.StatusCode != http.StatusOK || got != text {
		t.Errorf("a chat's folder: got %s, want its index", resp.Status)
	}
	for from, to := range map[string]string{"/archive/" + testChatSlug: testChatSlug + "/", "/": "/archive/", "/archive": "/archive/"} {
		if resp, _ := s.get("GET", from); resp.StatusCode/100 != 3 || resp.Header.Get("Location") != to {
			t.Errorf("%s: got %s to %q, want to %q", from, resp.Status, resp.Header.Get("Location"), to)
		}
	}
	if resp, got := s.get("HEAD", page); resp.StatusCode != http.StatusOK || got != "" || resp.ContentLength != int64(len(text)) {
		t.Errorf("HEAD: got %s, %d bytes of %d", resp.Status, len(got), resp.ContentLength)
	}
	if resp, got := s.get("GET", page, "Range", "bytes=100-199"); resp.StatusCode != http.StatusPartialContent || got != text[100:200] {
		t.Errorf("a range: got %s and %q", resp.Status, got)
	}
	if resp, _ := s.get("GET", page, "Range", "bytes=99999999-"); resp.StatusCode != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("a range beyond the end: got %s", resp.Status)
	}
	if resp, got := s.get("GET", page, "If-None-Match", tag); resp.StatusCode != http.StatusNotModified || got != "" {
		t.Errorf("the same again: got %s", resp.Status)
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "TRACE"} {
		if resp, _ := s.get(method, page); resp.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s: got %s, want 405", method, resp.Status)
		}
	}
	// A rewritten page of the same size has a new ETag.
	file := filepath.Join(folder, testChatSlug, "index.html")
	if err := errors.Join(os.WriteFile(file+".new", []byte(strings.ToUpper(text)), 0o600), os.Rename(file+".new", file)); err != nil {
		t.Fatal(err)
	}
	resp, got := s.get("GET", page, "If-None-Match", tag)
	if resp.StatusCode != http.StatusOK || got != strings.ToUpper(text) {
		t.Errorf("a rewritten page: got %s", resp.Status)
	}
	if resp, got := s.get("GET", page, "If-Range", tag, "Range", "bytes=0-9"); resp.StatusCode != http.StatusOK || len(got) != len(text) {
		t.Errorf("a range of the page before: got %s and %d bytes, want all of the new one", resp.Status, len(got))
	}
}

func TestArchiveServesNothingElse(t *testing.T) {
	folder := copyTestArchive(t)
	outside := filepath.Join(filepath.Dir(folder), "secret.txt")
	stage := filepath.Join(folder, ".2015.ABCDEFGHIJKLMNOPQRSTUVWXYZ.tmp")
	err := errors.Join(
		os.WriteFile(outside, []byte("SECRET"), 0o600),
		os.Symlink(outside, filepath.Join(folder, "link.txt")),
		os.Mkdir(stage, 0o700), os.WriteFile(filepath.Join(stage, "index.html"), []byte("SECRET"), 0o600),
		os.WriteFile(filepath.Join(folder, ".index.html.tmp"), []byte("SECRET"), 0o600),
		os.MkdirAll(filepath.Join(folder, "empty", ".git"), 0o700), os.WriteFile(filepath.Join(folder, "empty", ".git", "config"), []byte("SECRET"), 0o600),
		syscall.Mkfifo(filepath.Join(folder, "pipe.html"), 0o600),
		os.WriteFile(filepath.Join(folder, "kept.docx"), []byte("<script>"), 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	s := newTestServer(t, webHandler(notFound(), notFound(), serveArchive(folder)))
	for _, name := range []string{
		"/archive/link.txt", "/archive/../secret.txt", "/archive/%2e%2e/secret.txt", "/archive/..%2fsecret.txt", "/archive/..%5csecret.txt",
		"/archive/.2015.ABCDEFGHIJKLMNOPQRSTUVWXYZ.tmp/", "/archive/.2015.ABCDEFGHIJKLMNOPQRSTUVWXYZ.tmp/index.html", "/archive/.index.html.tmp",
		"/archive/empty/.git/config", "/archive/empty/%2egit/config", "/archive/empty/", "/archive/pipe.html", "/archive/%00", "/archive//etc/passwd", "/archive/" + testChatSlug + "//index.html",
		"/archive/" + testChatSlug + "/index.html/", "/archive/nothing", "/archive/" + strings.Repeat("a/", 3000), "/nothing",
	} {
		resp, got := s.get("GET", name)
		if strings.Contains(got, "SECRET") || resp.StatusCode == http.StatusOK || resp.StatusCode >= 500 {
			t.Errorf("%.60s: got %s and %.60q, want it refused", name, resp.Status, got)
		}
	}
	// Unknown types are downloads.
	if resp, _ := s.get("GET", "/archive/kept.docx"); resp.Header.Get("Content-Disposition") != "attachment" || resp.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("an unknown kind: got %v", resp.Header)
	}
	// The folder is missing before the first chat.
	s = newTestServer(t, webHandler(notFound(), notFound(), serveArchive(filepath.Join(folder, "later"))))
	if resp, _ := s.get("GET", "/archive/"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("no archive: got %s, want 404", resp.Status)
	}
}

func TestHealth(t *testing.T) {
	good := bot.Status{Workspace: "nhs", Rooms: []bot.RoomStatus{{Name: "#a", Joined: true}}, Report: adapters.Report{Receiving: true}}
	deaf := bot.Status{Workspace: "shelf", Rooms: []bot.RoomStatus{{Name: "#b"}, {Name: "#c", Err: errors.New("no\nhunter2")}}}
	lost := bot.Status{Workspace: "gone", Err: errors.New("token revoked: hunter2")}
	scrub := logConfig{secrets: []string{"hunter2"}}.redactError
	for _, test := range []struct {
		all  []bot.Status
		path string
		code int
		want string
	}{
		{[]bot.Status{deaf, lost}, "/healthz", 200, "ok\n"},
		{[]bot.Status{good}, "/readyz", 200, "nhs: ready\n"},
		{[]bot.Status{good, deaf}, "/readyz", 503, "nhs: ready\nshelf: not connected; #b is not joined yet; #c is not joined: no [token]\n"},
		{[]bot.Status{good, lost}, "/readyz", 503, "nhs: ready\ngone: failed: token revoked: [token]\n"},
		{[]bot.Status{good, deaf}, "/readyz/NHS", 200, "nhs: ready\n"},
		{[]bot.Status{good, lost}, "/readyz/gone", 503, "gone: failed: token revoked: [token]\n"},
		{[]bot.Status{good}, "/readyz/other", 404, "no such workspace\n"},
	} {
		s := newTestServer(t, webHandler(serveHealth(func() []bot.Status { return test.all }, scrub), notFound(), notFound()))
		resp, got := s.get("GET", test.path)
		if resp.StatusCode != test.code || got != test.want || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got %d and %q, want %d and %q", test.path, resp.StatusCode, got, test.code, test.want)
		}
	}
}

func TestListenAddressInUse(t *testing.T) {
	l, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = listen(l.Addr().String())
	if err == nil || !strings.Contains(err.Error(), "CATCHWORD_LISTEN: "+l.Addr().String()+" is in use") || !strings.Contains(err.Error(), "or off") {
		t.Errorf("got error %v, want one with a remedy", err)
	}
	if _, err = listen("192.0.2.1:8080"); err == nil || !strings.Contains(err.Error(), "CATCHWORD_LISTEN: ") {
		t.Errorf("got error %v for an address that is not ours", err)
	}
}

// TestServeWebStops checks that open responses are finished when the program stops, and cut off if they take too long.
func TestServeWebStops(t *testing.T) {
	arrived, release := make(chan struct{}, 2), make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		if r.URL.Path == "/endless" {
			<-r.Context().Done()
			return
		}
		<-release
		_, _ = io.WriteString(w, "all of it")
	})
	l, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serveWeb(ctx, l, h, slog.New(slog.DiscardHandler)) }()
	var both sync.WaitGroup
	both.Go(func() {
		resp, err := http.Get("http://" + l.Addr().String() + "/")
		if err != nil {
			t.Errorf("got error %v, want the open response", err)
			return
		}
		defer resp.Body.Close()
		if got, err := io.ReadAll(resp.Body); string(got) != "all of it" {
			t.Errorf("got %q and error %v, want all of it", got, err)
		}
	})
	both.Go(func() {
		if resp, err := http.Get("http://" + l.Addr().String() + "/endless"); err == nil {
			resp.Body.Close()
			t.Errorf("got %s, want it cut off", resp.Status)
		}
	})
	<-arrived
	<-arrived
	began := time.Now()
	cancel()
	for { // until the server accepts no more connections
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			break
		}
		c.Close()
	}
	close(release)
	if err := <-ended; err != nil || time.Since(began) > webShutdownGrace+time.Second {
		t.Errorf("got error %v after %v, want none after %v", err, time.Since(began), webShutdownGrace)
	}
	both.Wait()
}

func TestServeWebLimits(t *testing.T) {
	l, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- serveWeb(ctx, l, webHandler(notFound(), notFound(), notFound()), slog.New(slog.DiscardHandler))
	}()
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+l.Addr().String()+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Long", strings.Repeat("x", 3*maxWebHeader))
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("long headers: got %v and error %v, want 431", resp, err)
	} else {
		resp.Body.Close()
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("got error %v, want none", err)
	}
}
