package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/ukmedlibs/catchword/adapters"
)

var _ adapters.Linker = (*Fake)(nil)

// Link is the address of a message.
func (f *Fake) Link(_ context.Context, ref adapters.Ref) (link string, err error) {
	p := f.platform
	err = p.locked(func() error {
		if p.faults.NoLink {
			return fmt.Errorf("%s: link: %w", p.name, errors.ErrUnsupported)
		}
		link = p.address(ref)
		return nil
	})
	return link, err
}

func (p *Platform) address(ref adapters.Ref) string {
	return "https://" + url.PathEscape(p.name) + ".example/" + url.PathEscape(string(ref.Room)) + "/" + url.PathEscape(string(ref.ID))
}

// Follow is the message of a room to which an address leads.
func (p *Platform) Follow(room, link string) (Shown, bool) {
	for _, m := range p.Messages(room) {
		if p.address(adapters.Ref{Room: p.Room(room), ID: m.ID}) == link {
			return m, !m.Deleted
		}
	}
	return Shown{}, false
}
