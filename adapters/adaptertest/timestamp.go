package adaptertest

import (
	"context"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

var _ adapters.Timestamper = (*Fake)(nil)

// Timestamp tells when a message appeared.
func (f *Fake) Timestamp(_ context.Context, ref adapters.Ref) (at time.Time, err error) {
	err = f.platform.withLock(func() error {
		m := f.platform.mustRoom(string(ref.Room)).byID[ref.ID]
		if m == nil || f.platform.faults.NoTimestamp {
			return fmt.Errorf("date %s: no such message", ref.ID)
		}
		at = m.At
		return nil
	})
	return at, err
}
