package adapters

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// commandPrefix begins a message to the bot on every platform, whatever the bot's name is there.
const commandPrefix = "!catchword"

// ParseMention finds out whether a message begins with a mention of the bot, and what follows it: the ToBot and
// Command of a Message. The text is CommonMark. The names are what people's mentions of the bot look like on a
// platform, such as "@catchword". A longer word that begins with a name doesn't count, unless the
// name ends with a colon or comma. A colon or comma after the name is not part of the command.
func ParseMention(text string, names ...string) (toBot bool, command string) {
	text = strings.TrimSpace(text)
	for _, name := range slices.Concat(names, []string{commandPrefix}) {
		if rest, ok := cutName(text, name); ok && (!toBot || len(rest) < len(command)) {
			toBot, command = true, rest
		}
	}
	command = trimBreaks(command)
	if command != "" && (command[0] == ':' || command[0] == ',') {
		command = trimBreaks(command[1:])
	}
	return toBot, command
}

// cutName cuts a name off the beginning of CommonMark, where its punctuation may be escaped.
func cutName(text, name string) (rest string, ok bool) {
	if name == "" {
		return "", false
	}
	for _, want := range name {
		if strings.ContainsRune(punctuation, want) {
			text = strings.TrimPrefix(text, `\`)
		}
		got, size := utf8.DecodeRuneInString(text)
		if size == 0 || unicode.ToLower(got) != unicode.ToLower(want) {
			return "", false
		}
		text = text[size:]
	}
	if strings.HasSuffix(name, ":") || strings.HasSuffix(name, ",") {
		return text, true
	}
	next, _ := utf8.DecodeRuneInString(strings.TrimPrefix(text, `\`))
	if unicode.IsLetter(next) || unicode.IsDigit(next) || next == '-' || next == '_' {
		return "", false
	}
	return text, true
}

// punctuation are the characters that CommonMark lets a backslash escape.
const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

// trimBreaks trims white space at both ends, including line breaks that are written with a backslash.
func trimBreaks(text string) string {
	for {
		text = strings.TrimSpace(text)
		rest, broken := strings.CutPrefix(text, "\\\n")
		if !broken {
			return text
		}
		text = rest
	}
}
