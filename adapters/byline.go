package adapters

import (
	"regexp"
	"strings"
)

// blockStart tells that a text begins with a CommonMark block other than a paragraph: a list, quote, heading (of either
// kind), fence, rule, table, code by indentation or a link's definition.
var blockStart = regexp.MustCompile("^(?:" +
	" {0,3}(?:[-*+]|\\d{1,9}[.)]|#{1,6})(?:[ \t\n]|$)" + // list, heading
	"| {0,3}(?:>|```|~~~|\\||\\[[^\\]]*\\]:)" + // quote, fence, table, definition
	"| {0,3}(?:(?:\\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})(?:\n|$)" + // rule
	"|    |\t| {1,3}\t|[ \t]*\n" + // code, empty line
	"|[^\n]+\n {0,3}(?:=+|-+|[-:| \t]*\\|[-:| \t]*)[ \t]*(?:\n|$))") // underlined heading, table

// TextWithByline is p.Text with the line of its persona before it, "**Name · workspace**: text", for platforms that
// show no other name on a message of the bot's. Before a list, a quote and the like, the line is a paragraph of its
// own. The zero persona leaves the text as it is. Mass mentions in the name are as alive as in the text.
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

// escapeName makes a name that a stranger chose plain CommonMark on one line.
func escapeName(name string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(name), " ") {
		// All ASCII punctuation may be escaped; what needs no escape here stays readable.
		if strings.ContainsRune("\\`*_{}[]<>#!|~&^", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
