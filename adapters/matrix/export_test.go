package matrix

import "time"

// SetTimeouts makes an adapter less patient with a homeserver that is silent.
func (m *Matrix) SetTimeouts(poll, grace time.Duration) { m.pollTimeout, m.pollGrace = poll, grace }
