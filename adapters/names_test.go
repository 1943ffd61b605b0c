package adapters_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ukmedlibs/catchword/adapters"
)

func TestCleanName(t *testing.T) {
	for name, want := range map[string]string{
		"Amy Adams":                         "Amy Adams",
		" Amy\n\tAdams ":                    "Amy Adams",
		"\u202eevil":                        "evil",
		"a\u2066b\u2069c\u200f\u061c":       "abc",
		"\u200b\u2060\ufeff\u00ad":          "someone",
		"\u200d\u200c":                      "someone",
		"\u3164\u2800":                      "someone",
		"":                                  "someone",
		"\x00\x1b[31mMal":                   "[31mMal",
		"José":                              "José",
		"Ngọc Ánh":                          "Ngọc Ánh",
		"\u0928\u093f\u094d\u200d":          "\u0928\u093f\u094d\u200d",
		"👩‍🔬 Ada":                           "👩‍🔬 Ada",
		"Cymru 🏴󠁧󠁢󠁷󠁬󠁳󠁿":                     "Cymru 🏴󠁧󠁢󠁷󠁬󠁳󠁿",
		"❤️":                                "❤️",
		"a" + strings.Repeat("\u0301", 400): "a" + strings.Repeat("\u0301", 5),
		strings.Repeat("x", 60):             strings.Repeat("x", 60),
		strings.Repeat("x", 61):             strings.Repeat("x", 59) + "…",
		strings.Repeat("👩‍🔬", 61):           strings.Repeat("👩‍🔬", 59) + "…",
		"Łódź \u2028 Library":               "Łódź Library",
		"\xff\xfeAmy":                       "�Amy",
		"\U000e0001\U000e0041Amy":           "Amy",
	} {
		got := adapters.CleanName(name)
		if got != want || !utf8.ValidString(got) {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
		if again := adapters.CleanName(got); again != got {
			t.Errorf("%q: got %q the second time", got, again)
		}
	}
	if got := adapters.CleanName("\u200b", "", "amy", "Amy"); got != "amy" {
		t.Errorf("several names: got %q, want the first that shows something", got)
	}
}

func TestCleanFileName(t *testing.T) {
	for name, want := range map[string]string{
		"poster.pdf":                        "poster.pdf",
		"gpj.\u202efdp":                     "gpj.fdp",
		"\u200b":                            "file",
		strings.Repeat("x", 80) + ".jpeg":   strings.Repeat("x", 54) + "….jpeg",
		strings.Repeat("x", 80):             strings.Repeat("x", 59) + "…",
		"a." + strings.Repeat("x", 80):      "a." + strings.Repeat("x", 57) + "…",
		"Minutes of 3.5. Please read. Soon": "Minutes of 3.5. Please read. Soon",
	} {
		if got := adapters.CleanFileName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestByline(t *testing.T) {
	for want, p := range map[string]adapters.Persona{
		"Amy · nhs":                     {Name: "Amy", Workspace: "nhs"},
		"Amy":                           {Name: "Amy"},
		"":                              {},
		"\u2068דנה\u2069 · nhs":         {Name: "דנה", Workspace: "nhs"},
		"\u2068Dana (دانا)\u2069 · nhs": {Name: "Dana (دانا)", Workspace: "nhs"},
	} {
		if got := p.Byline(); got != want {
			t.Errorf("%+v: got %q, want %q", p, got, want)
		}
	}
}
