package main

import (
	"time"

	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/questions"
)

const (
	defaultChatTime     = 38 * time.Second // from start to end, unless a speed is given
	interactiveChatTime = 10 * time.Minute // the same if people type
	reminderTime        = 900 * time.Millisecond
	maxRemindersTime    = 8 * time.Second // for all reminders together
	maxSpeed            = 3600            // an hour in a second
)

func (r rehearsal) speedOf(c questions.Chat) float64 {
	switch {
	case r.speed > 0:
		return r.speed
	case r.interactive || r.live:
		return max(1, float64(c.Length())/float64(interactiveChatTime))
	default:
		return max(1, float64(c.Length())/float64(defaultChatTime))
	}
}

// clockSegments returns the chat's time without the quiet parts: a moment around each reminder, and then the chat
// itself.
func clockSegments(c questions.Chat, speed float64) []bot.Segment {
	const (
		before = 2 * time.Second // of chat time
		moment = 8 * time.Second
	)
	var reminders []time.Time
	for _, step := range c.Agenda() {
		if step.Kind == questions.KindReminder {
			reminders = append(reminders, step.At)
		}
	}
	// Reminders are shorter in a faster chat, and where there are many. But the bot has real work to do at each before
	// the next one makes it expire.
	natural := float64(c.Length()) / float64(defaultChatTime)
	duration := min(time.Duration(float64(reminderTime)*natural/speed), 2*reminderTime, maxRemindersTime/time.Duration(max(1, len(reminders))))
	duration = max(duration, reminderTime/4)

	var all []bot.Segment
	addSegment := func(t time.Time) {
		if n := len(all); n > 0 {
			last := &all[n-1]
			if last.For = min(moment, t.Sub(last.From)); last.For <= 0 {
				all = all[:n-1]
			}
		}
		all = append(all, bot.Segment{From: t, For: moment, Speed: moment.Seconds() / duration.Seconds()})
	}
	for _, at := range reminders {
		addSegment(at.Add(-before))
	}
	addSegment(c.Starts.Add(-before))
	all[len(all)-1].Speed = speed
	return all
}
