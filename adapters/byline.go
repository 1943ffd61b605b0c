package adapters

import (
	"regexp"
	"strings"
)

// blockStart matches a text that begins with a CommonMark block other than a paragraph: a list, a quote, a heading of
// either kind, a fence, a rule, a table, indented code or a link definition.
var blockStart = regexp.MustCompile("^(?:" +
	" {0,3}(?:[-*+]|\\d{1,9}[.)]|#{1,6})(?:[ \t\n]|$)" + // list, heading
	"| {0,3}(?:>|```|~~~|\\||\\[[^\\]]*\\]:)" + // quote, fence, table, definition
	"| {0,3}(?:(?:\\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})(?:\n|$)" + // rule
	"|    |\t| {1,3}\t|[ \t]*\n" + // code, empty line
	"|[^\n]+\n {0,3}(?:=+|-+|[-:| \t]*\\|[-:| \t]*)[ \t]*(?:\n|$))") // underlined heading, table

// TextWithByline is p.Text with the byline of its persona before it: "**Name · workspace**: text". It is for
// platforms that can't show another name on a message of the bot's. Before a list, a quote and so on, the byline is a
// paragraph of its own. Without a persona, the text stays as it is. The caller has to disarm mentions of everybody in
// the name, as it does in the text.
func TextWithByline(p Post) string {
	name := escapeName(p.As.Byline())
	if name == "" {
		return p.Text
	}
	line := "**" + name + "**:"
	switch {
	case p.Text == "":
		return line
	case blockStart.MatchString(p.Text):
		return line + "\n\n" + p.Text
	default:
		return line + " " + p.Text
	}
}

// escapeName writes a name, which may contain anything, as plain CommonMark on one line.
func escapeName(name string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(name), " ") {
		// CommonMark allows a backslash before all punctuation. Without one where none is needed, the source is
		// readable.
		if strings.ContainsRune("\\`*_{}[]<>#!|~&^", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
