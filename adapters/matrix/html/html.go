// Package html converts text between CommonMark and what Matrix shows: a plain body, and HTML.
package html

import (
	"encoding/json"
	"html"
	"strings"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// All text becomes a commonmark.Document, and is written from that:
//
//	formatted_body ──┐            ┌── CommonMark      (ToCommonMark, Split)
//	body ────────────┼─ Document ─┼── formatted_body  (FromCommonMark)
//	CommonMark ──────┘            └── body            (FromCommonMark)
//
// The HTML has no other tags than https://spec.matrix.org/v1.11/client-server-api/#mroommessage-msgtypes asks clients
// to show. commonmark writes all of them, and links lead only to the web and to mail addresses.
//
// No text notifies anybody. m.mentions decides that, and the adapter always sends it empty. But older clients and
// servers also look for "@room" in the body, and treat a link to a user as a mention. So "@room" gets a word joiner,
// which nobody sees, and a link to a user becomes words.

// maxContent is how many bytes of JSON the body and formatted_body of an event may have together. An event may have
// 65,536 (https://spec.matrix.org/v1.11/client-server-api/#size-limits). Encryption turns three bytes into four, an
// edit holds its text twice, and 4 kB are enough for everything else.
const maxContent = (65_536 - 4_096) * 3 / 4 / 2

// A NameOf returns what people call a user, without "@", or "" if it doesn't know.
type NameOf func(id.UserID) string

// FromCommonMark converts CommonMark to the body and the formatted_body of an event. formatted is "" if the body
// shows everything.
func FromCommonMark(text string) (body, formatted string) {
	p := commonmark.Parse(text)
	if !isPlain(p) {
		formatted = toHTML(p)
	}
	return toBody(p), formatted
}

// Split splits CommonMark into texts that fit into one event each, and into an edit of it. It returns at least one
// text.
func Split(text string) []string { return splitAt(text, maxContent) }

func splitAt(text string, limit int) []string {
	return commonmark.Split(text, limit, func(p commonmark.Document) bool {
		return jsonLen(toBody(p))+jsonLen(toHTML(p)) <= limit
	})
}

// jsonLen is how many bytes a text has as JSON.
func jsonLen(s string) int {
	raw, err := json.Marshal(s)
	if err != nil {
		return maxContent + 1 // never happens: every string can be encoded
	}
	return len(raw)
}

// ToCommonMark converts the text of an event, or the new text if it is an edit. It escapes what means something to
// CommonMark but not to Matrix. A file has no text unless it has a caption. An action (m.emote) is set in italics.
// reply says that the event replies to another one, which its body may repeat.
func ToCommonMark(c *event.MessageEventContent, reply bool, name NameOf) string {
	if c.NewContent != nil {
		c = c.NewContent
	}
	p := documentOf(c, reply, name)
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

func documentOf(c *event.MessageEventContent, reply bool, name NameOf) commonmark.Document {
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

// PollToCommonMark is the question of a poll, and its answers as a list.
func PollToCommonMark(c *event.PollStartEventContent) string {
	p := fromBody(c.PollStart.Question.GetText(), nil)
	for i, answer := range c.PollStart.Answers {
		p = append(p, commonmark.Block{Kind: commonmark.ListItem, Number: i + 1, Runs: oneLine(fromBody(answer.GetText(), nil))})
	}
	return p.CommonMark()
}

// WithByline puts the byline of a persona before what an event shows, for clients that don't show personas:
// https://github.com/matrix-org/matrix-spec-proposals/pull/4144
func WithByline(name, body, formatted string) (withName, formattedWithName string) {
	if formatted == "" {
		formatted = event.TextToHTML(body)
	}
	return name + ": " + body, "<strong data-mx-profile-fallback>" + html.EscapeString(name) + ": </strong>" + formatted
}
