package archive

import (
	"encoding/json"
	"io"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// formatVersion is the version of chat.json. It rises when a key goes or changes its meaning, not when one comes.
const formatVersion = 1

// A record is chat.json: everything, for machines. It is written one answer a line, so that two of them can be compared.
type record struct {
	w     io.Writer
	err   error // of the head, which is written before anybody can be told
	comma string
}

// The types below are the format; FORMAT.md explains each key.
type (
	recordHead struct {
		Version int            `json:"version"`
		Chat    recordChat     `json:"chat"`
		Rooms   []recordRoom   `json:"rooms"`
		Said    []recordSaid   `json:"said"`
		Tally   recordTally    `json:"tally"`
		Answers []recordAnswer `json:"-"` // written one by one
	}
	recordChat struct {
		Slug         string           `json:"slug"`
		Title        string           `json:"title"`
		Hashtag      string           `json:"hashtag,omitempty"`
		Starts       time.Time        `json:"starts"`
		Ends         time.Time        `json:"ends"`
		Zone         string           `json:"zone"`
		Leader       string           `json:"leader,omitempty"`
		Licence      string           `json:"licence,omitempty"`
		Introduction string           `json:"introduction,omitempty"`
		Questions    []recordQuestion `json:"questions"`
	}
	recordQuestion struct {
		Number int      `json:"number"`
		Text   string   `json:"text"`
		Points []string `json:"points,omitempty"`
	}
	recordRoom struct {
		Workspace string `json:"workspace"`
		Room      string `json:"room"`
		Name      string `json:"name"`
	}
	recordSaid struct {
		Step string    `json:"step"`
		At   time.Time `json:"at"`
	}
	recordTally struct {
		Answers    int                    `json:"answers"`
		People     int                    `json:"people"`
		Late       int                    `json:"late"`
		Edited     int                    `json:"edited"`
		Reactions  int                    `json:"reactions"`
		Gone       int                    `json:"gone"`
		Sections   map[string]recordCount `json:"sections"`
		Workspaces map[string]recordCount `json:"workspaces"`
		How        map[string]int         `json:"how"`
	}
	recordCount struct {
		Answers int `json:"answers"`
		People  int `json:"people"`
	}
	recordAnswer struct {
		ID        string           `json:"id"`
		At        time.Time        `json:"at"`
		Section   string           `json:"section"`
		Workspace string           `json:"workspace"`
		Room      string           `json:"room"`
		Message   string           `json:"message"`
		Author    string           `json:"author,omitempty"`
		Person    string           `json:"person,omitempty"`
		How       string           `json:"how,omitempty"`
		Text      string           `json:"text,omitempty"`
		Edited    time.Time        `json:"edited,omitzero"`
		Late      bool             `json:"late,omitempty"`
		Gone      bool             `json:"gone,omitempty"`
		Reactions []recordReaction `json:"reactions,omitempty"`
	}
	recordReaction struct {
		Emoji string `json:"emoji"`
		Count int    `json:"count"`
	}
)

func newRecord(w io.Writer, t questions.Transcript, n numbers) *record {
	c := t.Chat
	head := recordHead{
		Version: formatVersion,
		Chat: recordChat{
			Slug: valid(c.Slug), Title: valid(c.Title), Hashtag: valid(c.Hashtag),
			Starts: c.Starts.UTC(), Ends: c.Ends.UTC(), Zone: c.Starts.Location().String(),
			Leader: valid(c.Leader), Licence: valid(c.Licence), Introduction: valid(c.Introduction),
			Questions: []recordQuestion{},
		},
		Rooms: []recordRoom{},
		Said:  []recordSaid{},
		Tally: recordTally{
			Answers: n.Answers, People: n.People, Late: n.Late, Edited: n.Edited, Reactions: n.Reactions, Gone: n.Gone,
			Sections: recordCounts(n.Sections), Workspaces: recordCounts(n.Workspaces), How: map[string]int{},
		},
	}
	for _, q := range c.Questions {
		question := recordQuestion{Number: q.N, Text: valid(q.Text)}
		for _, point := range q.Points {
			question.Points = append(question.Points, valid(point))
		}
		head.Chat.Questions = append(head.Chat.Questions, question)
	}
	for _, room := range t.Rooms {
		head.Rooms = append(head.Rooms, recordRoom{valid(room.Workspace), valid(room.Room), valid(room.Name)})
	}
	for _, s := range t.Said {
		head.Said = append(head.Said, recordSaid{valid(s.Step), s.At.UTC()})
	}
	for how, count := range n.How {
		head.Tally.How[string(how)] = count
	}
	r := &record{w: w}
	b, err := json.MarshalIndent(head, "", "  ")
	if err != nil {
		r.err = err
		return r
	}
	// All of the object but its closing brace, for the answers are its last member.
	_, r.err = w.Write(append(b[:len(b)-len("\n}")], ",\n  \"answers\": ["...))
	return r
}

func recordCounts[K ~string](counts map[K]questions.Count) map[string]recordCount {
	all := map[string]recordCount{}
	for k, c := range counts {
		all[valid(string(k))] = recordCount(c)
	}
	return all
}

func (r *record) answer(a questions.Answer) error {
	if r.err != nil {
		return r.err
	}
	v := recordAnswer{
		ID: Anchor(a.Workspace, a.Room, a.Message), At: a.At.UTC(), Section: valid(string(a.Section)),
		Workspace: valid(a.Workspace), Room: valid(a.Room), Message: valid(a.Message),
		Author: valid(a.Author), How: string(a.How), Text: valid(a.Text), Late: a.Late, Gone: a.Gone,
	}
	if !a.Gone {
		v.Person = person(a)
	}
	if !a.Edited.IsZero() {
		v.Edited = a.Edited.UTC()
	}
	for _, reaction := range a.Reactions {
		v.Reactions = append(v.Reactions, recordReaction{valid(reaction.Emoji), reaction.Count})
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = io.WriteString(r.w, r.comma+"\n    "+string(b))
	r.comma = ","
	return err
}

func (r *record) end() error {
	if r.err != nil {
		return r.err
	}
	_, err := io.WriteString(r.w, "\n  ]\n}\n")
	return err
}
