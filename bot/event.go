package bot

import "time"

// An Event is something that happened and is worth counting. It holds no words and no names of people.
type Event struct {
	Kind      EventKind
	Workspace string
	Detail    string        // of a post its kind, such as "question" or "relay"; of an answer how it was known
	Duration  time.Duration // see the kinds
}

// An EventKind is what happened.
type EventKind string

const (
	// PostSent: a post was said for the first time. Took is how late: since it was due, or, of what is passed on, since
	// it was said in its own room, by that platform's clock.
	PostSent EventKind = "sent"
	// PostFailed: a post was given up, since the platform refuses it for good.
	PostFailed EventKind = "failed"
	// ReminderMissed: a reminder was not said while it was worth saying.
	ReminderMissed EventKind = "reminder_missed"
	// PostDelayed: a try failed in passing, and will be repeated. Took is for how long the platform asked to be left in
	// peace, or zero if it did not.
	PostDelayed EventKind = "delayed"
	// AnswerFiled: an answer was found to belong to a chat, and that is stored. It is told once of each.
	AnswerFiled EventKind = "filed"
	// UpdateStored: an update was stored, with all that follows from it. Took is how long that took.
	UpdateStored EventKind = "stored"
	// GapFilled: what may have been missed in a room was read from its history.
	GapFilled EventKind = "gap_filled"
)

// observe tells of an event, if anybody wants to know.
func (b *Bot) observe(e Event) {
	if b.opts.Observe != nil {
		b.opts.Observe(e)
	}
}
