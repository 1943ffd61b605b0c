// Package mrkdwn converts text between CommonMark and what Slack shows: blocks, rich text and mrkdwn.
package mrkdwn

import (
	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// People send rich_text, or else mrkdwn; the bot posts CommonMark. All text becomes a commonmark.Document, and is
// written from that:
//
//	rich_text, other blocks ──┐            ┌── CommonMark (ToCommonMark, Split)
//	mrkdwn ───────────────────┼─ Document ─┼── blocks     (Blocks)
//	CommonMark ───────────────┘            └── mrkdwn     (FromCommonMark)
//
// Slack has headings only at the top of a message. Elsewhere they become bold.
//
// Slack shows rich_text as it is, but mrkdwn has no way to escape *, _, ~ and `. So the blocks are exact. The mrkdwn,
// which Slack shows in notifications and where it can't show blocks, is as close as possible.
//
// No text notifies anybody. "<", ">" and "&" are escaped wherever Slack would parse them, and the elements that mention
// people (user, usergroup, channel, broadcast) are never written.

// Names looks up what people call the users, channels and user groups of a workspace, without "@" or "#". Unknown
// ones are "".
type Names interface {
	User(id string) string
	Channel(id string) string
	Group(id string) string
}

// ToCommonMark converts the blocks of a message, or its text if no block has words. It escapes what means something to
// CommonMark but not to Slack. Messages that it shares (forwards) follow as quotes. It leaves out other attachments,
// such as the previews of links.
func ToCommonMark(m *slackgo.Msg, n Names) string {
	l := converter{names: n}
	p := l.blocks(m.Blocks.BlockSet)
	if !p.HasText() {
		p = l.mrkdwn(m.Text)
	}
	for _, a := range m.Attachments {
		if a.IsShare {
			p = append(p, l.shared(a)...)
		}
	}
	return p.CommonMark()
}

// FromCommonMark converts CommonMark to mrkdwn, for the text of a message.
func FromCommonMark(text string) string { return mrkdwn(commonmark.Parse(text)) }

// Blocks converts CommonMark to the blocks of a message. They are within Slack's limits if text comes from Split.
// Blocks is nil for a text that shows nothing.
func Blocks(text string) []slackgo.Block { return blocks(commonmark.Parse(text)) }
