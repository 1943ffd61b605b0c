package slack

import (
	"strings"
	"time"
	"unicode"

	slackgo "github.com/slack-go/slack"
)

// Text takes one way through three forms. What people say is rich_text, or else mrkdwn; what the bot says is CommonMark. All
// of them become a passage first, which holds just what Slack can show, and are written from that:
//
//	rich_text, other blocks ──┐           ┌── CommonMark (toCommonMark, split)
//	mrkdwn ───────────────────┼─ passage ─┼── blocks     (toBlocks)
//	CommonMark ───────────────┘           └── mrkdwn     (toMrkdwn)
//
// Slack has no quotes within lists, no lists within quotes within lists, and no headings but at the top: in a passage those are
// flat. Every word is still there.
//
// A rich_text element is shown as it stands, while mrkdwn knows no escape for *, _, ~ and `. So the blocks say exactly what is
// meant, and mrkdwn, which Slack shows in notifications and where it can't show blocks, as well as it can.
//
// Nothing of a text ever notifies anybody: "<", ">" and "&" are escaped wherever Slack would parse them, and of the elements
// that call people (user, usergroup, channel, broadcast) none is ever made.

// A passage is a text as Slack can show it, a list of blocks.
type passage []block

// A block is one line or more of a passage: a paragraph, say, or one item of a list.
type block struct {
	kind   kind
	quoted bool
	indent int // of an item: how many lists it is nested in
	number int // of an item: 0 for a bullet
	runs   []run
}

type kind uint8

const (
	paragraph kind = iota
	heading
	item
	code // its runs have no style
	rule // has no runs
)

// A run is text in one style. A "\n" in it is a line break.
type run struct {
	text  string
	style style
	link  string    // an address that linkable has made, or ""
	at    time.Time // the instant that the text tells, or zero
}

type style uint8

const (
	bold style = 1 << iota
	italic
	strike
	monospace
)

// maxIndent is how deep Slack nests lists. Whatever is deeper is shown there.
const maxIndent = 8

// names looks up what people call the users, channels and user groups of a workspace, without "@" or "#". What is not known
// is "".
type names interface {
	user(id string) string
	channel(id string) string
	group(id string) string
}

// toCommonMark is what a message says: its blocks, or its text if it has no blocks that say anything. Everything that means
// something to CommonMark but not to Slack is escaped. Attachments, among them the previews of links, are left out.
func toCommonMark(m *slackgo.Msg, n names) string {
	l := listener{names: n}
	p := l.blocks(m.Blocks.BlockSet)
	if !p.says() {
		p = l.mrkdwn(m.Text)
	}
	return p.commonMark()
}

// toMrkdwn is CommonMark for the text of a message.
func toMrkdwn(commonmark string) string { return parse(commonmark).mrkdwn() }

// toBlocks is CommonMark for the blocks of a message. It keeps to Slack's limits if commonmark comes from split. It is nil for
// a text that shows nothing.
func toBlocks(commonmark string) []slackgo.Block { return parse(commonmark).blocks() }

// says tells whether there are words in a passage.
func (p passage) says() bool {
	for _, b := range p {
		for _, r := range b.runs {
			if strings.TrimSpace(r.text) != "" {
				return true
			}
		}
	}
	return false
}

// clean makes any text valid UTF-8 without control characters but newlines and tabs.
func clean(s string) string {
	plain := true
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\n' || s[i] >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r):
			return -1
		}
		return r // an invalid byte is U+FFFD already
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}
