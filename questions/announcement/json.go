package announcement

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// readingJSON is a reading for programs. What is not found is null or empty; what few announcements have is left out.
type readingJSON struct {
	Kind      Kind           `json:"kind"`
	Hashtag   *string        `json:"hashtag"`
	Weekday   *string        `json:"weekday"`
	Day       *int           `json:"day"`
	Month     *int           `json:"month"`
	Year      *int           `json:"year"` // only if the text gives it
	Start     *string        `json:"start"`
	End       *string        `json:"end"`
	Leader    *string        `json:"leader"`
	Questions []questionJSON `json:"questions"`
	Warnings  []Code         `json:"warnings"`

	Title        string          `json:"title,omitempty"`
	Zone         string          `json:"zone,omitempty"`
	Times        []timesJSON     `json:"times,omitempty"`
	RealWeekday  string          `json:"real_weekday,omitempty"`
	ProposedYear int             `json:"proposed_year,omitempty"`
	Starts       *time.Time      `json:"starts,omitempty"`
	Leaders      []string        `json:"leaders,omitempty"`
	Facilitator  string          `json:"facilitator,omitempty"`
	PastLeader   string          `json:"past_leader,omitempty"`
	Author       string          `json:"author,omitempty"`
	Hashtags     []string        `json:"hashtags,omitempty"`
	Archive      string          `json:"archive,omitempty"`
	Resources    []string        `json:"resources,omitempty"`
	Numbers      map[string]int  `json:"numbers,omitempty"`
	Chats        []datedChatJSON `json:"chats,omitempty"`
	Days         []string        `json:"days,omitempty"` // of a slow chat's questions

	TitleSource  string                  `json:"title_source"`
	Assumed      []string                `json:"assumed"` // fields that nothing in the text gave
	Introduction []string                `json:"introduction,omitempty"`
	Evidence     map[string]evidenceJSON `json:"evidence"`
	Doubts       []doubtJSON             `json:"doubts"`
}

type questionJSON struct {
	N      int      `json:"n"`
	Text   string   `json:"text"`
	Points []string `json:"points"`
}

type timesJSON struct {
	Start string  `json:"start"`
	End   *string `json:"end"`
	Zone  *string `json:"zone"`
}

type datedChatJSON struct {
	Weekday *string `json:"weekday"`
	Day     *int    `json:"day"`
	Month   *int    `json:"month"`
	Year    *int    `json:"year"`
	Start   *string `json:"start"`
	Title   string  `json:"title,omitempty"`
	Leader  *string `json:"leader"`
}

type evidenceJSON struct {
	Line  int    `json:"line"`
	Words string `json:"words"`
}

type doubtJSON struct {
	Code          Code     `json:"code"`
	Contradiction bool     `json:"contradiction"`
	What          string   `json:"what"`
	Remedy        string   `json:"remedy"`
	Choices       []string `json:"choices,omitempty"`
	Fields        []string `json:"fields"`
	Line          int      `json:"line,omitempty"`
}

// MarshalJSON writes the reading in the keys of the announcement fixtures. "warnings" lists the codes of those doubts
// that every reader of announcements shares, "doubts" all of them, in words.
func (r Reading) MarshalJSON() ([]byte, error) {
	d := r.Date.Value
	out := readingJSON{
		Kind: r.Kind, Hashtag: orNull(r.Hashtag.Value), Weekday: orNull(d.Weekday), Day: orNull(d.Day), Month: orNull(d.Month),
		Year: orNull(d.Year), Start: clockJSON(r.Start.Value, r.Start.OK()), End: clockJSON(r.End.Value, r.End.OK()),
		Leader: orNull(r.Leader.Value), Questions: []questionJSON{}, Warnings: []Code{},
		Title: r.Title.Value, Zone: r.Zone.Value, RealWeekday: r.RealWeekday, ProposedYear: r.Proposed,
		Leaders: r.Leaders, Facilitator: r.Facilitator.Value, PastLeader: r.PastLeader.Value, Author: r.Author.Value,
		Hashtags: r.Hashtags, Archive: r.Archive.Value, Resources: r.Resources, Numbers: r.Numbers,
		Evidence: map[string]evidenceJSON{}, Doubts: []doubtJSON{}, TitleSource: r.TitleSource, Assumed: append([]string{}, r.Assumed...),
	}
	if !r.Resolved.IsZero() {
		out.Starts = &r.Resolved
	}
	for _, q := range r.Questions {
		points := q.Points
		if points == nil {
			points = []string{}
		}
		if q.Day != "" {
			out.Days = append(out.Days, q.Day)
		}
		out.Evidence[questions.Label(q.N)] = evidenceJSON{q.Line, excerpt(q.Text)}
		out.Questions = append(out.Questions, questionJSON{q.N, q.Text, points})
	}
	for _, t := range r.Times {
		out.Times = append(out.Times, timesJSON{t.Value.Start.String(), clockJSON(t.Value.End, t.Value.HasEnd), orNull(t.Value.Zone)})
	}
	for _, c := range r.Chats {
		out.Chats = append(out.Chats, datedChatJSON{
			orNull(c.Date.Value.Weekday), orNull(c.Date.Value.Day), orNull(c.Date.Value.Month),
			orNull(c.Date.Value.Year), clockJSON(c.Start.Value, c.Start.OK()), c.Title, orNull(c.Leader),
		})
	}
	for _, p := range r.Introduction {
		out.Introduction = append(out.Introduction, p.Text)
	}
	for name, e := range r.evidence() {
		out.Evidence[name] = evidenceJSON(e)
	}
	for _, d := range r.Doubts {
		if slices.Contains(shared, d.Code) {
			out.Warnings = append(out.Warnings, d.Code)
		}
		if d.Fields == nil {
			d.Fields = []string{}
		}
		out.Doubts = append(out.Doubts, doubtJSON(d))
	}
	return json.Marshal(out)
}

// evidence is where each field was found.
func (r Reading) evidence() map[string]Evidence {
	all := map[string]Evidence{
		"title": r.Title.Evidence, "hashtag": r.Hashtag.Evidence, "date": r.Date.Evidence, "start": r.Start.Evidence,
		"end": r.End.Evidence, "zone": r.Zone.Evidence, "leader": r.Leader.Evidence, "facilitator": r.Facilitator.Evidence,
		"past_leader": r.PastLeader.Evidence, "author": r.Author.Evidence, "archive": r.Archive.Evidence,
	}
	for name, e := range all {
		if e.Line <= 0 {
			delete(all, name)
		}
	}
	return all
}

// orNull is null for the zero value.
func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func clockJSON(c Clock, ok bool) *string {
	if !ok {
		return nil
	}
	s := c.String()
	return &s
}
