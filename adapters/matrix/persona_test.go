//go:build goolm

package matrix

import (
	"testing"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// TestPersonaPicture checks that a picture is shown with a relayed message only if it is on a homeserver: other
// addresses are not trusted.
func TestPersonaPicture(t *testing.T) {
	for picture, shown := range map[string]bool{"mxc://example.org/abc": true, "https://example.org/a.png": false, "": false} {
		c := contentOf(adapters.Persona{Name: "Amy", Picture: picture}, calls.Part{Text: "hello"})
		got := ""
		if a := c.BeeperPerMessageProfile.AvatarURL; a != nil {
			got = string(*a)
		}
		if want := map[bool]string{true: picture}[shown]; got != want {
			t.Errorf("picture %q: got %q with the message, want %q", picture, got, want)
		}
	}
}
