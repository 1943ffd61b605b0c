package mrkdwn

import (
	"cmp"
	"slices"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// A converter makes documents of Slack's messages.
type converter struct{ names Names }

// blocks reads the blocks of a message, of any kind.
func (l converter) blocks(set []slackgo.Block) (p commonmark.Document) {
	for _, b := range set {
		switch b := b.(type) {
		case *slackgo.RichTextBlock:
			p = append(p, l.richText(b.Elements, 0)...)
		case *slackgo.SectionBlock:
			p = append(p, l.textObject(b.Text)...)
			for _, field := range b.Fields {
				p = append(p, l.textObject(field)...)
			}
		case *slackgo.HeaderBlock:
			for _, h := range l.textObject(b.Text) {
				h.Kind = commonmark.Heading
				p = append(p, h)
			}
		case *slackgo.ContextBlock:
			p = append(p, l.context(b)...)
		case *slackgo.DividerBlock:
			p = append(p, commonmark.Block{Kind: commonmark.Rule})
		case *slackgo.ImageBlock:
			if b.AltText != "" {
				p = append(p, l.plain(b.AltText)...)
			} else {
				p = append(p, l.textObject(b.Title)...)
			}
		case *slackgo.MarkdownBlock:
			p = append(p, commonmark.Parse(b.Text)...)
		case *slackgo.ActionBlock, *slackgo.InputBlock: // they are for pressing and typing, not for reading
		default:
			for _, words := range readableText(b) {
				p = append(p, l.mrkdwn(words)...)
			}
		}
	}
	return p
}

// shared reads a shared message as a quote that names its author. It is empty if the message has no words that the bot
// may see.
func (l converter) shared(a slackgo.Attachment) commonmark.Document {
	p := l.blocks(a.Blocks.BlockSet)
	if !p.HasText() {
		p = l.mrkdwn(a.Text)
	}
	if !p.HasText() {
		return nil
	}
	if author := commonmark.Clean(cmp.Or(a.AuthorName, a.AuthorSubname)); author != "" {
		named := []commonmark.Run{{Text: author, Style: commonmark.Bold}, {Text: ": "}}
		if p[0].Kind == commonmark.Paragraph {
			p[0].Runs = append(named, p[0].Runs...)
		} else {
			p = append(commonmark.Document{{Runs: named}}, p...)
		}
	}
	for i := range p {
		p[i].Quoted = true
	}
	return p
}

// context reads the small print of a message, where texts are side by side. It becomes italics.
func (l converter) context(b *slackgo.ContextBlock) commonmark.Document {
	var p commonmark.Document
	for _, e := range b.ContextElements.Elements {
		if text, ok := e.(*slackgo.TextBlockObject); ok {
			p = append(p, l.textObject(text)...)
		}
	}
	for _, small := range p {
		for i := range small.Runs {
			if small.Kind != commonmark.CodeBlock {
				small.Runs[i].Style |= commonmark.Italic
			}
		}
	}
	return p
}

func (l converter) textObject(t *slackgo.TextBlockObject) commonmark.Document {
	switch {
	case t == nil:
		return nil
	case t.Type == slackgo.PlainTextType:
		return l.plain(unescape(t.Text))
	default:
		return l.mrkdwn(t.Text)
	}
}

// plain reads text in which only shortcodes have a meaning.
func (l converter) plain(text string) commonmark.Document {
	return commonmark.Paragraphs([]commonmark.Run{{Text: withEmoji(commonmark.Clean(text))}}, false)
}

// richText reads the elements of a rich_text block.
func (l converter) richText(elements []slackgo.RichTextElement, nested int) (p commonmark.Document) {
	for _, e := range elements {
		switch e := e.(type) {
		case *slackgo.RichTextSection:
			p = append(p, commonmark.Paragraphs(l.runs(e.Elements), false)...)
		case *slackgo.RichTextQuote:
			p = append(p, commonmark.Paragraphs(l.runs(e.Elements), true)...)
		case *slackgo.RichTextPreformatted:
			p = append(p, commonmark.NewCodeBlock(l.runs(e.Elements), e.Border > 0))
		case *slackgo.RichTextList:
			p = append(p, l.list(e, nested)...)
		default:
			for _, words := range readableText(e) {
				p = append(p, l.plain(words)...)
			}
		}
	}
	return p
}

func (l converter) list(list *slackgo.RichTextList, nested int) (p commonmark.Document) {
	b := commonmark.Block{Kind: commonmark.ListItem, Quoted: list.Border > 0, Indent: max(0, min(commonmark.MaxIndent, list.Indent+nested))}
	if list.Style == slackgo.RTEListOrdered {
		b.Number = max(0, min(list.Offset, commonmark.MaxNumber)) + 1
	}
	for _, e := range list.Elements {
		section, ok := e.(*slackgo.RichTextSection)
		if !ok {
			p = append(p, l.richText([]slackgo.RichTextElement{e}, b.Indent+1)...)
			continue
		}
		b.Runs = commonmark.JoinParagraphs(commonmark.Paragraphs(l.runs(section.Elements), false))
		p = append(p, b)
		if b.Number > 0 {
			b.Number++
		}
	}
	return p
}

// runs reads the elements of a section.
func (l converter) runs(elements []slackgo.RichTextSectionElement) []commonmark.Run {
	var runs []commonmark.Run
	for _, e := range elements {
		r := l.run(e)
		r.Text = commonmark.Clean(r.Text)
		runs = append(runs, r)
	}
	return runs
}

func (l converter) run(e slackgo.RichTextSectionElement) commonmark.Run {
	switch e := e.(type) {
	case *slackgo.RichTextSectionTextElement:
		return commonmark.Run{Text: e.Text, Style: styleOf(e.Style)}
	case *slackgo.RichTextSectionLinkElement:
		return linkRun(e.Text, e.URL, styleOf(e.Style))
	case *slackgo.RichTextSectionUserElement:
		return commonmark.Run{Text: l.user(e.UserID, ""), Style: styleOf(e.Style)}
	case *slackgo.RichTextSectionCanvasUserMentionElement:
		return commonmark.Run{Text: l.user(e.UserID, ""), Style: styleOf(e.Style)}
	case *slackgo.RichTextSectionChannelElement:
		return commonmark.Run{Text: l.channel(e.ChannelID, ""), Style: styleOf(e.Style)}
	case *slackgo.RichTextSectionUserGroupElement:
		return commonmark.Run{Text: l.group(e.UsergroupID, ""), Style: styleOf(e.Style)}
	case *slackgo.RichTextSectionBroadcastElement:
		return commonmark.Run{Text: "@" + e.Range, Style: styleOf(e.Style)}
	case *slackgo.RichTextSectionEmojiElement:
		return commonmark.Run{Text: emojiElement(e), Style: styleOf(e.Style)}
	case *slackgo.RichTextSectionColorElement:
		return commonmark.Run{Text: e.Value, Style: styleOf(e.Style)}
	case *slackgo.RichTextSectionDateElement:
		r := commonmark.Run{Time: commonmark.UnixTime(int64(e.Timestamp)), Style: styleOf(e.Style)}
		if e.Fallback != nil {
			r.Text = *e.Fallback
		}
		if e.URL != nil {
			r.Link, _ = commonmark.SafeURL(*e.URL)
		}
		return withDateText(r, int64(e.Timestamp))
	default:
		return otherElement(e)
	}
}

func styleOf(s *slackgo.RichTextSectionTextStyle) (t commonmark.Style) {
	if s == nil {
		return 0
	}
	for bit, on := range map[commonmark.Style]bool{commonmark.Bold: s.Bold, commonmark.Italic: s.Italic, commonmark.Strike: s.Strike, commonmark.Monospace: s.Code} {
		if on {
			t |= bit
		}
	}
	return t
}

// linkRun is a link, or its words and address if the address is not safe.
func linkRun(text, address string, s commonmark.Style) commonmark.Run {
	text = commonmark.OneLine(text)
	link, ok := commonmark.SafeURL(address)
	switch {
	case strings.TrimSpace(text) == "":
		text = address
	case !ok && address != "" && text != address:
		text += " (" + address + ")"
	}
	return commonmark.Run{Text: text, Style: s, Link: link}
}

// The words for what can't be looked up, as Slack's own clients show them.
func (l converter) user(id, label string) string {
	return "@" + firstReadable(l.names.User(id), label, "somebody")
}

func (l converter) channel(id, label string) string {
	return "#" + firstReadable(l.names.Channel(id), label, "a-private-channel")
}

func (l converter) group(id, label string) string {
	return "@" + firstReadable(l.names.Group(id), label, "a-group")
}

// firstReadable is the first argument that is not blank.
func firstReadable(all ...string) string {
	i := slices.IndexFunc(all, func(s string) bool { return strings.Trim(commonmark.Clean(s), "@# \n\t") != "" })
	return strings.TrimLeft(strings.Join(strings.Fields(commonmark.Clean(all[i])), " "), "@#")
}

// withDateText makes sure that a date has words.
func withDateText(r commonmark.Run, unix int64) commonmark.Run {
	r.Text = strings.Join(strings.Fields(commonmark.Clean(r.Text)), " ")
	if r.Text == "" {
		r.Text = time.Unix(unix, 0).UTC().Format("Monday 2 January 2006, 15:04 MST")
	}
	return r
}
