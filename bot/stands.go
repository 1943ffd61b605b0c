package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// stands tells in a sentence or two what is on, and what is next and when.
func stands(h hour, now time.Time) string {
	coming, more := h.table.coming()
	live, begun := h.table.live()
	switch {
	case !begun && more:
		return fmt.Sprintf("The chat begins on %s. %s", h.FormatDate(coming.due), holding(h))
	case !more:
		return "The chat is closed."
	case !coming.due.After(h.from(now)):
		return fmt.Sprintf("%s is on its way. %s", upperFirst(coming.title()), ahead(h, now))
	}
	return fmt.Sprintf("%s is on since %s. %s", upperFirst(questions.StepTitle(questions.OriginalStep(live.step))), h.FormatClock(live.begun), ahead(h, now))
}

// ahead tells what is next, and when the chat closes.
func ahead(h hour, now time.Time) string {
	if !h.PausedSince.IsZero() {
		return holding(h)
	}
	var said []string
	for _, o := range h.table.unsaid() {
		if o.pivot() && o.due.After(now) && (len(said) == 0 || o.kind == questions.KindClosing) {
			if o.kind == questions.KindClosing {
				said = append(said, "the chat closes at "+h.FormatClock(o.due))
			} else {
				said = append(said, fmt.Sprintf("%s follows at %s", upperFirst(o.title()), h.FormatClock(o.due)))
			}
		}
	}
	if len(said) == 0 {
		return ""
	}
	if said[0][0] == 't' {
		said[0] = "T" + said[0][1:]
	}
	return strings.Join(said, "; ") + "."
}

func holding(h hour) string {
	if h.PausedSince.IsZero() {
		return ""
	}
	return "The timetable is held since " + h.FormatClock(h.PausedSince) + "."
}

// whereabouts tells somebody which question is on in their room, with links, and what they have missed.
func (b *Bot) whereabouts(ctx context.Context, h hour, t store.RoomRef, now time.Time) (string, error) {
	live, begun := h.table.live()
	if !begun || h.table.over() {
		if h.table.over() {
			return "**" + questions.EscapeLine(h.Title) + "** is over. Its threads stay open for late answers." + links(h, t, ""), nil
		}
		return "**" + questions.EscapeLine(h.Title) + "**: " + stands(h, now), nil
	}
	step := questions.OriginalStep(live.step)
	n := questions.StepSection(step).QuestionNumber()
	if n == 0 {
		return "**" + upperFirst(questions.StepTitle(step)) + "** is on. " + ahead(h, now), nil
	}
	text := fmt.Sprintf("We are on **%s**: %s\n\n", linked(h, t, step), questions.Prompt(h.Questions[n-1]))
	if coming, ok := h.table.coming(); ok && h.PausedSince.IsZero() && coming.due.After(now) {
		text += fmt.Sprintf("%s left. ", upperFirst(roughly(coming.due.Sub(now))))
	}
	return text + ahead(h, now) + links(h, t, step), nil
}

// links lists the questions that were asked so far, but for one.
func links(h hour, t store.RoomRef, but string) string {
	var all []string
	for _, q := range h.Questions {
		step := string(questions.QuestionSection(q.N))
		if o, ok := h.table.find(step); ok && !o.begun.IsZero() && step != but {
			all = append(all, linked(h, t, step))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "\n\nAsked so far, and open: " + strings.Join(all, " · ") + "."
}

// linked is the title of a step, and in a room where it can be linked to, a link.
func linked(h hour, t store.RoomRef, step string) string {
	title := questions.StepTitle(step)
	for _, p := range h.posts {
		if p.Step == step && p.Workspace == t.Workspace && (p.Room == t.Room || t.Room == "") && p.Link != "" {
			return "[" + title + "](" + p.Link + ")"
		}
	}
	return title
}

func roughly(d time.Duration) string {
	switch m := int(d.Round(time.Minute) / time.Minute); {
	case m < 1:
		return "less than a minute"
	case m == 1:
		return "about a minute"
	case m < 120:
		return fmt.Sprintf("about %d minutes", m)
	default:
		return fmt.Sprintf("about %d hours", (m+30)/60)
	}
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// status tells a host everything: what is on and next, how each room is served, and what waits.
func (b *Bot) status(ctx context.Context, h hour, now time.Time) (string, error) {
	var s strings.Builder
	s.WriteString("**" + questions.EscapeLine(h.Title) + ".** " + stands(h, now) + "\n")
	rooms, err := b.db.Rooms(ctx)
	if err != nil {
		return "", err
	}
	for _, r := range rooms {
		if wants(h.Chat, r) {
			s.WriteString("\n- " + questions.EscapeLine(r.Workspace+" "+r.Name) + ": " + delivery(h, r.Ref(), now))
		}
	}
	counts, err := b.db.SectionCounts(ctx, h.Slug)
	if err != nil {
		return "", err
	}
	var parts []string
	for _, c := range counts {
		if title := questions.StepTitle(string(c.Section)); c.Section != questions.General {
			parts = append(parts, fmt.Sprintf("%s %d", title, c.Answers))
		} else {
			parts = append(parts, fmt.Sprintf("general %d", c.Answers))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "none yet")
	}
	s.WriteString("\n\nAnswers: " + strings.Join(parts, " · ") + ".")
	waiting, err := b.db.PendingSuggestions(ctx, h.Slug)
	if err != nil {
		return "", err
	}
	for _, w := range waiting {
		s.WriteString("\n\n" + suggested(w, 0))
	}
	return s.String(), nil
}

// delivery tells how the chat's own steps have come to a room.
func delivery(h hour, t store.RoomRef, now time.Time) string {
	said := 0
	var late, failed []string
	for _, p := range h.posts {
		switch {
		case p.RoomRef != t || p.Kind == questions.KindReminder:
		case p.Message != "":
			said++
		case p.FailReason == store.Skipped:
		case p.FailReason != "":
			failed = append(failed, questions.StepTitle(p.Step))
		case now.Sub(p.Due) > atOnce && (h.PausedSince.IsZero() || !p.Due.After(h.PausedSince)):
			late = append(late, fmt.Sprintf("%s (%s)", questions.StepTitle(p.Step), roughly(now.Sub(p.Due))))
		}
	}
	text := fmt.Sprintf("%d said", said)
	if len(late) > 0 {
		text += "; late: " + strings.Join(late, ", ")
	}
	if len(failed) > 0 {
		text += "; **failed**: " + strings.Join(failed, ", ")
	}
	return text
}
