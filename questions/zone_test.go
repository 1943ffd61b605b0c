package questions

import (
	"strings"
	"testing"
)

func TestLoadZone(t *testing.T) {
	for _, name := range []string{"Europe/London", "America/Argentina/Buenos_Aires", "UTC", "Etc/GMT+5"} {
		if zone, err := loadZone(name); err != nil || zone.String() != name {
			t.Errorf("%s: got %v, %v, want it", name, zone, err)
		}
	}
	tests := []struct{ name, want string }{
		{"London", "did you mean Europe/London?"},
		{"europe/london", "did you mean Europe/London?"},
		{"new york", "did you mean America/New_York?"},
		{"Europe/Lodnon", "did you mean Europe/London?"},
		{"BST", "write Europe/London"},
		{"EST", "write America/New_York"},
		{"gmt", "write Europe/London"},
		{"Local", "like Europe/London"},
		{"Mars/Olympus_Mons", "like Europe/London"},
		{"../etc/passwd", "like Europe/London"},
	}
	for _, test := range tests {
		if zone, err := loadZone(test.name); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, %v, want an error with %q", test.name, zone, err, test.want)
		}
	}
}
