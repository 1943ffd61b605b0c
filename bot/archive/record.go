package archive

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ukmedlibs/catchword/questions"
)

// formatVersion is the version of chat.json. It rises when a key is removed or changes its meaning, not when one is
// added.
const formatVersion = 1

// A recordWriter writes chat.json: everything, for programs, and enough to recreate every other file of the archive.
// It has one answer per line, so that two records can be compared. answers.jsonl has the same lines alone.
type recordWriter struct {
	w, jsonl  io.Writer
	separator string
	rooms     map[questions.TranscriptRoom]string // their names
	files     *attachments
}

func newRecordWriter(d *stagingDir, view *chatView) (*recordWriter, error) {
	w, err1 := d.create("chat.json")
	jsonl, err2 := d.create("answers.jsonl")
	b, err3 := json.MarshalIndent(newRecordHead(view), "", "  ")
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	// Everything but the closing brace, because the answers are the last member.
	_, err := w.Write(append(escapeInvisible(b[:len(b)-len("\n}")]), ",\n  \"answers\": ["...))
	return &recordWriter{w: w, jsonl: jsonl, rooms: roomNames(view.transcript.Rooms), files: view.attachments}, err
}

func newRecordHead(view *chatView) recordHead {
	t, c, n := view.transcript, view.chat, view.stats
	head := recordHead{
		Version: formatVersion,
		Chat: recordChat{
			Slug: c.Slug, Title: c.Title, Hashtag: c.Hashtag,
			Starts: c.Starts.UTC(), Ends: c.Ends.UTC(), Zone: c.Starts.Location().String(), Announced: c.Announced.UTC(),
			Leader: c.Leader, Series: c.Series.String(), Archive: c.ArchiveNote, Licence: c.Licence, DOI: c.DOI,
			Introduction: c.Introduction, Questions: []recordQuestion{},
		},
		Rooms:        []recordRoom{},
		Posted:       []recordPosted{},
		Pages:        &[]recordPage{},
		Next:         view.next,
		Citation:     view.Citation,
		Completeness: newRecordCompleteness(view),
		Tally: recordTally{
			Answers: n.Answers, People: n.People, Late: n.Late, Edited: n.Edited, Reactions: n.Reactions, Gone: n.Withdrawn,
			Sections: recordCounts(n.Sections), Workspaces: recordCounts(n.Workspaces), How: map[string]int{},
		},
	}
	for _, q := range c.Questions {
		head.Chat.Questions = append(head.Chat.Questions, recordQuestion{Number: q.N, Text: q.Text, Points: q.Points})
	}
	for _, room := range t.Rooms {
		head.Rooms = append(head.Rooms, recordRoom(room))
	}
	for _, p := range view.pages.allPages() {
		if !p.From.IsZero() {
			*head.Pages = append(*head.Pages, recordPage{p.View, p.From.UTC()})
		}
	}
	for _, s := range t.Posted {
		head.Posted = append(head.Posted, recordPosted{s.Step, s.At.UTC()})
	}
	for how, count := range n.MatchedBy {
		head.Tally.How[string(how)] = count
	}
	return head
}

func recordCounts[K ~string](counts map[K]questions.Count) map[string]recordCount {
	all := map[string]recordCount{}
	for k, c := range counts {
		all[string(k)] = recordCount(c)
	}
	return all
}

// roomNames maps rooms, without their names, to their names.
func roomNames(rooms []questions.TranscriptRoom) map[questions.TranscriptRoom]string {
	names := map[questions.TranscriptRoom]string{}
	for _, r := range rooms {
		names[questions.TranscriptRoom{Workspace: r.Workspace, Room: r.Room}] = r.Name
	}
	return names
}

func (r *recordWriter) answer(a questions.Answer, _ markdownText) error {
	b, err := json.Marshal(r.entry(a))
	if err != nil {
		return err
	}
	line := string(escapeInvisible(b))
	if _, err := io.WriteString(r.w, r.separator+"\n    "+line); err != nil {
		return err
	}
	r.separator = ","
	_, err = io.WriteString(r.jsonl, line+"\n")
	return err
}

func (r *recordWriter) entry(a questions.Answer) recordAnswer {
	v := recordAnswer{
		ID: Anchor(a.Workspace, a.Room, a.Message), At: a.At.UTC(), Section: string(a.Section),
		Workspace: a.Workspace, Room: a.Room, Message: a.Message,
		Author: a.Author, Newcomer: a.Newcomer, How: string(a.MatchedBy), Text: a.Text, Late: a.Late, Gone: a.Withdrawn,
	}
	if r.rooms[questions.TranscriptRoom{Workspace: a.Workspace, Room: a.Room}] != a.RoomName {
		v.RoomName = &a.RoomName
	}
	if !a.Withdrawn {
		v.Person = a.AuthorID
	}
	if to := a.ReplyTo; to != (questions.AnswerID{}) {
		v.ReplyTo = &recordID{Anchor(to.Workspace, to.Room, to.Message), to.Workspace, to.Room, to.Message}
	}
	if !a.Edited.IsZero() {
		v.Edited = a.Edited.UTC()
	}
	for _, f := range a.Files {
		v.Files = append(v.Files, r.files.record(f))
	}
	for _, reaction := range a.Reactions {
		v.Reactions = append(v.Reactions, recordReaction(reaction))
	}
	return v
}

func (r *recordWriter) end() error {
	_, err := io.WriteString(r.w, "\n  ]\n}\n")
	return err
}

// escapeInvisible escapes every character of JSON that is invisible or changes the direction of text, so that what
// people see in an editor is what is there. The JSON means the same.
func escapeInvisible(b []byte) []byte {
	for i, c := range b {
		if c >= utf8.RuneSelf {
			return appendEscapedInvisible(append(make([]byte, 0, len(b)+16), b[:i]...), b[i:])
		}
	}
	return b
}

func appendEscapedInvisible(out, b []byte) []byte {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if size > 1 && unicode.Is(unicode.Cf, r) {
			if high, low := utf16.EncodeRune(r); high != unicode.ReplacementChar {
				out = appendUnicodeEscape(appendUnicodeEscape(out, high), low)
			} else {
				out = appendUnicodeEscape(out, r)
			}
		} else {
			out = append(out, b[:size]...)
		}
		b = b[size:]
	}
	return out
}

func appendUnicodeEscape(out []byte, unit rune) []byte {
	hex := strconv.FormatInt(int64(unit)|1<<16, 16)
	return append(append(out, `\u`...), hex[1:]...)
}
