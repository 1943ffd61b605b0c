package matrix

import "testing"

func TestParseCommand(t *testing.T) {
	names := []string{"@question_master:example.org", "Question Master", "question_master"}
	for _, test := range []struct {
		text, want string
		toBot      bool
	}{
		{"!catchword next", "next", true},
		{"!Catchword", "", true},
		{"  !CATCHWORD:  extend 3m ", "extend 3m", true},
		{"!catchwords next", "", false},
		{"say !catchword next", "", false},
		{"Question Master: next", "next", true},
		{"question master, next please", "next please", true},
		{"@Question Master next", "next", true},
		{"@question_master:example.org: hold", "hold", true},
		{`@question\_master:example.org: *hold*`, "*hold*", true}, // as CommonMark writes it
		{`question\_master: \*no emphasis\*`, `\*no emphasis\*`, true},
		{"Question Master", "", false}, // about the bot, and not to it
		{"Question Master asks too much", "", false},
		{"Question Masters: no", "", false},
		{"@Question Masterful", "", false},
		{"", "", false},
		{"!", "", false},
		{`\`, "", false},
	} {
		got, toBot := parseCommand(test.text, names)
		if got != test.want || toBot != test.toBot {
			t.Errorf("command(%q): got %q, %v, want %q, %v", test.text, got, toBot, test.want, test.toBot)
		}
	}
	if got, ok := parseCommand("anything", []string{"", "@"}); ok {
		t.Errorf("a bot without a name: got %q, want nothing addressed to it", got)
	}
}
