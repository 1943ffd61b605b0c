package bot

import "testing"

// TestRedactPlaceholder erases somebody with the ID that stands for people who were erased.
func TestRedactPlaceholder(t *testing.T) {
	somebody := personMatcher{id: "somebody"}
	if got := somebody.redact("ask somebody somebody somebody"); got != "ask somebody somebody somebody" {
		t.Errorf("got %q", got)
	}
	ann := personMatcher{id: "U1"}
	if got := ann.redact("U1 U1 U1,u1"); got != "somebody somebody somebody,somebody" {
		t.Errorf("got %q, want each replaced", got)
	}
}

// TestRedact erases somebody whose names are ordinary words.
func TestRedact(t *testing.T) {
	will := personMatcher{id: "@will:example.org", names: []string{"Will", "Will Power"}, others: []string{"Willow"}, texts: []string{"we should lend laptops to everybody"}}
	for text, want := range map[string]string{
		"> we will buy three laptops\n\nYes.":                 "> we will buy three laptops\n\nYes.",
		"Will you come? Will that do? It takes will power.":   "Will you come? Will that do? It takes will power.",
		"> Will: let us see\n\nNo.":                           "> […]\n\nNo.",
		"> **Will · nhs**: let us see\n\nNo.":                 "> […]\n\nNo.",
		"> Will wrote:\n> let us see\n\nNo.":                  "> […]\n\nNo.",
		"> somebody said: we should lend laptops\n\nAgreed.":  "> […]\n\nAgreed.",
		"Will, I agree.":                                      "somebody, I agree.",
		"Thanks, Will!":                                       "Thanks, somebody!",
		"@Will and @Willow: see @Will.":                       "@somebody and @Willow: see @somebody.",
		"I heard it from Will Power and Willow.":              "I heard it from somebody and Willow.",
		"See [Will](https://matrix.to/#/@will:example.org).":  "See somebody.",
		"See https://matrix.to/#/%40will:example.org today":   "See https://matrix.to/#/somebody today",
		"Ask @will:example.org.":                              "Ask somebody.",
		"> Willow, will we?\n\nNo will of my own.":            "> Willow, will we?\n\nNo will of my own.",
		"Rose: will do. A will is a legal document, Goodwill": "Rose: will do. A will is a legal document, Goodwill",
	} {
		if got := will.redact(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestLooksLike(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Amy Adams", "amy  adams", true},
		{"Amy Adams", "A.m.y-Adams", true},
		{"Amy Adams", "Аmy Аdams", true}, // with Cyrillic A
		{"Will", "WiII", true},           // with capital I
		{"Bob", "B0b", true},
		{"Ａｍｙ", "Amy", true},
		{"Amy", "Any", false},
		{"Owl", "Bowl", false},
		{"", "", false},
		{"!", "?", false},
	} {
		if got := looksLike(c.a, c.b); got != c.want || looksLike(c.b, c.a) != got {
			t.Errorf("%q and %q: got %v, want %v, both ways", c.a, c.b, got, c.want)
		}
	}
}
