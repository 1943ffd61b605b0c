package slack

import "time"

// ShortenTimeouts shortens the timeouts for silent connections, and for those that Slack refuses.
func (s *Slack) ShortenTimeouts(silence, reopen time.Duration) {
	s.resendWindow, s.dmReadInterval = 2*silence, time.Millisecond
	s.readTimeout, s.stallTimeout, s.reopenDelay, s.firstBackoff, s.commandTimeout = silence, 2*silence, reopen, 20*time.Millisecond, silence/5
}

// FormatTS returns the first ts of an instant.
var FormatTS = formatTS
