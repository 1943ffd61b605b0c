package mrkdwn

import (
	"strings"
	"testing"
)

func TestEmoji(t *testing.T) {
	for _, c := range []struct{ name, characters, back string }{
		{"+1", "👍", "+1"},
		{"thumbsup", "👍", "+1"},
		{"-1", "👎", "-1"},
		{"+1::skin-tone-2", "👍🏻", "+1::skin-tone-2"},
		{"+1::skin-tone-6", "👍🏿", "+1::skin-tone-6"},
		{"heart", "❤️", "heart"},
		{"tada", "🎉", "tada"},
		{"white_check_mark", "✅", "white_check_mark"},
		{"flag-gb", "🇬🇧", "gb"},
		{"gb", "🇬🇧", "gb"},
		{"flag-scotland", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "flag-scotland"},
		{"female-doctor", "👩‍⚕️", "female-doctor"},
		{"female-doctor::skin-tone-3", "👩🏼‍⚕️", "female-doctor::skin-tone-3"},
		{"person_with_ball::skin-tone-4", "⛹🏽", "person_with_ball::skin-tone-4"},
		{"runner", "🏃", "runner"},
		{"memo", "📝", "memo"},
		{"pencil", "📝", "memo"},
		{"hash", "#️⃣", "hash"},
		{"simple_smile", ":simple_smile:", "simple_smile"},
		{"ukmedlibs", ":ukmedlibs:", "ukmedlibs"},
		{"図書館", ":図書館:", "図書館"},
		{"ukmedlibs::skin-tone-2", ":ukmedlibs::skin-tone-2:", "ukmedlibs::skin-tone-2"},
		{"+1::skin-tone-9", ":+1::skin-tone-9:", ""},
		{"", "::", ""},
	} {
		if got := EmojiFromName(c.name); got != c.characters {
			t.Errorf("emojiIn(%q): got %q, want %q", c.name, got, c.characters)
		}
		if got, ok := EmojiName(c.characters); got != c.back || ok != (c.back != "") {
			t.Errorf("emojiOut(%q): got %q, %v, want %q", c.characters, got, ok, c.back)
		}
	}
	for _, c := range []struct{ characters, want string }{
		{"❤", "heart"}, {"☺", "relaxed"}, {"🏋🏾‍♀", "woman-lifting-weights::skin-tone-5"}, {"a", ""}, {"", ""}, {"👍👍", ""}, {":a b:", ""}, {"🏽", "skin-tone-4"},
	} {
		if got, ok := EmojiName(c.characters); got != c.want || ok != (c.want != "") {
			t.Errorf("emojiOut(%q): got %q, %v, want %q", c.characters, got, ok, c.want)
		}
	}
}

// TestEmojiTable: each name means one emoji, and each emoji comes back from its own name.
func TestEmojiTable(t *testing.T) {
	table := emoji()
	if len(table.names) < 1900 || len(table.characters) < len(table.names) {
		t.Fatalf("got %d emoji and %d names, want at least 1,900", len(table.names), len(table.characters))
	}
	for name, characters := range table.characters {
		own, ok := EmojiName(characters)
		if got := EmojiFromName(own); !ok || got != characters {
			t.Errorf("emoji %s, %q: got its own name %q, which is %q", name, characters, own, got)
		}
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_+-'") != "" {
			t.Errorf("got the name %q, which is not found in text", name)
		}
	}
}
