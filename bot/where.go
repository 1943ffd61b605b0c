package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// lateAfter is how long after its time a post that is still missing counts as late.
const lateAfter = 10 * time.Second

// where tells in a sentence or two what is live, and what is next and when.
func where(h chatState, now time.Time) string {
	upcoming, more := h.table.upcoming()
	live, begun := h.table.live()
	switch {
	case !begun && more:
		return fmt.Sprintf("The chat starts on %s. %s", h.FormatDate(upcoming.due), pausedSince(h))
	case !more:
		return "The chat is over."
	case !upcoming.due.After(h.movableFrom(now)):
		return fmt.Sprintf("%s is on its way. %s", upperFirst(upcoming.title()), upNext(h, now))
	}
	title, has := upperFirst(questions.StepTitle(questions.OriginalStep(live.name))), "has"
	if live.kind == questions.KindIntroductions {
		has = "have"
	}
	return fmt.Sprintf("%s %s been live since %s. %s", title, has, h.FormatClock(live.startedAt), upNext(h, now))
}

// hostWhere is where, and how a host ends a pause.
func hostWhere(h chatState, now time.Time) string {
	if h.PausedSince.IsZero() {
		return where(h, now)
	}
	return where(h, now) + " Send `resume` or `next` to continue."
}

// upNext tells what is next, and when the chat closes.
func upNext(h chatState, now time.Time) string {
	if !h.PausedSince.IsZero() {
		return pausedSince(h)
	}
	var parts []string
	for _, o := range h.table.pending() {
		if o.isMain() && o.due.After(now) && (len(parts) == 0 || o.kind == questions.KindClosing) {
			if o.kind == questions.KindClosing {
				parts = append(parts, "the chat closes at "+h.FormatClock(o.due))
			} else {
				parts = append(parts, fmt.Sprintf("%s follows at %s", upperFirst(o.title()), h.FormatClock(o.due)))
			}
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return upperFirst(strings.Join(parts, "; ")) + "."
}

func pausedSince(h chatState) string {
	if h.PausedSince.IsZero() {
		return ""
	}
	return "Paused since " + h.FormatClock(h.PausedSince) + "."
}

// whereInRoom tells somebody which question is live in their room, and which were asked before, with links.
func (b *Bot) whereInRoom(ctx context.Context, h chatState, t store.RoomRef, now time.Time) (string, error) {
	live, begun := h.table.live()
	if !begun || h.table.over() {
		if h.table.over() {
			return "**" + questions.EscapeLine(h.Title) + "** is over. Its threads stay open for late answers." + askedLinks(h, t, ""), nil
		}
		return "**" + questions.EscapeLine(h.Title) + "**: " + where(h, now), nil
	}
	step := questions.OriginalStep(live.name)
	n := questions.StepSection(step).QuestionNumber()
	if n == 0 {
		return "We are on **" + questions.StepTitle(step) + "**. " + upNext(h, now), nil
	}
	q, _ := h.Question(n)
	text := fmt.Sprintf("We are on **%s**: %s\n\n", stepLink(h, t, step), questions.Prompt(q))
	if upcoming, ok := h.table.upcoming(); ok && h.PausedSince.IsZero() && upcoming.due.After(now) {
		text += fmt.Sprintf("%s left. ", upperFirst(approximately(upcoming.due.Sub(now))))
	}
	return text + upNext(h, now) + askedLinks(h, t, step), nil
}

// askedLinks lists the questions asked so far, except one.
func askedLinks(h chatState, t store.RoomRef, except string) string {
	var all []string
	for _, q := range h.Questions {
		step := string(questions.QuestionSection(q.N))
		if o, ok := h.table.find(step); ok && !o.startedAt.IsZero() && step != except {
			all = append(all, stepLink(h, t, step))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "\n\nAsked so far, and still open: " + strings.Join(all, " · ") + "."
}

// stepLink is the title of a step, linked to its post where the platform has links.
func stepLink(h chatState, t store.RoomRef, step string) string {
	title := questions.StepTitle(step)
	for _, p := range h.posts {
		if p.Step == step && p.Workspace == t.Workspace && (p.Room == t.Room || t.Room == "") && p.Link != "" && !isGone(p) {
			return "[" + title + "](" + p.Link + ")"
		}
	}
	return title
}

func approximately(d time.Duration) string {
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

// statusReply tells a host what is live and next, what each room has got, and which suggestions are waiting.
func (b *Bot) statusReply(ctx context.Context, h chatState, now time.Time) (string, error) {
	var s strings.Builder
	s.WriteString("**" + questions.EscapeLine(h.Title) + ".** " + hostWhere(h, now) + "\n")
	rooms, err := b.db.Rooms(ctx)
	if err != nil {
		return "", err
	}
	for _, r := range rooms {
		if includesRoom(h.Chat, r) {
			s.WriteString("\n- " + questions.EscapeLine(r.Workspace+" "+r.Name) + ": " + deliveryStatus(h, r.Ref(), now))
		}
	}
	s.WriteString(b.closedRooms(h.Chat))
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
		s.WriteString("\n\n" + suggestionText(w, 0))
	}
	return s.String(), nil
}

// postTitle is what hosts call one of the chat's own posts.
func postTitle(p store.Post) string {
	if p.Kind == store.KindNotice {
		return "a notice"
	}
	return questions.StepTitle(p.Step)
}

// deliveryStatus counts the chat's own posts in a room, and lists the late and failed ones.
func deliveryStatus(h chatState, t store.RoomRef, now time.Time) string {
	posted := 0
	var late, failed []string
	for _, p := range h.posts {
		switch {
		case p.RoomRef != t || p.Kind == questions.KindReminder:
		case p.Message != "":
			posted++
		case p.FailReason == store.Skipped:
		case p.FailReason != "":
			failed = append(failed, postTitle(p))
		case now.Sub(p.Due) > lateAfter && (h.PausedSince.IsZero() || !p.Due.After(h.PausedSince)):
			late = append(late, fmt.Sprintf("%s (%s)", postTitle(p), approximately(now.Sub(p.Due))))
		}
	}
	text := fmt.Sprintf("%d posted", posted)
	if len(late) > 0 {
		text += "; late: " + strings.Join(late, ", ")
	}
	if len(failed) > 0 {
		text += "; **failed**: " + strings.Join(failed, ", ")
	}
	return text
}
