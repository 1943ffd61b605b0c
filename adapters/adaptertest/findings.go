package adaptertest

import (
	"slices"
	"strings"

	"github.com/ukmedlibs/catchword/adapters"
)

// FormatFindings is what a Checker has found, with a line for each finding, so that a test can compare all of it at
// once.
func FormatFindings(findings []adapters.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString("\n" + []string{"fine", "poor", "BROKEN"}[f.Verdict])
		for _, part := range slices.DeleteFunc([]string{f.Room, f.Check, f.Detail}, func(s string) bool { return s == "" }) {
			b.WriteString(": " + part)
		}
		if f.Remedy != "" {
			b.WriteString(" -> " + f.Remedy)
		}
	}
	return b.String()
}
