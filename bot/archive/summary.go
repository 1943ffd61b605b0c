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

// summaryName is the file from which the index of all chats reads a chat, so that it needn't read the answers.
const summaryName = "summary.json"

// A summary is the content of summary.json; FORMAT.md explains each key.
type summary struct {
	Version   int        `json:"version"`
	Title     string     `json:"title"`
	Hashtag   string     `json:"hashtag,omitempty"`
	Leader    string     `json:"leader,omitempty"`
	Starts    time.Time  `json:"starts"`
	Ends      time.Time  `json:"ends"`
	Zone      string     `json:"zone"`
	Words     string     `json:"words,omitempty"` // of the introduction
	Answers   int        `json:"answers"`
	People    int        `json:"people"`
	Reactions int        `json:"reactions"`
	Changed   time.Time  `json:"changed"` // when the last answer was given or edited
	Persons   personKeys `json:"persons,omitempty"`

	Slug string `json:"-"` // the folder's name
}

// maxSummaryLength is how many characters of an introduction a summary has.
const maxSummaryLength = 400

func writeSummary(d *stagingDir, view *chatView) error {
	c := view.chat
	s := summary{
		Version: formatVersion, Title: view.Title, Hashtag: view.Hashtag, Leader: view.Leader,
		Starts: c.Starts.UTC(), Ends: c.Ends.UTC(), Zone: c.Starts.Location().String(),
		Words:   truncate(parse(c.Introduction).PlainText(), maxSummaryLength),
		Answers: view.stats.Answers, People: view.stats.People, Reactions: view.stats.Reactions, Changed: view.stats.changedAt(c).UTC(),
		Persons: view.stats.personKeys(),
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

// readSummary reads the summary of one chat. zones caches time zones, because loading one takes as long as the rest.
func readSummary(root *os.Root, slug string, zones map[string]*time.Location) (s summary, err error) {
	b, err := root.ReadFile(slug + "/" + summaryName)
	if err != nil {
		return s, err
	}
	if err := s.parse(b); err != nil {
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

// personsJSONKey begins most of a summary, and is last in it. No text can contain it, because its quotes would be
// escaped.
const personsJSONKey = `,"persons":`

// parse reads a summary. If we wrote it, the persons are scanned once; any other JSON takes longer.
func (s *summary) parse(b []byte) error {
	head, rest, found := bytes.Cut(b, []byte(personsJSONKey))
	names, last := bytes.CutSuffix(bytes.TrimSpace(rest), []byte("}"))
	if found && last && json.Unmarshal(append(slices.Clip(head), '}'), s) == nil && s.Persons.UnmarshalJSON(names) == nil {
		return nil
	}
	*s = summary{}
	return json.Unmarshal(b, s)
}

// personKeys are people by their keys. In JSON they are as in chat.json, in an order that says nothing.
type personKeys []uint64

func (p personKeys) MarshalJSON() ([]byte, error) {
	names := make([]string, len(p))
	for i, number := range p {
		names[i] = fmt.Sprintf("p-%016x", number)
	}
	return json.Marshal(names)
}

// UnmarshalJSON parses our own names without making a string of each: they are most of what the index of a thousand
// chats reads.
func (p *personKeys) UnmarshalJSON(b []byte) error {
	names, first := bytes.CutPrefix(b, []byte("["))
	names, last := bytes.CutSuffix(names, []byte("]"))
	*p = make(personKeys, 0, len(names)/len(`"p-0123456789abcdef",`)+1)
	for name := range bytes.SplitSeq(names, []byte(",")) {
		name, opened := bytes.CutPrefix(name, []byte(`"`))
		name, closed := bytes.CutSuffix(name, []byte(`"`))
		number, ours := parsePersonKey(string(name))
		if !first || !last || !opened || !closed || !ours {
			return p.parseAny(b)
		}
		*p = append(*p, number)
	}
	return nil
}

// parseAny parses names of any form.
func (p *personKeys) parseAny(b []byte) error {
	var names []string
	err := json.Unmarshal(b, &names)
	*p = nil
	for _, name := range names {
		*p = append(*p, personKey(name))
	}
	return err
}

// personKeys are the keys of those who answered.
func (stats *chatStats) personKeys() personKeys {
	all := make(personKeys, 0, len(stats.participants))
	for _, one := range stats.participants {
		all = append(all, one.key)
	}
	slices.Sort(all)
	return all
}

// changedAt is when the last answer was given or edited, or the chat's end if there was none.
func (stats *chatStats) changedAt(c questions.Chat) time.Time {
	if stats.lastChange.IsZero() {
		return c.Ends
	}
	return stats.lastChange
}

// personKey is a person's name in eight bytes: those that the name spells, if it is one of ours.
func personKey(name string) uint64 {
	if n, ours := parsePersonKey(name); ours {
		return n
	}
	sum := sha256.Sum256([]byte(name))
	return binary.BigEndian.Uint64(sum[:])
}

// parsePersonKey is the number in one of our own names.
func parsePersonKey(name string) (n uint64, ours bool) {
	digits, ours := strings.CutPrefix(name, "p-")
	if !ours || len(digits) != 16 {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 16, 64)
	return n, err == nil
}
