package adapters

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// commandPrefix is how people begin a message to the bot on every platform, whatever its name is there.
const commandPrefix = "!catchword"

// ParseMention tells whether a message is to the bot, by its CommonMark, and what follows the bot's name: it fills
// ToBot and Command of a Message. Names are how people's mentions of the bot read on a platform, such as "@catchword".
// What begins with a longer word is not addressed, and a colon or comma behind the name is no part of the command.
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

// cutName cuts a name off the beginning of CommonMark, in which its punctuation may be escaped.
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
	next, _ := utf8.DecodeRuneInString(strings.TrimPrefix(text, `\`))
	if unicode.IsLetter(next) || unicode.IsDigit(next) || next == '-' || next == '_' {
		return "", false
	}
	return text, true
}

// punctuation is what CommonMark lets a backslash stand before.
const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

// trimBreaks is a text without white space at its ends, of which a line break may be written with a backslash.
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
