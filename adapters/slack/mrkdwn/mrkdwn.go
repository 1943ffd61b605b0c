// Package mrkdwn converts text between CommonMark and what Slack shows: blocks, rich text and mrkdwn.
package mrkdwn

import (
	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// Text takes one way through three forms. What people say is rich_text, or else mrkdwn; what the bot says is
// CommonMark. All of them become a passage first, which holds just what Slack can show, and are written from that:
//
//	rich_text, other blocks ──┐           ┌── CommonMark (ToCommonMark, split)
//	mrkdwn ───────────────────┼─ passage ─┼── blocks     (Blocks)
//	CommonMark ───────────────┘           └── mrkdwn     (FromCommonMark)
//
// Slack has no headings but at the top: elsewhere their words are bold.
//
// A rich_text element is shown as it stands, while mrkdwn knows no escape for *, _, ~ and `. So the blocks say exactly
// what is meant, and mrkdwn, which Slack shows in notifications and where it can't show blocks, as well as it can.
//
// Nothing of a text ever notifies anybody: "<", ">" and "&" are escaped wherever Slack would parse them, and of the
// elements that call people (user, usergroup, channel, broadcast) none is ever made.

// Names looks up what people call the users, channels and user groups of a workspace, without "@" or "#". What is not
// known is "".
type Names interface {
	User(id string) string
	Channel(id string) string
	Group(id string) string
}

// ToCommonMark is what a message says: its blocks, or its text if it has no blocks that say anything. Everything that
// means something to CommonMark but not to Slack is escaped. Attachments, among them the previews of links, are left
// out.
func ToCommonMark(m *slackgo.Msg, n Names) string {
	l := converter{names: n}
	p := l.blocks(m.Blocks.BlockSet)
	if !p.HasText() {
		p = l.mrkdwn(m.Text)
	}
	return p.CommonMark()
}

// FromCommonMark is CommonMark for the text of a message.
func FromCommonMark(text string) string { return mrkdwn(commonmark.Parse(text)) }

// Blocks is CommonMark for the blocks of a message. It keeps to Slack's limits if text comes from split. It is nil for
// a text that shows nothing.
func Blocks(text string) []slackgo.Block { return blocks(commonmark.Parse(text)) }
