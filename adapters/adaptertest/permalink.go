package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/ukmedlibs/catchword/adapters"
)

var _ adapters.Permalinker = (*Fake)(nil)

// Permalink is the address of a message.
func (f *Fake) Permalink(_ context.Context, ref adapters.Ref) (link string, err error) {
	p := f.platform
	err = p.withLock(func() error {
		if p.faults.NoPermalink {
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

// OpenPermalink is the message of a room to which an address leads.
func (p *Platform) OpenPermalink(room, link string) (Message, bool) {
	for _, m := range p.Messages(room) {
		if p.address(adapters.Ref{Room: p.Room(room), ID: m.ID}) == link {
			return m, !m.Deleted
		}
	}
	return Message{}, false
}
