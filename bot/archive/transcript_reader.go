package archive

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// Anchor is the permalink of an answer within its chat's pages: index.html#a-0123456789abcdef. It depends only on
// where the answer was posted, so it never changes. A question's permalink is its section: index.html#q1.
func Anchor(workspace, room, message string) string {
	return "a-" + digest(workspace, room, message)
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// errChanged means that two passes over the transcript differed, so that numbers and answers would not agree.
var errChanged = errors.New("its answers changed between two readings: read them from one snapshot")

// A transcriptReader reads a transcript several times, and notices when two passes differ.
type transcriptReader struct {
	t          questions.Transcript
	keepFiles  func(context.Context, questions.Answer) error // takes the files of each answer, once; nil for nothing
	fromRecord bool                                          // accounts and addresses of files are digests already: the transcript was read from a record
	seed       maphash.Seed
	firstPass  fingerprint
	passes     int
}

// A fingerprint is the same for the same answers in any order.
type fingerprint struct {
	answers int
	sum     uint64
}

// each calls f with each answer. A withdrawn answer has no text and no name, whatever the store still has.
func (r *transcriptReader) each(ctx context.Context, order questions.Order, f func(questions.Answer) error) error {
	if r.passes == 0 {
		r.seed = maphash.MakeSeed()
	}
	var seen fingerprint
	var h maphash.Hash
	h.SetSeed(r.seed)
	for a, err := range r.t.Answers(ctx, order) {
		if err != nil {
			return fmt.Errorf("read the answers: %w", err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		h.Reset()
		hashAnswer(&h, a)
		seen.answers, seen.sum = seen.answers+1, seen.sum+h.Sum64()
		if r.passes == 0 && r.keepFiles != nil && len(a.Files) > 0 {
			if err := r.keepFiles(ctx, a); err != nil {
				return err
			}
		}
		if err := f(r.normalise(a)); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.passes++; r.passes == 1 {
		r.firstPass = seen
	}
	if seen != r.firstPass {
		return errChanged
	}
	return nil
}

// hashAnswer hashes everything that may change about an answer.
func hashAnswer(h *maphash.Hash, a questions.Answer) {
	maphash.WriteComparable(h, [2]questions.AnswerID{a.ID(), a.ReplyTo})
	maphash.WriteComparable(h, [6]string{a.RoomName, a.Author, a.AuthorID, string(a.Section), string(a.MatchedBy), a.Text})
	maphash.WriteComparable(h, [2]int64{a.At.UnixNano(), a.Edited.UnixNano()})
	maphash.WriteComparable(h, [3]bool{a.Newcomer, a.Late, a.Withdrawn})
	for _, f := range a.Files {
		maphash.WriteComparable(h, f)
	}
	for _, r := range a.Reactions {
		maphash.WriteComparable(h, r)
	}
}

// normalise is an answer as the archive may show it: a withdrawn one without text and name, digests in place of
// accounts and addresses of files, and every text valid, so that the record holds everything the pages were made from.
func (r *transcriptReader) normalise(a questions.Answer) questions.Answer {
	id := validID(a.ID())
	s := questions.Answer{
		Workspace: id.Workspace, Room: id.Room, Message: id.Message, RoomName: cleanText(a.RoomName),
		Section: questions.Section(cleanText(string(a.Section))), At: a.At, Late: a.Late, Withdrawn: a.Withdrawn,
	}
	if a.Withdrawn {
		return s
	}
	s.Author, s.AuthorID, s.Newcomer, s.ReplyTo = cleanText(a.Author), a.AuthorID, a.Newcomer, validID(a.ReplyTo)
	s.MatchedBy, s.Text, s.Edited = questions.MatchedBy(cleanText(string(a.MatchedBy))), cleanText(a.Text), a.Edited
	for _, f := range a.Files {
		s.Files = append(s.Files, questions.File{Name: cleanText(f.Name), Type: cleanText(f.Type), Size: f.Size, URL: f.URL})
	}
	if !r.fromRecord {
		s.AuthorID = "p-" + digest(a.Workspace, a.AuthorID)
		for i, f := range a.Files {
			s.Files[i].URL = fileDigest(f)
		}
	}
	for _, reaction := range a.Reactions {
		s.Reactions = append(s.Reactions, questions.Reaction{Emoji: cleanText(reaction.Emoji), Count: reaction.Count})
	}
	slices.SortFunc(s.Reactions, func(x, y questions.Reaction) int {
		return cmp.Or(y.Count-x.Count, strings.Compare(x.Emoji, y.Emoji))
	})
	return s
}

func validID(id questions.AnswerID) questions.AnswerID {
	return questions.AnswerID{Workspace: cleanText(id.Workspace), Room: cleanText(id.Room), Message: cleanText(id.Message)}
}

// normaliseTranscript makes texts valid, and gives times a zone that a record can name.
func normaliseTranscript(t questions.Transcript) questions.Transcript {
	c := &t.Chat
	for _, s := range []*string{&c.Title, &c.Hashtag, &c.Leader, &c.ArchiveNote, &c.Licence, &c.DOI, &c.Introduction} {
		*s = cleanText(*s)
	}
	if zone := c.Starts.Location().String(); zone == "Local" {
		c.Starts = c.Starts.UTC()
	} else if _, err := time.LoadLocation(zone); err != nil {
		c.Starts = c.Starts.UTC()
	}
	c.Ends = c.Ends.In(c.Starts.Location())
	c.Questions = slices.Clone(c.Questions)
	for i, q := range c.Questions {
		c.Questions[i].Text = cleanText(q.Text)
		c.Questions[i].Points = slices.Clone(q.Points)
		for j, point := range q.Points {
			c.Questions[i].Points[j] = cleanText(point)
		}
	}
	t.Rooms, t.Posted, t.Gaps = slices.Clone(t.Rooms), slices.Clone(t.Posted), slices.Clone(t.Gaps)
	for i, r := range t.Rooms {
		t.Rooms[i] = questions.TranscriptRoom{Workspace: cleanText(r.Workspace), Room: cleanText(r.Room), Name: cleanText(r.Name)}
	}
	for i, s := range t.Posted {
		t.Posted[i].Step = cleanText(s.Step)
	}
	for i, g := range t.Gaps {
		t.Gaps[i].Workspace, t.Gaps[i].Room = cleanText(g.Workspace), cleanText(g.Room)
	}
	return t
}

// A sectionOrder tells which sections begin as the answers are read. Every question has its place, also without
// answers.
type sectionOrder struct {
	upcoming []questions.Section
	opened   []questions.Section
}

// startingBefore are the sections that begin before an answer of section s.
func (o *sectionOrder) startingBefore(s questions.Section) ([]questions.Section, error) {
	if n := len(o.opened); n > 0 && o.opened[n-1] == s {
		return nil, nil
	}
	if slices.Contains(o.opened, s) {
		return nil, fmt.Errorf("answers of %q are in two places", s)
	}
	begin := []questions.Section{s} // of a question that is no longer in the chat, if it isn't among those left
	if i := slices.Index(o.upcoming, s); i >= 0 {
		begin = append(questionSections(o.upcoming[:i]), s)
		o.upcoming = o.upcoming[i+1:]
	}
	o.opened = append(o.opened, begin...)
	return begin, nil
}

// remaining are the sections that begin after the last answer.
func (o *sectionOrder) remaining() []questions.Section { return questionSections(o.upcoming) }

func questionSections(sections []questions.Section) []questions.Section {
	var all []questions.Section
	for _, s := range sections {
		if s.QuestionNumber() > 0 {
			all = append(all, s)
		}
	}
	return all
}
