package archive

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// summaryName is the file by which the index of all chats knows a chat, so that it need not read its answers.
const summaryName = "summary.json"

// A summary is what summary.json holds; FORMAT.md explains each key.
type summary struct {
	Version   int       `json:"version"`
	Title     string    `json:"title"`
	Hashtag   string    `json:"hashtag,omitempty"`
	Leader    string    `json:"leader,omitempty"`
	Starts    time.Time `json:"starts"`
	Ends      time.Time `json:"ends"`
	Zone      string    `json:"zone"`
	Words     string    `json:"words,omitempty"` // of the introduction
	Answers   int       `json:"answers"`
	People    int       `json:"people"`
	Reactions int       `json:"reactions"`
	Changed   time.Time `json:"changed"` // when the last answer was given or edited
	Persons   []string  `json:"persons,omitempty"`

	Slug string `json:"-"` // the folder's name
}

// maxSummary is how many characters of an introduction a summary has.
const maxSummary = 400

func writeSummary(d *folder, l *look) error {
	c := l.chat
	s := summary{
		Version: formatVersion, Title: l.Title, Hashtag: l.Hashtag, Leader: l.Leader,
		Starts: c.Starts.UTC(), Ends: c.Ends.UTC(), Zone: c.Starts.Location().String(),
		Words:   shortened(parse(c.Introduction).Words(), maxSummary),
		Answers: l.n.Answers, People: l.n.People, Reactions: l.n.Reactions, Changed: l.f.changed(c).UTC(),
		Persons: l.f.persons(),
	}
	f, err := d.create(summaryName)
	if err != nil {
		return err
	}
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(b, '\n')); err != nil {
		return err
	}
	return d.finish(f)
}

// readSummary reads the summary of one chat, with its people only if they are asked for: thousands of chats have many.
func readSummary(root *os.Root, slug string, people bool) (s summary, err error) {
	f, err := root.Open(slug + "/" + summaryName)
	if err != nil {
		return s, err
	}
	defer f.Close()
	if err := json.NewDecoder(f).Decode(&s); err != nil {
		return s, fmt.Errorf("read %s/%s: %w", slug, summaryName, err)
	}
	if !people {
		s.Persons = nil
	}
	s.Slug = slug
	if zone, err := time.LoadLocation(s.Zone); err == nil { // else it stays UTC, and says so
		s.Starts, s.Ends = s.Starts.In(zone), s.Ends.In(zone)
	}
	return s, nil
}

// persons are those who answered, as chat.json names them, in an order that says nothing.
func (f *figures) persons() []string {
	all := make([]string, 0, len(f.all))
	for _, one := range f.all {
		all = append(all, fmt.Sprintf("p-%016x", one.number))
	}
	slices.Sort(all)
	return all
}

// changed is when the last answer was given or edited, or the chat's end if there was none.
func (f *figures) changed(c questions.Chat) time.Time {
	if f.last.IsZero() {
		return c.Ends
	}
	return f.last
}

// personNumber is a person's name in eight bytes: those that the name spells out, if it is one of ours.
func personNumber(name string) uint64 {
	if digits, ok := strings.CutPrefix(name, "p-"); ok && len(digits) == 16 {
		if n, err := strconv.ParseUint(digits, 16, 64); err == nil {
			return n
		}
	}
	sum := sha256.Sum256([]byte(name))
	return binary.BigEndian.Uint64(sum[:])
}
