package announcement

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"github.com/yuin/goldmark"

	"github.com/ukmedlibs/catchword/questions"
)

// maxShort is what a post of a social network may have, in characters: Bluesky allows 300, Mastodon 500.
const maxShort = 300

// A Publication is what an announcement says beside the chat itself.
type Publication struct {
	Link  string           // where the announcement will stand; "" for nowhere yet
	Join  []string         // how to join each room, in CommonMark
	Zones []*time.Location // in which the time is given, after the chat's own
	Now   time.Time        // when it is written, for the calendar
}

// Texts are an announcement in all its forms.
type Texts struct {
	Markdown []byte // a blog post; it ends with a machine-readable block, which Read takes at its word
	HTML     []byte // the same
	Mail     []byte // plain text
	Short    []byte // for a social network, in at most 300 characters
	Calendar []byte // iCalendar
}

// Write writes the announcement of a chat. What is for hosts alone stays out: who may command, and who is told what
// comes.
func Write(c questions.Chat, pub Publication) (Texts, error) {
	block, err := eventBlock(c, pub)
	if err != nil {
		return Texts{}, fmt.Errorf("write the announcement of %s: %w", c.Slug, err)
	}
	markdown := writePost(c, pub)
	var page bytes.Buffer
	if err := goldmark.Convert([]byte(markdown), &page); err != nil {
		return Texts{}, fmt.Errorf("write the announcement of %s: %w", c.Slug, err)
	}
	calendar, err := writeCalendar(c, pub)
	if err != nil {
		return Texts{}, fmt.Errorf("write the announcement of %s: %w", c.Slug, err)
	}
	return Texts{
		Markdown: []byte(markdown + "\n" + block + "\n"),
		HTML:     []byte("<article>\n" + page.String() + "</article>\n" + block + "\n"),
		Mail:     []byte(writeMail(c, pub)),
		Short:    []byte(writeShort(c, pub)),
		Calendar: calendar,
	}, nil
}

// public is the chat without what is for hosts alone.
func public(c questions.Chat) questions.Chat {
	c.Hosts, c.LeaderAccounts, c.Rooms = nil, nil, nil
	return c
}

// eventBlock is the chat as a schema.org Event in JSON-LD. The chat file is one of its properties.
func eventBlock(c questions.Chat, pub Publication) (string, error) {
	type property struct {
		Type  string `json:"@type"`
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	event := map[string]any{
		"@context": "https://schema.org", "@type": "Event", "name": c.Title,
		"startDate": c.Starts.Format(time.RFC3339), "endDate": c.Ends.Format(time.RFC3339),
		"eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode",
		"additionalProperty": []property{
			{"PropertyValue", "catchword slug", c.Slug},
			{"PropertyValue", ChatFileProperty, string(questions.FormatChat(public(c)))},
		},
	}
	if pub.Link != "" {
		event["url"] = pub.Link
		event["location"] = map[string]string{"@type": "VirtualLocation", "url": pub.Link}
	}
	if c.Hashtag != "" {
		event["keywords"] = c.Hashtag
	}
	if c.Leader != "" {
		event["performer"] = map[string]string{"@type": "Person", "name": c.Leader}
	}
	data, err := json.MarshalIndent(event, "", "  ") // which escapes what could end a script
	if err != nil {
		return "", err
	}
	return "<script type=\"application/ld+json\">\n" + string(data) + "\n</script>", nil
}

func when(c questions.Chat) string {
	return c.Starts.Format("Monday 2 January 2006, 15:04") + "–" + c.Ends.In(c.Starts.Location()).Format("15:04 MST")
}

// elsewhere is the start in other zones: "15:00 in New York (EST)".
func elsewhere(c questions.Chat, pub Publication) (all []string) {
	for _, zone := range pub.Zones {
		at := c.Starts.In(zone)
		if _, here := c.Starts.Zone(); here == offset(at) {
			continue
		}
		place := zone.String()
		place = strings.ReplaceAll(place[strings.LastIndexByte(place, '/')+1:], "_", " ")
		text := at.Format("15:04 ") + place
		if place != "UTC" {
			text += " time"
		}
		if at.Day() != c.Starts.Day() {
			text += " on " + at.Format("Monday 2 January")
		}
		all = append(all, text)
	}
	return all
}

func offset(t time.Time) int { _, o := t.Zone(); return o }

func heading(c questions.Chat) string {
	if c.Hashtag == "" {
		return c.Title
	}
	return c.Title + " – the next " + c.Hashtag + " chat"
}

// writePost writes the blog post, in CommonMark.
func writePost(c questions.Chat, pub Publication) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n**When:** %s", escape(heading(c)), when(c))
	if other := elsewhere(c, pub); len(other) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(other, ", "))
	}
	b.WriteString("\n\n")
	if c.Leader != "" {
		fmt.Fprintf(&b, "**Leader:** %s\n\n", escape(c.Leader))
	}
	if c.Introduction != "" {
		b.WriteString(c.Introduction + "\n\n")
	}
	if planned := c.PlannedQuestions(); len(planned) > 0 {
		b.WriteString("## Questions\n\n")
		for _, q := range planned {
			fmt.Fprintf(&b, "**Q%d.** %s\n\n", q.N, q.Text)
			for _, point := range q.Points {
				fmt.Fprintf(&b, "- %s\n", strings.ReplaceAll(point, "\n", "\n  "))
			}
			if len(q.Points) > 0 {
				b.WriteByte('\n')
			}
		}
	}
	b.WriteString("## How to join\n\n")
	for _, way := range joining(c, pub) {
		fmt.Fprintf(&b, "- %s\n", way)
	}
	b.WriteString("\n" + c.RecordingNotice() + "\n")
	return b.String()
}

// joining is how to join each room.
func joining(c questions.Chat, pub Publication) []string {
	ways := pub.Join
	if len(ways) == 0 {
		for _, room := range c.Rooms {
			ways = append(ways, "Room "+escape(room))
		}
	}
	if c.Hashtag != "" {
		ways = append(ways[:len(ways):len(ways)], "Put "+escape(c.Hashtag)+" into what you post, or reply in a question’s thread.")
	}
	return ways
}

// plain is CommonMark without its marks.
func plain(s string) string {
	rows := strings.Split(s, "\n")
	for i, row := range rows {
		rows[i], _, _ = withoutMarks(row)
	}
	return strings.Join(rows, "\n")
}

// writeMail writes a mail, in plain text.
func writeMail(c questions.Chat, pub Publication) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Subject: %s, %s\n\n%s\n\nWhen: %s\n", heading(c), c.Starts.Format("Monday 2 January"), heading(c), when(c))
	if other := elsewhere(c, pub); len(other) > 0 {
		fmt.Fprintf(&b, "That is: %s\n", strings.Join(other, ", "))
	}
	if c.Leader != "" {
		fmt.Fprintf(&b, "Leader: %s\n", c.Leader)
	}
	b.WriteByte('\n')
	if c.Introduction != "" {
		b.WriteString(plain(c.Introduction) + "\n\n")
	}
	for _, q := range c.PlannedQuestions() {
		fmt.Fprintf(&b, "Q%d. %s\n", q.N, plain(q.Text))
		for _, point := range q.Points {
			fmt.Fprintf(&b, "   - %s\n", plain(point))
		}
		b.WriteByte('\n')
	}
	b.WriteString("How to join\n\n")
	for _, way := range joining(c, pub) {
		fmt.Fprintf(&b, "- %s\n", plain(way))
	}
	if pub.Link != "" {
		fmt.Fprintf(&b, "\nMore: %s\n", pub.Link)
	}
	fmt.Fprintf(&b, "\n%s\n", plain(c.RecordingNotice()))
	return b.String()
}

// writeShort writes a post for a social network. If it is too long, the title is cut.
func writeShort(c questions.Chat, pub Publication) string {
	tail := c.Starts.Format(". Monday 2 January 2006, 15:04 MST")
	if c.Leader != "" {
		tail += ", led by " + c.Leader
	}
	tail += "."
	if pub.Link != "" {
		tail += " " + pub.Link
	}
	head := c.Title
	if c.Hashtag != "" {
		head = c.Hashtag + ": " + c.Title
	}
	room := max(maxShort-utf8.RuneCountInString(tail), 1)
	if runes := []rune(head); len(runes) > room {
		head = strings.TrimSpace(string(runes[:room-1])) + "…"
	}
	if runes := []rune(head + tail); len(runes) > maxShort {
		return string(runes[:maxShort-1]) + "…"
	}
	return head + tail
}

// writeCalendar writes the chat as an event of a calendar.
func writeCalendar(c questions.Chat, pub Publication) ([]byte, error) {
	calendar := ics.NewCalendarFor("catchword")
	event := calendar.AddEvent(c.Slug + "@catchword")
	event.SetDtStampTime(pub.Now.UTC())
	event.SetStartAt(c.Starts.UTC())
	event.SetEndAt(c.Ends.UTC())
	event.SetSummary(heading(c))
	if pub.Link != "" {
		event.SetURL(pub.Link)
	}
	var b bytes.Buffer
	err := calendar.SerializeTo(&b, ics.WithNewLineWindows) // lines end in CRLF on every system
	return b.Bytes(), err
}
