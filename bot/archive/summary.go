package archive

import (
	"bytes"
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
	Persons   persons   `json:"persons,omitempty"`

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

// readSummary reads the summary of one chat. Zones keeps those that were met before, for finding one takes as long as the rest.
func readSummary(root *os.Root, slug string, zones map[string]*time.Location) (s summary, err error) {
	b, err := root.ReadFile(slug + "/" + summaryName)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("read %s/%s: %w", slug, summaryName, err)
	}
	s.Slug = slug
	if zones[s.Zone] == nil {
		if zones[s.Zone], err = time.LoadLocation(s.Zone); err != nil {
			zones[s.Zone] = time.UTC // and says so
		}
	}
	s.Starts, s.Ends = s.Starts.In(zones[s.Zone]), s.Ends.In(zones[s.Zone])
	return s, nil
}

// persons are people by their numbers. In JSON they stand by their names, as in chat.json, in an order that says nothing.
type persons []uint64

func (p persons) MarshalJSON() ([]byte, error) {
	names := make([]string, len(p))
	for i, number := range p {
		names[i] = fmt.Sprintf("p-%016x", number)
	}
	return json.Marshal(names)
}

// UnmarshalJSON takes our own names apart without making a string of each: the index of a thousand chats is mostly these.
func (p *persons) UnmarshalJSON(b []byte) error {
	for name := range bytes.SplitSeq(bytes.Trim(b, "[ ]"), []byte(",")) {
		if len(name) != len(`"p-0123456789abcdef"`) {
			return p.anyNames(b)
		}
		*p = append(*p, personNumber(string(name[1:len(name)-1])))
	}
	return nil
}

// anyNames takes names of whatever form.
func (p *persons) anyNames(b []byte) error {
	var names []string
	err := json.Unmarshal(b, &names)
	*p = nil
	for _, name := range names {
		*p = append(*p, personNumber(name))
	}
	return err
}

// persons are those who answered.
func (f *figures) persons() persons {
	all := make(persons, 0, len(f.all))
	for _, one := range f.all {
		all = append(all, one.number)
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
