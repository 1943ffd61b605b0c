package adaptertest

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.uber.org/goleak"

	"github.com/ukmedlibs/catchword/adapters"
)

var checks = []check{
	{"Join may be repeated", checkJoinRepeats},
	{"Join of an unknown room fails", checkJoinUnknown},
	{"own posts are never received", checkOwnPosts},
	{"a thread's root is the ID of its post", checkThreadRoot},
	{"a person's message can be replied to", checkPersonsThread},
	{"the same key twice is one message", checkSameKey},
	{"the same key is one message across a restart", checkSameKeyRestart},
	{"the same key is one message after a lost response", checkLostResponse},
	{"Retry without an earlier attempt posts", checkRetryWithoutPost},
	{"Retry without text posts nothing", checkRetryWithoutText},
	{"nothing is posted without the lease", checkLease},
	{"eight posts at once are eight messages", checkConcurrentPosts},
	{"an unknown room can't be posted to", checkUnknownRoom},
	{"messages are received as they were sent", checkMessages},
	{"edits are received", checkEdits},
	{"deletions are received", checkDeletions},
	{"reactions are received", checkReactions},
	{"what a sink refused comes again", checkRefused},
	{"what a sink refused comes again after a restart", checkRefusedRestart},
	{"what happened meanwhile is received later", checkWhileStopped},
	{"mentions of the bot in the room are found", checkMentionsOfBot},
	{"commands are received", checkSlashCommand},
	{"a direct message to the bot is a command", checkDM},
	{"a command that a sink refused comes again", checkDMRefused},
	{"new members are received", checkMemberJoined},
	{"text survives the round trip", checkRoundTrip},
	{"an instant shows its words", checkTimeTag},
	{"mass mentions never notify", checkMassMentions},
	{"a persona shows its name", checkPersona},
	{"Editor", checkEditor},
	{"Deleter", checkDeleter},
	{"Reactor", checkReactor},
	{"Timestamper", checkTimestamper},
	{"Permalinker", checkPermalinker},
	{"EphemeralPoster", checkEphemeral},
	{"EphemeralPoster, in private", checkEphemeralDM},
	{"buttons give commands", checkButtons},
	{"a long ephemeral message keeps its words and buttons", checkLongEphemeral},
	{"Downloader", checkDownloader},
	{"Run ends soon and leaves no goroutine", checkRunEnds},
	{"Run ends while a sink refuses", checkRunEndsRefusing},
}

func checkJoinRepeats(s *fixture) {
	for _, name := range []string{s.Room, string(s.room.ID)} {
		got, err := s.adapter.Join(s.Context(), name)
		if err != nil || got != s.room {
			s.Errorf("Join(%q) after Join(%q): got %+v, %v, want %+v again", name, s.Room, got, err, s.room)
		}
	}
	if s.room.ID == "" || s.room.Name == "" || strings.ContainsAny(string(s.room.ID), " \t\n") {
		s.Errorf("room: got %+v, want a name, and an ID without spaces", s.room)
	}
}

func checkJoinUnknown(s *fixture) {
	const name = "#no-such-room-anywhere"
	_, err := s.adapter.Join(s.Context(), name)
	if err == nil || !strings.Contains(err.Error(), name) {
		s.Errorf("Join(%q): got error %v, want one that names the room", name, err)
	}
	if _, retry := errors.AsType[*adapters.RetryError](err); retry {
		s.Errorf("Join(%q): got a RetryError (%v), want one that doesn't promise to pass", name, err)
	}
}

func checkOwnPosts(s *fixture) {
	s.startRun(nil)
	root := s.post(adapters.Post{Text: "own " + unique()})
	own := map[adapters.MessageID]bool{
		root: true,
		s.post(adapters.Post{Thread: root, Text: "own reply " + unique()}):                                                                   true,
		s.post(adapters.Post{Thread: root, Text: "for somebody " + unique(), As: adapters.Persona{Name: s.Person.Name(), Workspace: "nhs"}}): true,
	}
	if e, ok := s.adapter.(adapters.Editor); ok {
		err := e.Edit(s.Context(), root, adapters.Post{Room: s.room.ID, Text: "own, edited " + unique()})
		if err != nil && !errors.Is(err, errors.ErrUnsupported) {
			s.Errorf("Edit: %v", err)
		}
	}
	s.sendMarker()
	s.sendMarker()
	if m, ok := find(s.sink, func(m *adapters.Message) bool { return own[m.ID] || strings.Contains(m.Text, "own") }); ok {
		s.Errorf("received the adapter's own post as %+v, want it never received", m)
	}
}

func checkThreadRoot(s *fixture) {
	s.startRun(nil)
	root := s.post(adapters.Post{Text: "Q1 " + unique()})
	reply := s.post(adapters.Post{Thread: root, Text: "a reply " + unique()})
	if got := s.waitVisible(reply); got.Thread != root || !got.FromBot {
		s.Errorf("reply to %s: got %+v, want it seen in that thread, said by the adapter", root, got)
	}
	if got := s.waitVisible(root); got.Thread != "" {
		s.Errorf("root %s: got thread %q, want it at the top level", root, got.Thread)
	}
	if got := s.waitMessage(s.Person.Send(s.TB, root, "an answer "+unique())); got.Thread != root {
		s.Errorf("an answer under %s: got thread %q, want that", root, got.Thread)
	}
}

func checkPersonsThread(s *fixture) {
	s.startRun(nil)
	root := s.Person.Send(s.TB, "", "a question "+unique())
	s.waitMessage(root)
	reply := s.post(adapters.Post{Thread: root, Text: "an answer " + unique()})
	if got := s.waitVisible(reply); got.Thread != root {
		s.Errorf("reply to %s: got thread %q, want that", root, got.Thread)
	}
}

func checkSameKey(s *fixture) {
	root := s.post(adapters.Post{Text: "root " + unique()})
	for _, thread := range []adapters.MessageID{"", root} {
		s.postTwice(thread, func() {})
	}
}

func checkSameKeyRestart(s *fixture) {
	if !s.Restartable {
		s.Skip("the harness has no restart")
	}
	root := s.post(adapters.Post{Text: "root " + unique()})
	for _, thread := range []adapters.MessageID{"", root} {
		s.postTwice(thread, s.restart)
	}
}

// postTwice posts twice with one key.
func (s *fixture) postTwice(thread adapters.MessageID, between func()) {
	s.Helper()
	word := unique()
	p := adapters.Post{Key: unique(), Thread: thread, Text: "once " + word}
	first := s.post(p)
	between()
	p.Retry, p.Text = true, "twice "+word
	if again := s.post(p); again != first {
		s.Errorf("the same key again: got ID %s, want %s", again, first)
	}
	if got := s.visibleContaining(word); len(got) != 1 || !strings.Contains(got[0].Text, "once") {
		s.Errorf("the same key again: got %+v, want one message with its first text", got)
	}
}

func checkLostResponse(s *fixture) {
	if s.LoseResponse == nil {
		s.Skip("the harness can't lose a response")
	}
	root := s.post(adapters.Post{Text: "root " + unique()})
	for _, thread := range []adapters.MessageID{"", root} {
		word := unique()
		p := adapters.Post{Key: unique(), Room: s.room.ID, Thread: thread, Text: "lost " + word}
		s.LoseResponse(s.TB)
		id, err := s.adapter.Post(s.Context(), p)
		if _, ok := errors.AsType[*adapters.RetryError](err); !ok {
			s.Errorf("Post with a lost response: got %q, %v, want a RetryError", id, err)
		}
		p.Retry = true
		id = s.post(p)
		if got := s.visibleContaining(word); len(got) != 1 || got[0].ID != id {
			s.Errorf("posted again as %s: got %+v, want that message alone", id, got)
		}
	}
}

func checkRetryWithoutPost(s *fixture) {
	word := unique()
	id := s.post(adapters.Post{Retry: true, Text: "at last " + word})
	s.waitVisible(id)
	if got := s.visibleContaining(word); len(got) != 1 {
		s.Errorf("Again without an earlier try: got %+v, want one message", got)
	}
}

func checkRetryWithoutText(s *fixture) {
	p := adapters.Post{Key: unique(), Room: s.room.ID, Retry: true}
	before := len(s.visible(func(m VisibleMessage) bool { return m.FromBot }))
	if id, err := s.postUntilSettled(p); id != "" || err != nil {
		s.Errorf("Again without text and earlier try: got %q, %v, want neither", id, err)
	}
	s.visibleContaining("")
	if after := len(s.visible(func(m VisibleMessage) bool { return m.FromBot })); after != before {
		s.Errorf("Again without text: got %d messages of the adapter, want %d as before", after, before)
	}
	said := s.post(adapters.Post{Key: p.Key, Text: "said " + unique()})
	if id, err := s.postUntilSettled(p); id != said || err != nil {
		s.Errorf("Again without text, after an earlier try: got %q, %v, want %q", id, err, said)
	}
}

func checkConcurrentPosts(s *fixture) {
	type result struct {
		id  adapters.MessageID
		err error
	}
	const n = 8
	word, results := unique(), make(chan result, n)
	for range n {
		go func() {
			id, err := s.adapter.Post(s.Context(), adapters.Post{Key: unique(), Room: s.room.ID, Text: "one of eight " + word})
			results <- result{id, err}
		}()
	}
	ids := map[adapters.MessageID]bool{}
	for range n {
		r := <-results
		if r.err != nil {
			s.Errorf("Post among others: %v", r.err)
		}
		ids[r.id] = true
	}
	if len(ids) != n || ids[""] {
		s.Errorf("%d posts at once: got IDs %v, want as many", n, ids)
	}
	for id := range ids {
		s.waitVisible(id)
	}
	if got := s.visibleContaining(word); len(got) != n {
		s.Errorf("%d posts at once: got %d messages, want as many", n, len(got))
	}
}

func checkUnknownRoom(s *fixture) {
	id, err := s.adapter.Post(s.Context(), adapters.Post{Key: unique(), Room: "no-such-room", Text: "hello"})
	if err == nil {
		s.Errorf("Post to an unknown room: got %q, want an error", id)
	}
	if _, retry := errors.AsType[*adapters.RetryError](err); retry {
		s.Errorf("Post to an unknown room: got a RetryError (%v), want one that doesn't promise to pass", err)
	}
}

func checkRunEnds(s *fixture) {
	before := goleak.IgnoreCurrent()
	s.restart()
	s.startRun(nil)
	s.sendMarker()
	s.noGoroutineLeft(before)
}

func checkRunEndsRefusing(s *fixture) {
	before := goleak.IgnoreCurrent()
	s.restart()
	refused := make(chan struct{}, 1)
	s.startRun(func(adapters.Update) error {
		select {
		case refused <- struct{}{}:
		default:
		}
		return errors.New("the disk is full")
	})
	s.Person.Send(s.TB, "", "not stored "+unique())
	select {
	case <-refused:
	case <-time.After(s.Timeout):
		s.Fatalf("the sink was not called within %v", s.Timeout)
	}
	s.noGoroutineLeft(before)
}

func (s *fixture) noGoroutineLeft(before goleak.Option) {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), s.Timeout)
	defer cancel()
	s.stopRun()
	if ctx.Err() != nil {
		return // stop has told
	}
	if s.CloseIdle != nil {
		s.CloseIdle()
	}
	if err := goleak.Find(before); err != nil {
		s.Errorf("after Run has returned: %v", err)
	}
}
