package slack

import "time"

// Hasten makes an adapter less patient: with silence, and with connections that Slack doesn't want.
func (s *Slack) Hasten(silence, reopen time.Duration) {
	s.resent, s.leisure = 2*silence, time.Millisecond
	s.silence, s.idle, s.reopen, s.pause, s.promptly = silence, 2*silence, reopen, 20*time.Millisecond, silence/5
}

// Stamp is the first ts of an instant.
var Stamp = stamp
