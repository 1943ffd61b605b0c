package adapters

import "testing"

func TestParseMention(t *testing.T) {
	for _, test := range []struct {
		text    string
		toBot   bool
		command string
	}{
		{"!catchword next", true, "next"},
		{"  !CatchWord\tNext  ", true, "Next"},
		{`\!catchword extend 3m`, true, "extend 3m"},
		{"!catchword", true, ""},
		{"@catchword next", true, "next"},
		{"@Catchword: next", true, "next"},
		{"@catchword, where are we?", true, "where are we?"},
		{"@catchword , next", true, "next"},
		{"@catchword\\\nask *Why?*\n\n- so", true, "ask *Why?*\n\n- so"},
		{"@catchword:\\\nask", true, "ask"},
		{"@catchword…", true, "…"},
		{`@ukmed\_libs chat next`, true, "next"},
		{"@ukmed_libs chat next", true, "next"},
		{"@catchword chat next", true, "chat next"},
		{"@zoë next", true, "next"},
		{"@ZOË next", true, "next"},
		{"@café chat: where", true, "where"},
		{"@café where", true, "where"},
		{"", false, ""},
		{"next", false, ""},
		{"catchword next", false, ""},
		{"next !catchword", false, ""},
		{"Ask @catchword", false, ""},
		{"!catchwords", false, ""},
		{`@catchword\_fans say`, false, ""},
		{"@catchword-fan says", false, ""},
		{`\catchword next`, false, ""},
		{"> !catchword next", false, ""},
		{"`!catchword next`", false, ""},
		{"A1: @catchword", false, ""},
		{"quiz:next", true, "next"},
		{"Quiz: next", true, "next"},
		{"quiz night: next", false, ""},
	} {
		toBot, command := ParseMention(test.text, "", "@catchword", "@ukmed_libs chat", "@zoë", "@café", "@café chat", "quiz:")
		if toBot != test.toBot || command != test.command {
			t.Errorf("%q: got %v %q, want %v %q", test.text, toBot, command, test.toBot, test.command)
		}
	}
}
