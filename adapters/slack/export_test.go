package slack

import "time"

// ShortenTimeouts makes an adapter less patient: with silence, and with connections that Slack doesn't want.
func (s *Slack) ShortenTimeouts(silence, reopen time.Duration) {
	s.resendWindow, s.dmReadInterval = 2*silence, time.Millisecond
	s.readTimeout, s.stallTimeout, s.reopenDelay, s.firstBackoff, s.commandTimeout = silence, 2*silence, reopen, 20*time.Millisecond, silence/5
}

// FormatTS is the first ts of an instant.
var FormatTS = formatTS
