package matrix

import "time"

// SetTimeouts shortens the timeouts for a silent homeserver.
func (m *Matrix) SetTimeouts(poll, grace time.Duration) { m.pollTimeout, m.pollGrace = poll, grace }
