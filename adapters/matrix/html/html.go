// Package html converts text between CommonMark and what Matrix shows: a plain body and HTML.
package html

import (
	"encoding/json"
	"strings"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// Text takes one way through a passage, which holds just what a chat can show:
//
//	formatted_body ──┐           ┌── CommonMark      (ToCommonMark, split)
//	body ────────────┼─ passage ─┼── formatted_body  (FromCommonMark)
//	CommonMark ──────┘           └── body            (FromCommonMark)
//
// In HTML there are no more tags than https://spec.matrix.org/v1.11/client-server-api/#mroommessage-msgtypes asks
// clients to show, none of them written by a stranger, and no address but of the web and of mail.
//
// Nothing of a text ever notifies anybody. That is for m.mentions to say, which the adapter always sends, and sends
// empty; but older clients and servers also look for "@room" in the body, and make a mention of a link to a user. So
// there is a word joiner in the former, which can't be seen, and the latter are no links.

// maxContent is how much of an event its body and formatted_body may take, in bytes of JSON. An event may have 65,536
// (https://spec.matrix.org/v1.11/client-server-api/#size-limits): encryption makes four bytes of three, an edit holds
// its text twice, and what else is in an event was never seen to take 4 kB.
const maxContent = (65_536 - 4_096) * 3 / 4 / 2

// A NameOf tells what people call a user, without "@"; "" where it doesn't know.
type NameOf func(id.UserID) string

// FromCommonMark is CommonMark for an event: its body, and its formatted_body, which is "" where the body shows all of
// it.
func FromCommonMark(text string) (body, formatted string) {
	p := commonmark.Parse(text)
	if !isPlain(p) {
		formatted = toHTML(p)
	}
	return toBody(p), formatted
}

// Split divides CommonMark into texts that each fit into one event, and into an edit of it. There is always at least
// one.
func Split(text string) []string { return splitAt(text, maxContent) }

func splitAt(text string, limit int) []string {
	return commonmark.Split(text, limit, func(p commonmark.Document) bool {
		return jsonLen(toBody(p))+jsonLen(toHTML(p)) <= limit
	})
}

// jsonLen is how many bytes a text takes as JSON, which is more than it has.
func jsonLen(s string) int {
	raw, err := json.Marshal(s)
	if err != nil {
		return maxContent + 1 // no string is one that can't be written
	}
	return len(raw)
}

// ToCommonMark is what an event says, an edit's new content or a poll's text included. Everything that means something
// to CommonMark but not to Matrix is escaped. A file says nothing, unless it has a caption: its name is not part of the
// text. What somebody does (m.emote) is set in italics, as it is told beside their name everywhere. Reply says that the
// event answers another one, which its body may then repeat.
func ToCommonMark(c *event.MessageEventContent, reply bool, name NameOf) string {
	if c.NewContent != nil {
		c = c.NewContent
	}
	p := passageOf(c, reply, name)
	if c.MsgType == event.MsgEmote {
		for _, b := range p {
			for i := range b.Runs {
				if b.Kind != commonmark.CodeBlock {
					b.Runs[i].Style |= commonmark.Italic
				}
			}
		}
	}
	return p.CommonMark()
}

func passageOf(c *event.MessageEventContent, reply bool, name NameOf) commonmark.Document {
	switch c.MsgType {
	case event.MsgImage, event.MsgFile, event.MsgAudio, event.MsgVideo:
		if c.FileName == "" || c.FileName == c.Body {
			return nil
		}
	}
	if c.Format == event.FormatHTML {
		if p := fromHTML(c.FormattedBody, name); p.HasText() {
			return p
		}
	}
	body := c.Body
	if reply {
		body = event.TrimReplyFallbackText(body)
	}
	if p := c.BeeperPerMessageProfile; p != nil && p.HasFallback && p.Displayname != "" {
		body = strings.TrimPrefix(body, p.Displayname+": ")
	}
	if c.MsgType == event.MsgLocation && !strings.Contains(body, c.GeoURI) {
		body += " (" + c.GeoURI + ")"
	}
	return fromBody(body, name)
}

// PollToCommonMark is what a poll asks, with its answers.
func PollToCommonMark(c *event.PollStartEventContent) string {
	p := fromBody(c.PollStart.Question.GetText(), nil)
	for i, answer := range c.PollStart.Answers {
		p = append(p, commonmark.Block{Kind: commonmark.ListItem, Number: i + 1, Runs: oneLine(fromBody(answer.GetText(), nil))})
	}
	return p.CommonMark()
}
