//go:build goolm

package matrix

import (
	"testing"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// TestPersonaPicture are shown beside what is relayed if the homeserver has them; the address of anything else is a
// stranger's.
func TestPersonaPicture(t *testing.T) {
	for picture, shown := range map[string]bool{"mxc://example.org/abc": true, "https://example.org/a.png": false, "": false} {
		c := contentOf(adapters.Persona{Name: "Amy", Picture: picture}, calls.Part{Text: "hello"})
		got := ""
		if a := c.BeeperPerMessageProfile.AvatarURL; a != nil {
			got = string(*a)
		}
		if want := map[bool]string{true: picture}[shown]; got != want {
			t.Errorf("picture %q: got %q beside the message, want %q", picture, got, want)
		}
	}
}
