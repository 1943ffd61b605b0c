package archive

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

func TestEscapeInvisible(t *testing.T) {
	for _, s := range []string{"plain", "zwj 👩\u200d💻", "\u202eleft", "\ufeff", "tag \U000E0061", "é ☃ 𝕏", "", "\\u202e"} {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		got := escapeInvisible(b)
		if bytes.ContainsAny(got, "\u200d\u202e\ufeff\U000E0061") {
			t.Errorf("%+q: got %+q, want escapes", s, got)
		}
		var back string
		if err := json.Unmarshal(got, &back); err != nil || back != s {
			t.Errorf("got %+q, %v, want %+q back", back, err, s)
		}
	}
}

func TestLicence(t *testing.T) {
	for id, want := range map[string][2]string{
		"CC-BY-4.0":       {"Creative Commons Attribution 4.0 International (CC-BY-4.0)", "https://creativecommons.org/licenses/by/4.0/"},
		"CC-BY-NC-SA-4.0": {"Creative Commons Attribution Non Commercial Share Alike 4.0 International (CC-BY-NC-SA-4.0)", "https://creativecommons.org/licenses/by-nc-sa/4.0/"},
		"CC0-1.0":         {"Creative Commons Zero 1.0 Universal (CC0-1.0)", "https://creativecommons.org/publicdomain/zero/1.0/"},
		"OGL-UK-3.0":      {"OGL-UK-3.0", "https://spdx.org/licenses/OGL-UK-3.0.html"},
		"ask us":          {"ask us", ""},
		"":                {"", ""},
	} {
		if name, address := licence(id); name != want[0] || address != want[1] {
			t.Errorf("%s: got %q at %q, want %q at %q", id, name, address, want[0], want[1])
		}
	}
}

func viewOf(t *testing.T, tr questions.Transcript, o Options) *chatView {
	t.Helper()
	view, err := newChatView(tr, newChatStats(tr), newPagination(nil, false), &attachments{}, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	return view
}

func shortChat(t *testing.T) questions.Transcript {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	starts := time.Date(2026, 3, 29, 0, 30, 0, 0, zone)
	return questions.Transcript{
		Chat:  questions.Chat{Slug: "short", Title: "A chat.", Starts: starts, Ends: starts.Add(time.Hour)},
		Rooms: []questions.TranscriptRoom{{Workspace: "nhs", Room: "C1", Name: "#ukmedlibs"}},
	}
}

func TestCitation(t *testing.T) {
	tr := shortChat(t)
	for _, test := range []struct {
		hashtag, leader, doi, url, want string
	}{
		{"", "", "", "", "Participants of the chat. (29 March 2026). A chat [transcript of a chat]."},
		{"#x", "Holly Case", "", "https://example.org/chats/", "#x. (29 March 2026). A chat [transcript of a chat led by Holly Case]. https://example.org/chats/short/"},
		{"#x", "", "10.5281/zenodo.1", "https://example.org", "#x. (29 March 2026). A chat [transcript of a chat]. https://doi.org/10.5281/zenodo.1"},
	} {
		tr.Chat.Hashtag, tr.Chat.Leader, tr.Chat.DOI = test.hashtag, test.leader, test.doi
		if got := viewOf(t, tr, Options{URL: test.url}).Citation; got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestCompletenessGaps(t *testing.T) {
	tr := shortChat(t)
	has := func(view *chatView, want string) bool {
		return strings.Contains(strings.Join(view.MethodNotes, "\n"), want)
	}
	if view := viewOf(t, tr, Options{}); !has(view, "No gap is known") {
		t.Errorf("got %q, want that no gap is known", view.MethodNotes)
	}
	// The clocks go forward within the chat.
	tr.Gaps = []questions.Gap{
		{Workspace: "nhs", Room: "C1", From: tr.Chat.Starts.Add(20 * time.Minute), To: tr.Chat.Starts.Add(40 * time.Minute), Filled: true},
		{Workspace: "nhs", Room: "C2", From: tr.Chat.Starts, To: tr.Chat.Ends},
	}
	view := viewOf(t, tr, Options{})
	for _, want := range []string{
		"Gap: from 29 March 2026, 00:50 GMT to 29 March 2026, 02:10 BST catchword received nothing from #ukmedlibs in nhs. The messages were read later",
		"catchword received nothing from a room in nhs. Messages from that time may be missing.",
	} {
		if !has(view, want) {
			t.Errorf("got %q, want %q", view.MethodNotes, want)
		}
	}
	if has(view, "No gap is known") {
		t.Errorf("got that no gap is known beside two")
	}
}

func TestCompletenessMissing(t *testing.T) {
	tr := shortChat(t)
	view := viewOf(t, tr, Options{})
	if got := strings.Join(view.MethodNotes, "\n"); !strings.Contains(got, "As far as is known, every message in these rooms could be decrypted.") || !strings.Contains(got, "Left out: nothing.") {
		t.Errorf("got %q, want that nothing is missing", got)
	}
	tr.Undecrypted, tr.OptedOut = 3, 1
	tr.Gaps = []questions.Gap{
		{Workspace: "nhs", Room: "C1", From: tr.Chat.Starts, To: tr.Chat.Starts.Add(time.Minute), Filled: true},
		{Workspace: "nhs", Room: "C1", From: tr.Chat.Starts.Add(20 * time.Minute), To: tr.Chat.Starts.Add(40 * time.Minute)},
		{Workspace: "nhs", Room: "C2", From: tr.Chat.Starts.Add(20 * time.Minute), To: tr.Chat.Starts.Add(25 * time.Minute)},
	}
	got := strings.Join(viewOf(t, tr, Options{}).MethodNotes, "\n")
	for _, want := range []string{
		"In total, 25 min of one room or another is missing",
		"3 messages in these rooms could not be decrypted",
		"Left out: everything from 1 person in these workspaces who asked not to be recorded.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// FuzzReadRecord: whatever a record says, reading it ends, and all that it reads can be written and read again.
func FuzzReadRecord(f *testing.F) {
	for _, name := range []string{"testdata/2026-12-15-festive-chat/chat.json", "testdata/2015-08-18-health-and-public-libraries/chat.json"} {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"answers":[{},[],1,"x",null],"version":1,"chat":{"zone":"UTC"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := readRecord(bytes.NewReader(b))
		if err != nil {
			return
		}
		for _, order := range []questions.Order{questions.OrderByTime, questions.OrderBySection} {
			read := 0
			for _, err := range r.transcript.Answers(t.Context(), order) {
				if err != nil {
					break
				}
				read++
			}
			if read > len(r.answers) {
				t.Errorf("got %d answers of %d", read, len(r.answers))
			}
		}
		normaliseTranscript(r.transcript)
	})
}
