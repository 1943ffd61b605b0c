package slack_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

// tryPost posts, and returns the error.
func (h *fixture) tryPost(p adapters.Post) (string, error) {
	p.Room = h.id
	id, err := h.slack.Post(h.Context(), p)
	return string(id), err
}

// shownMessage returns a message that is visible in the room.
func (h *fixture) shownMessage(ts string) slackfake.Message {
	h.Helper()
	m, ok := h.Message(room, ts)
	if !ok || m.Deleted {
		h.Fatalf("message %s is not there", ts)
	}
	return m
}

// wantRetry checks that an error is a RetryError, and returns how long Slack asks to wait.
func (h *fixture) wantRetry(what string, err error) time.Duration {
	h.Helper()
	retry, ok := errors.AsType[*adapters.RetryError](err)
	if !ok {
		h.Fatalf("%s: got %v, want a RetryError", what, err)
	}
	h.checkNoToken(err.Error())
	return retry.After
}

func TestPost(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	root := h.post(adapters.Post{Key: "night/q1@nhs/C1", Text: "## Q1\n\nSee https://example.org & <!here> at <time datetime=\"2026-12-15T20:00:00Z\">20:00 GMT</time>"})
	m := h.shownMessage(root)
	if payload := m.Metadata["event_payload"].(map[string]any); m.Metadata["event_type"] != "catchword_post" || payload["key"] != "night/q1@nhs/C1" {
		t.Errorf("got metadata %v, want the key", m.Metadata)
	}
	if m.Blocks == "" || !strings.Contains(m.Text, "Q1") || !strings.Contains(m.Text, "<!date^1797364800^") || m.Name != "catchword" {
		t.Errorf("got %+v, want blocks, a text with all of it, and the bot's own name", m)
	}
	as := adapters.Persona{Name: "Zoë Quill", Picture: "https://example.org/zoe.png", Workspace: "shelf"}
	reply := h.shownMessage(h.post(adapters.Post{Key: "r", Thread: adapters.MessageID(root), As: as, Text: "An answer."}))
	if reply.Thread != root || reply.Name != "Zoë Quill · shelf" || reply.Icon != as.Picture || reply.Plain != "An answer." {
		t.Errorf("got %+v, want it in the thread, under her name and picture", reply)
	}
	for _, c := range h.Workspace.CallLog() {
		if c.Method != "chat.postMessage" {
			continue
		}
		_, linkNames := c.Args["link_names"]
		if c.Args["unfurl_links"] != "false" || c.Args["unfurl_media"] != "false" || c.Args["parse"] != "none" || linkNames {
			t.Errorf("got arguments %v, want no previews, and names left alone", c.Args)
		}
	}
	if pings := h.Pings(); len(pings) > 0 {
		t.Errorf("got live mentions %+v", pings)
	}
}

func TestPostWithoutCustomizeScope(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{Scopes: slackfake.AllScopesExcept("chat:write.customize")})
	m := h.shownMessage(h.post(adapters.Post{As: adapters.Persona{Name: "Zoë", Workspace: "shelf"}, Text: "An answer."}))
	if m.Name != "catchword" || m.Plain != "Zoë · shelf: An answer." {
		t.Errorf("got %+v, want her name before the text", m)
	}
}

func TestRateLimitPerRoom(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	h.AddChannel("second", false)
	second, err := h.slack.Join(t.Context(), "#second")
	if err != nil {
		t.Fatal(err)
	}
	h.Fault(func(f *slackfake.Faults) { f.LimitNext, f.RetryAfter = map[string]int{"chat.postMessage": 1}, "2" })
	began := time.Now()
	_, err = h.tryPost(adapters.Post{Key: "k", Text: "one"})
	if after := h.wantRetry("a limited post", err); after != 2*time.Second {
		t.Errorf("a limited post: got %v to wait, want the 2s that Slack asks for", after)
	}
	calls := h.CallCount("chat.postMessage")
	_, err = h.tryPost(adapters.Post{Key: "k", Text: "one"})
	if after := h.wantRetry("tried too early", err); after <= 0 || after > 2*time.Second || h.CallCount("chat.postMessage") != calls {
		t.Errorf("tried too early: got %v to wait and %d calls, want less than 2s and no call", after, h.CallCount("chat.postMessage")-calls)
	}
	if _, err := h.slack.Post(t.Context(), adapters.Post{Key: "l", Room: second.ID, Text: "two"}); err != nil {
		t.Errorf("in another room: %v", err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("got all that in %v, want nobody to wait", took)
	}
}

func TestTransientFailures(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	for what, fault := range map[string]func(*slackfake.Faults){
		"503 and HTML":         func(f *slackfake.Faults) { f.RefuseNext = 1 },
		"a lost response":      func(f *slackfake.Faults) { f.LoseResponseNext = 1 },
		"500 after it is done": func(f *slackfake.Faults) { f.BreakResponseNext = 1 },
		"an internal error":    func(f *slackfake.Faults) { f.Fail = map[string]string{"chat.postMessage": "internal_error"} },
	} {
		h.Fault(fault)
		_, err := h.tryPost(adapters.Post{Key: what, Text: what})
		after := h.wantRetry(what, err)
		h.Fault(func(f *slackfake.Faults) { *f = slackfake.Faults{} })
		time.Sleep(after)
		first, err := h.tryPost(adapters.Post{Key: what, Text: what, Retry: true})
		if err != nil {
			t.Errorf("%s: tried again: %v", what, err)
		}
		if second, err := h.tryPost(adapters.Post{Key: what, Retry: true}); err != nil || second != first {
			t.Errorf("%s: looked for: got %q, %v, want %q", what, second, err, first)
		}
	}
	if got := h.Posts(room); len(got) != 4 {
		t.Errorf("got %+v, want each post once", got)
	}
}

func TestRetryFindsOldPost(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	h.Fault(func(f *slackfake.Faults) { f.ShortPages = true })
	root := h.post(adapters.Post{Key: "root", Text: "root"})
	reply := h.post(adapters.Post{Key: "reply", Text: "reply", Thread: adapters.MessageID(root)})
	for range 50 {
		h.amy.Say(room, "talk")
		h.amy.Reply(room, root, "talk")
	}
	h.restart() // the new process doesn't know when it was first tried
	for key, want := range map[string]string{"root": root, "reply": reply} {
		p := adapters.Post{Key: key, Text: "again", Retry: true}
		if key == "reply" {
			p.Thread = adapters.MessageID(root)
		}
		if got, err := h.tryPost(p); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", key, got, err, want)
		}
	}
}

func TestReplyToDeletedMessage(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	root := h.amy.Say(room, "a question")
	h.drain()
	h.amy.Delete(room, root)
	h.drain()
	_, err := h.tryPost(adapters.Post{Key: "k", Thread: adapters.MessageID(root), Text: "an answer"})
	h.wantPermanent("an answer to what is gone", err, "gone")
	h.Fault(func(f *slackfake.Faults) { f.LoseResponseNext = 1 })
	_, err = h.tryPost(adapters.Post{Key: "l", Thread: adapters.MessageID(root), Text: "another answer"})
	time.Sleep(h.wantRetry("a lost response", err))
	_, err = h.tryPost(adapters.Post{Key: "l", Thread: adapters.MessageID(root), Text: "another answer", Retry: true})
	h.wantPermanent("an answer to what is gone, whose response was lost", err, "gone")
	if got := h.Posts(room); len(got) != 0 {
		t.Errorf("got %+v in the room, want nothing", got)
	}
	h.wantUpdates("the bot's own doings")
}

func TestLongPosts(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	long := func(word string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%s number %d. ", word, i)
		}
		return b.String()
	}
	root := h.post(adapters.Post{Key: "other", Text: "a root"})
	for _, thread := range []string{"", root} {
		p := adapters.Post{Key: "long " + thread, Room: h.id, Thread: adapters.MessageID(thread), Text: long("sentence", 600)}
		before := len(h.Posts(room))
		check := func(what, word string, n, pieces int) {
			t.Helper()
			all, text := h.Posts(room)[before:], ""
			for i, m := range all {
				want := thread
				if i > 0 && thread == "" {
					want = all[0].TS
				}
				if m.Thread != want || len([]rune(m.Text)) > 4000 {
					t.Errorf("%s: got piece %d with %d characters in thread %q, want at most 4000 in %q", what, i, len([]rune(m.Text)), m.Thread, want)
				}
				text += m.Plain + " "
			}
			if len(all) != pieces || strings.Count(text, word) != n {
				t.Errorf("%s: got %d pieces with %d of the sentences, want %d with all %d", what, len(all), strings.Count(text, word), pieces, n)
			}
		}
		// The response to the second piece is lost, and the bot starts again.
		h.Fault(func(f *slackfake.Faults) { f.LoseResponseNext = 1 })
		_, err := h.slack.Post(t.Context(), p)
		time.Sleep(h.wantRetry("a lost response", err))
		h.restart()
		p.Retry = true
		id, err := h.slack.Post(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		check("posted", "sentence", 600, 4)
		if again, err := h.slack.Post(t.Context(), p); err != nil || again != id {
			t.Errorf("posted again: got %q, %v, want %q", again, err, id)
		}
		check("posted again", "sentence", 600, 4)
		for _, edit := range []struct {
			what      string
			n, pieces int
		}{{"shortened", 250, 2}, {"made short", 1, 1}, {"lengthened", 600, 3}} {
			p.Text = long("line", edit.n)
			if err := h.slack.Edit(t.Context(), id, p); err != nil {
				t.Fatal(err)
			}
			check(edit.what, "line", edit.n, edit.pieces)
		}
		if err := h.slack.Delete(t.Context(), adapters.Ref{Room: h.id, ID: id}); err != nil {
			t.Fatal(err)
		}
		check("deleted", "line", 0, 0)
		if err := h.slack.Delete(t.Context(), adapters.Ref{Room: h.id, ID: id}); err != nil {
			t.Errorf("deleted again: %v", err)
		}
	}
}

func TestEditsReplaceBlocks(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	p := adapters.Post{Key: "k", Room: h.id, Text: "first words"}
	id := h.post(p)
	p.Text = "second words"
	if err := h.slack.Edit(t.Context(), adapters.MessageID(id), p); err != nil {
		t.Fatal(err)
	}
	if m := h.shownMessage(id); m.Plain != "second words" || strings.Contains(m.Blocks, "first") {
		t.Errorf("got %+v, want the second words alone", m)
	}
	err := h.slack.Edit(t.Context(), "1700000000.000100", p)
	h.wantPermanent("an edit of what is gone", err, "gone")
	theirs := h.amy.Say(room, "hers")
	h.wantPermanent("an edit of what is hers", h.slack.Edit(t.Context(), adapters.MessageID(theirs), p), "not the bot's own")
}

// blocksRefuser is a Slack that refuses blocks.
type blocksRefuser struct{ http.RoundTripper }

func (b blocksRefuser) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("blocks") == "" || form.Get("blocks") == "[]" {
		return b.RoundTripper.RoundTrip(r)
	}
	resp := `{"ok":false,"error":"invalid_blocks","errors":["unsupported type"],"response_metadata":{"messages":["[ERROR] unsupported type"]}}`
	return &http.Response{Status: "200 OK", StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(resp)), Request: r}, nil
}

func TestBlocksRejected(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{}, func(c *slack.Config) {
		c.HTTPClient = &http.Client{Transport: blocksRefuser{c.HTTPClient.Transport}}
	})
	p := adapters.Post{Key: "k", Room: h.id, Text: "plain *words*"}
	id := h.post(p)
	if m := h.shownMessage(id); !strings.Contains(m.Text, "plain _words_") {
		t.Errorf("got %+v, want the text alone", m)
	}
	p.Text = "other words"
	if err := h.slack.Edit(t.Context(), adapters.MessageID(id), p); err != nil {
		t.Error(err)
	}
	if m := h.shownMessage(id); m.Text != "other words" {
		t.Errorf("after an edit: got %+v, want the text alone", m)
	}
}

func TestReact(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	ts := h.amy.Say(room, "good")
	h.wantPermanent("an emoji that Slack doesn't have", h.slack.React(t.Context(), h.ref(ts), "no emoji", true), "no emoji")
	h.wantPermanent("on what is gone", h.slack.React(t.Context(), h.ref("1700000000.000100"), "👍", true), "gone")
	h.Fault(func(f *slackfake.Faults) { f.Fail = map[string]string{"reactions.add": "invalid_name"} })
	h.wantPermanent("a custom one that isn't there", h.slack.React(t.Context(), h.ref(ts), ":never_made:", true), "invalid_name")
}

func TestMissingScopes(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{Scopes: slackfake.AllScopesExcept("reactions:write")})
	ts := h.amy.Say(room, "good")
	err := h.slack.React(t.Context(), h.ref(ts), "👍", true)
	if h.wantPermanent("react", err, "reactions:write", "install"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("react: got %v, want one that says unsupported", err)
	}
	o := newTestWorkspace(t, h.server, "shelf", slackfake.WorkspaceOptions{Scopes: slackfake.AllScopesExcept("chat:write", "users:read")})
	_, err = slack.New(o.config()).Join(t.Context(), room)
	h.wantPermanent("join", err, room, "chat:write", "users:read")
}

func TestPermanentErrorsHaveRemedy(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	h.Kick(room)
	_, err := h.tryPost(adapters.Post{Key: "k", Text: "hello"})
	h.wantPermanent("removed from the room", err, room, "/invite @catchword")
	_, err = h.slack.Post(t.Context(), adapters.Post{Key: "k", Room: "C0NOWHERE", Text: "hello"})
	h.wantPermanent("no such room", err, "C0NOWHERE", "not exist")
	h.RevokeToken(h.BotToken())
	_, err = h.tryPost(adapters.Post{Key: "k", Text: "hello"})
	h.wantPermanent("revoked", err, "revoked", "install")
	c := h.config()
	c.APIURL = "http://127.0.0.1:1/" + h.BotToken()
	_, err = slack.New(c).Post(t.Context(), adapters.Post{Key: "k", Room: h.id, Text: "hello"})
	h.wantRetry("nobody there, with a token in the address", err)
}
