package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// Anchor is the permalink of an answer within its chat's pages: index.html#a-0123456789abcdef. It is made of where the
// answer was said and nothing else, so it never changes. A question's is its section: index.html#q1.
func Anchor(workspace, room, message string) string {
	return "a-" + digest(workspace, room, message)
}

// person tells people of the same name apart without publishing their accounts.
func person(a questions.Answer) string {
	return "p-" + digest(a.Workspace, a.AuthorID)
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// readings reads one transcript several times, and knows when two readings were not of the same answers.
type readings struct {
	t     questions.Transcript
	seed  maphash.Seed
	first fingerprint
	done  int
}

// A fingerprint is the same for the same answers in any order.
type fingerprint struct {
	answers int
	sum     uint64
}

// each hands the answers to f, one by one. An answer that is gone comes without words and name, whatever the store
// still has.
func (r *readings) each(ctx context.Context, order questions.Order, f func(questions.Answer) error) error {
	if r.done == 0 {
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
		fmt.Fprintf(&h, "%+v", a)
		seen.answers, seen.sum = seen.answers+1, seen.sum+h.Sum64()
		if err := f(settled(a)); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.done++; r.done == 1 {
		r.first = seen
	}
	if seen != r.first {
		return errChanged
	}
	return nil
}

// settled is an answer as the archive may show it.
func settled(a questions.Answer) questions.Answer {
	if a.Gone {
		return questions.Answer{
			Workspace: a.Workspace, Room: a.Room, Message: a.Message, RoomName: a.RoomName,
			Section: a.Section, At: a.At, Late: a.Late, Gone: true,
		}
	}
	a.Reactions = slices.Clone(a.Reactions)
	slices.SortFunc(a.Reactions, func(x, y questions.Reaction) int {
		if x.Count != y.Count {
			return y.Count - x.Count
		}
		return strings.Compare(x.Emoji, y.Emoji)
	})
	return a
}

// numbers counts a chat.
type numbers struct {
	questions.Tally
	Edited      int
	How         map[questions.How]int
	First, Last time.Time // when the first and the last answer were given, if there are any
	shown       map[questions.Section]int
}

func (n *numbers) add(a questions.Answer) error {
	n.Tally.Add(a)
	if n.How == nil {
		n.How, n.shown = map[questions.How]int{}, map[questions.Section]int{}
	}
	n.shown[a.Section]++ // also those that are gone: their place is shown
	if a.Gone {
		return nil
	}
	n.How[a.How]++
	if !a.Edited.IsZero() {
		n.Edited++
	}
	if n.First.IsZero() || a.At.Before(n.First) {
		n.First = a.At
	}
	if a.At.After(n.Last) {
		n.Last = a.At
	}
	return nil
}

// sectionOrder tells which sections begin as the answers go by: every question has its place, also without answers.
type sectionOrder struct {
	left   []questions.Section
	opened []questions.Section
}

// until is what begins before an answer of section s.
func (o *sectionOrder) until(s questions.Section) ([]questions.Section, error) {
	if n := len(o.opened); n > 0 && o.opened[n-1] == s {
		return nil, nil
	}
	if slices.Contains(o.opened, s) {
		return nil, fmt.Errorf("answers of %q stand in two places", s)
	}
	begin := []questions.Section{s} // of a question that is no longer in the chat, if it isn't among those left
	if i := slices.Index(o.left, s); i >= 0 {
		begin = append(asked(o.left[:i]), s)
		o.left = o.left[i+1:]
	}
	o.opened = append(o.opened, begin...)
	return begin, nil
}

// rest is what begins after the last answer.
func (o *sectionOrder) rest() []questions.Section { return asked(o.left) }

func asked(sections []questions.Section) []questions.Section {
	var all []questions.Section
	for _, s := range sections {
		if s.Question() > 0 {
			all = append(all, s)
		}
	}
	return all
}
