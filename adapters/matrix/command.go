package matrix

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// commandPrefix starts a message to the bot, in upper or lower case.
const commandPrefix = "!catchword"

// parseCommand returns what follows the bot's name, or the prefix, at the beginning of a CommonMark text.
func parseCommand(text string, names []string) (string, bool) {
	text = strings.TrimSpace(text)
	if rest, ok := cutName(text, commandPrefix); ok {
		return rest, true
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		for _, called := range []string{"@" + strings.TrimPrefix(name, "@"), name + ":", name + ","} {
			if rest, ok := cutName(text, called); ok {
				return rest, true
			}
		}
	}
	return "", false
}

// cutName cuts a name, and the colon or comma behind it, off the beginning of a CommonMark text. The text may escape
// some of its characters.
func cutName(text, name string) (rest string, ok bool) {
	for _, want := range name {
		text = strings.TrimPrefix(text, `\`)
		got, size := utf8.DecodeRuneInString(text)
		if unicode.ToLower(got) != unicode.ToLower(want) {
			return "", false
		}
		text = text[size:]
	}
	marked := strings.HasSuffix(name, ":") || strings.HasSuffix(name, ",")
	if next, _ := utf8.DecodeRuneInString(text); !marked && text != "" && next != ':' && next != ',' && !unicode.IsSpace(next) {
		return "", false // a longer name
	}
	return strings.TrimSpace(strings.TrimLeft(text, ":,")), true
}
