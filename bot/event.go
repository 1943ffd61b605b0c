package bot

import "time"

// An Event is something worth counting. It has no words and no names of people.
type Event struct {
	Kind      EventKind
	Workspace string
	Detail    string        // for a post, its kind, such as "question" or "relay"; for an answer, how it was matched
	Duration  time.Duration // see the kinds
}

// An EventKind is what happened.
type EventKind string

const (
	// PostSent: a post was made for the first time. Duration is the time since it was due, or, for a copy of an answer,
	// since the answer was posted, by its platform's clock.
	PostSent EventKind = "sent"
	// PostFailed: a post was given up, because the platform refused it for good.
	PostFailed EventKind = "failed"
	// ReminderMissed: a reminder expired before it could be posted.
	ReminderMissed EventKind = "reminder_missed"
	// PostDelayed: a post failed, and will be tried again. Duration is how long the platform asked to wait, or zero.
	PostDelayed EventKind = "delayed"
	// AnswerFiled: an answer was filed under a chat and stored. It comes once per answer.
	AnswerFiled EventKind = "filed"
	// UpdateStored: an update was stored with all its consequences. Duration is how long that took.
	UpdateStored EventKind = "stored"
	// GapFilled: what a room may have missed was read from its history.
	GapFilled EventKind = "gap_filled"
)

// observe reports an event, if Options.Observe is set.
func (b *Bot) observe(e Event) {
	if b.opts.Observe != nil {
		b.opts.Observe(e)
	}
}
