package matrix

import "time"

// Hasten makes an adapter less patient with a homeserver that is silent.
func (m *Matrix) Hasten(poll, grace time.Duration) { m.poll, m.grace = poll, grace }
