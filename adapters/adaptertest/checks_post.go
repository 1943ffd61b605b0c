package adaptertest

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"github.com/ukmedlibs/catchword/adapters"
)

// roundTripTexts is the CommonMark that every platform can show, or show an equal of.
var roundTripTexts = []string{
	"Plain words.",
	"*Emphasis*, **strength** and ***both***.",
	"Em*pha*sis and st**reng**th inside of words.",
	"`code`, and `co*de*` with stars, and ``a ` tick``.",
	"[A link](https://example.org/a?b=c&d=e_f_g#h), <https://example.org/x_y_z> and **[a strong one](https://example.org)**.",
	"> A quote\\\n> of two lines\n\nand an answer.",
	"- one\n- *two*\n- `three`",
	"1. one\n2. two\n3. three",
	"Points:\n\n- one\n- two\n\nand on.",
	"```\nif a < b && *c {\n\treturn `d`\n}\n```",
	"First line\\\nsecond line.",
	"First paragraph.\n\nSecond paragraph.",
	"Emoji 👍 😀 ❤️ 🎉.",
	"Unicode: Zoë, naïve, 图书馆, مكتبة, библиотека, “quotes” – dashes…",
	"a < b & c > d, &amp;lt; and AT&T",
	"\\*no emphasis\\*, \\_none\\_, \\`no code\\`, \\[no\\](link), \\~no\\~.",
	"snake_case_name, 2 * 3 * 4, 5 > 4 and ~10",
	"1\\. no list",
	"\\- no list",
	"\\# no heading",
	"\\> no quote",
	"\\<b>no tag\\</b>",
	"#ukmedlibs A1: yes, 50% of them: see p.3; ok?",
	":not_an_emoji: and 10:30:45",
}

func checkRoundTrip(s *fixture) {
	s.startRun(nil)
	for _, text := range roundTripTexts {
		id := s.post(adapters.Post{Text: text})
		s.waitVisible(id)
		got := s.waitMessage(s.Person.Repost(s.TB, id)).Text
		if g, w := renderHTML(s, got), renderHTML(s, text); g != w {
			s.Errorf("posted %q and received %q, which renders as\n%s\nwant\n%s", text, got, g, w)
		}
	}
}

var (
	markdown = goldmark.New(goldmark.WithExtensions(extension.Linkify))
	// collapsibleSpace is white space that HTML doesn't show.
	collapsibleSpace = regexp.MustCompile(`(?:<pre>(?s:.*?)</pre>)|\s+`)
)

// renderHTML makes two spellings of the same text equal.
func renderHTML(s *fixture, text string) string {
	var html strings.Builder
	if err := markdown.Convert([]byte(text), &html); err != nil {
		s.Fatal(err)
	}
	return strings.TrimSpace(collapsibleSpace.ReplaceAllStringFunc(html.String(), func(m string) string {
		if strings.HasPrefix(m, "<pre>") {
			return m
		}
		return " "
	}))
}

// checkLease refuses leave to ever later moments of a post, until one comes after it was said.
func checkLease(s *fixture) {
	for granted := int64(0); ; granted++ {
		p := adapters.Post{Key: unique(), Room: s.room.ID, Text: "with leave " + unique()}
		var asked atomic.Int64
		id, err := s.adapter.Post(adapters.WithLeaseCheck(s.Context(), func() error {
			if asked.Add(1) > granted {
				return errors.New("no leave")
			}
			return nil
		}), p)
		if err == nil && granted > 0 {
			s.waitVisible(id)
			return
		}
		if _, passing := errors.AsType[*adapters.RetryError](err); !passing {
			s.Errorf("Post, refused leave when it asked %d times: got %q, %v, want a RetryError", asked.Load(), id, err)
		}
		if got := s.visibleContaining(p.Text); len(got) > 0 {
			s.Errorf("Post, refused leave when it asked %d times: people see %+v, want nothing", asked.Load(), got)
		}
		if s.Failed() {
			return
		}
		p.Retry = true
		if id, err = s.postUntilSettled(p); err != nil {
			s.Fatalf("Post, with leave the second time: %v", err)
		}
		s.waitVisible(id)
	}
}

func checkTimeTag(s *fixture) {
	id := s.post(adapters.Post{Text: `It begins <time datetime="2026-12-15T20:00:00Z">Tuesday 15 December, 20:00 GMT</time>, not ` + "`<time>`" + `.`})
	got := s.waitVisible(id).Text
	if strings.Contains(got, "<time datetime") || strings.Contains(got, "</time>") {
		s.Errorf("an instant: got %q, want no tags", got)
	}
	if !strings.Contains(got, "20:00 GMT") || !strings.Contains(got, "Tuesday 15 December") {
		s.Errorf("an instant: got %q, want its words", got)
	}
}

func checkMassMentions(s *fixture) {
	editor, edits := s.adapter.(adapters.Editor)
	for _, mention := range []string{
		"@here", "@channel", "@everyone", "@room", "@Everyone", "**@room**", "`@here`", "\\@here", "@here.", "(@channel)", "&#64;room",
		"<!here>", "<!channel|channel>", "<!everyone>", "<!subteam^S0123|librarians>", "&lt;!here&gt;", "[@room](https://example.org)",
	} {
		word := unique()
		p := adapters.Post{Room: s.room.ID, Key: unique(), Text: word + " " + mention + " look", As: adapters.Persona{Name: "Amy " + mention, Workspace: "nhs"}}
		id := s.post(p)
		if got := s.waitVisible(id); got.NotifiesAll {
			s.Errorf("post of %q: got %+v, which calls everybody", p.Text, got)
		}
		if !edits {
			continue
		}
		p.Text += " again"
		if err := editor.Edit(s.Context(), id, p); errors.Is(err, errors.ErrUnsupported) {
			edits = false
			continue
		} else if err != nil {
			s.Errorf("Edit: %v", err)
		}
		s.eventually("the edit is seen", func() bool { return strings.Contains(s.waitVisible(id).Text, "again") })
		if got := s.waitVisible(id); got.NotifiesAll {
			s.Errorf("edit to %q: got %+v, which calls everybody", p.Text, got)
		}
	}
}

func checkPersona(s *fixture) {
	as := adapters.Persona{Name: "Zoë Quill", Workspace: "nhs"}
	root := s.post(adapters.Post{Text: "root " + unique()})
	for _, thread := range []adapters.MessageID{"", root} {
		words := "words of hers " + unique()
		got := s.waitVisible(s.post(adapters.Post{Thread: thread, As: as, Text: words}))
		line, text := strings.Index(got.Text, as.Byline()), strings.Index(got.Text, words)
		byName := strings.Contains(got.Name, as.Name)
		if byLine := line >= 0 && line < text; !byName && !byLine || text < 0 {
			s.Errorf("a post as %+v: got %+v, want its name, or %q before the text", as, got, as.Byline())
		}
	}
	if got := s.waitVisible(root); strings.Contains(got.Name, as.Name) || strings.Contains(got.Text, as.Name) {
		s.Errorf("a post as nobody: got %+v, want nothing of %q", got, as.Name)
	}
}

func checkEditor(s *fixture) {
	e, ok := s.adapter.(adapters.Editor)
	if !ok {
		s.Skip("the adapter has not the ability: Editor")
	}
	root := s.post(adapters.Post{Text: "root " + unique()})
	p := adapters.Post{Room: s.room.ID, Key: unique(), Thread: root, As: adapters.Persona{Name: "Zoë Quill", Workspace: "nhs"}, Text: "first " + unique()}
	id := s.post(p)
	before := p.Text
	p.Text = "second " + unique()
	for range 2 {
		if err := e.Edit(s.Context(), id, p); errors.Is(err, errors.ErrUnsupported) {
			s.Skip("the adapter has not the permission: Editor")
		} else if err != nil {
			s.Fatalf("Edit: %v", err)
		}
	}
	s.eventually("the edit is seen", func() bool { return strings.Contains(s.waitVisible(id).Text, p.Text) })
	got := s.waitVisible(id)
	if got.Thread != root || !strings.Contains(got.Name+got.Text, p.As.Name) {
		s.Errorf("after an edit: got %+v, want its thread %s and its persona %q kept", got, root, p.As.Name)
	}
	if old := s.visibleContaining(before); len(old) != 0 {
		s.Errorf("after an edit: got %+v, want its first text gone", old)
	}
	if all := s.visibleContaining(p.Text); len(all) != 1 {
		s.Errorf("after an edit: got %+v, want one message", all)
	}
}

func checkDeleter(s *fixture) {
	d, ok := s.adapter.(adapters.Deleter)
	if !ok {
		s.Skip("the adapter has not the ability: Deleter")
	}
	words := "said too soon " + unique()
	id := s.post(adapters.Post{Text: words})
	s.waitVisible(id)
	for range 2 {
		if err := d.Delete(s.Context(), adapters.Ref{Room: s.room.ID, ID: id}); errors.Is(err, errors.ErrUnsupported) {
			s.Skip("the adapter has not the permission: Deleter")
		} else if err != nil {
			s.Fatalf("Delete: %v", err)
		}
	}
	s.eventually("the message is gone", func() bool {
		return len(s.visible(func(m VisibleMessage) bool { return strings.Contains(m.Text, words) })) == 0
	})
}

func checkReactor(s *fixture) {
	r, ok := s.adapter.(adapters.Reactor)
	if !ok {
		s.Skip("the adapter has not the ability: Reactor")
	}
	s.startRun(nil)
	id := s.Person.Send(s.TB, "", "a good answer "+unique())
	s.waitMessage(id)
	for _, on := range []bool{true, false} {
		for range 2 {
			if err := r.React(s.Context(), adapters.Ref{Room: s.room.ID, ID: id}, "👍", on); errors.Is(err, errors.ErrUnsupported) {
				s.Skip("the adapter has not the permission: Reactor")
			} else if err != nil {
				s.Fatalf("React: %v", err)
			}
		}
		s.eventually("the reaction is seen", func() bool { return slices.Contains(s.waitVisible(id).Reactions, "👍") == on })
	}
}

func checkTimestamper(s *fixture) {
	d, ok := s.adapter.(adapters.Timestamper)
	if !ok {
		s.Skip("the adapter has not the ability: Dater")
	}
	s.startRun(nil)
	before := s.sendMarker().At
	id := s.post(adapters.Post{Text: "root " + unique()})
	s.waitVisible(id)
	after := s.sendMarker().At
	at, err := d.Timestamp(s.Context(), adapters.Ref{Room: s.room.ID, ID: id})
	if errors.Is(err, errors.ErrUnsupported) {
		s.Skip("the adapter has not the permission: Dater")
	}
	if err != nil || at.Before(before) || at.After(after) {
		s.Errorf("Date of a post between %v and %v: got %v, %v", before, after, at, err)
	}
}

func checkPermalinker(s *fixture) {
	l, ok := s.adapter.(adapters.Permalinker)
	if !ok {
		s.Skip("the adapter has not the ability: Linker")
	}
	var ids []adapters.MessageID
	for range 2 {
		ids = append(ids, s.post(adapters.Post{Text: "root " + unique()}))
	}
	s.post(adapters.Post{Thread: ids[0], Text: "a reply " + unique()})
	ids = append(ids, s.Person.Send(s.TB, "", "a question "+unique()))
	for _, id := range ids {
		s.waitVisible(id)
		link, err := l.Permalink(s.Context(), adapters.Ref{Room: s.room.ID, ID: id})
		if errors.Is(err, errors.ErrUnsupported) {
			s.Skip("the adapter has not the permission: Linker")
		}
		if err != nil || !strings.HasPrefix(link, "https://") {
			s.Fatalf("Link of %s: got %q, %v, want an address", id, link, err)
		}
		if got := s.OpenPermalink(s.TB, link); got != id {
			s.Errorf("%s leads to %q, want it to lead to %s", link, got, id)
		}
	}
}
