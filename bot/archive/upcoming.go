package archive

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// An upcomingChat is an upcoming chat, as in planned.json. So a program that writes an archive from a record, and
// knows of no other chat, doesn't make the index forget it.
type upcomingChat struct {
	Slug         string    `json:"slug"`
	Title        string    `json:"title"`
	Hashtag      string    `json:"hashtag,omitempty"`
	Leader       string    `json:"leader,omitempty"`
	Starts       time.Time `json:"starts"`
	Ends         time.Time `json:"ends"`
	Zone         string    `json:"zone"`
	Announced    time.Time `json:"announced,omitzero"`
	Introduction string    `json:"introduction,omitempty"`
}

// StartTime is when it is to begin, for the index.
func (c upcomingChat) StartTime() displayTime {
	return displayTime{c.Starts.Format("Monday 2 January 2006, 15:04 MST"), rfc3339(c.Starts)}
}

// upcomingChats finds the chats that have no archive and are not over, next one first.
func upcomingChats(root *os.Root, o Options, held map[string]bool) (coming []upcomingChat, err error) {
	if o.Chats == nil {
		coming, err = readUpcoming(root)
	}
	for _, c := range o.Chats {
		c = normaliseTranscript(questions.Transcript{Chat: c}).Chat
		coming = append(coming, upcomingChat{
			c.Slug, orDefault(singleLine(c.Title), c.Slug), singleLine(c.Hashtag), singleLine(c.Leader), c.Starts, c.Ends, c.Starts.Location().String(), c.Announced, c.Introduction,
		})
	}
	coming = slices.DeleteFunc(coming, func(c upcomingChat) bool { return held[c.Slug] || c.Ends.Before(o.Now) })
	slices.SortFunc(coming, func(a, b upcomingChat) int {
		return cmp.Or(a.Starts.Compare(b.Starts), strings.Compare(a.Slug, b.Slug))
	})
	return coming, err
}

// readUpcoming reads what an earlier writer knew.
func readUpcoming(root *os.Root) (coming []upcomingChat, err error) {
	b, err := root.ReadFile(seriesPlanned)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &coming)
	}
	for i, c := range coming {
		coming[i].Title, coming[i].Hashtag, coming[i].Leader = singleLine(c.Title), singleLine(c.Hashtag), singleLine(c.Leader)
		if zone, err := time.LoadLocation(c.Zone); err == nil { // else it stays UTC, and says so
			coming[i].Starts, coming[i].Ends = c.Starts.In(zone), c.Ends.In(zone)
		}
	}
	return coming, err
}

func (s *series) writeUpcoming(w io.Writer) error {
	coming := make([]upcomingChat, 0, len(s.Upcoming))
	for _, c := range s.Upcoming {
		c.Starts, c.Ends, c.Announced = c.Starts.UTC(), c.Ends.UTC(), c.Announced.UTC()
		coming = append(coming, c)
	}
	b, err := json.MarshalIndent(coming, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(escapeInvisible(b), '\n'))
	return err
}
