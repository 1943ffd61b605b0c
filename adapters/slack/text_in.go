package slack

import (
	"slices"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"
)

// A listener makes passages of what Slack's messages hold.
type listener struct{ names names }

// blocks reads a message's blocks, of whatever kind.
func (l listener) blocks(set []slackgo.Block) (p passage) {
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
				h.kind = heading
				p = append(p, h)
			}
		case *slackgo.ContextBlock:
			p = append(p, l.context(b)...)
		case *slackgo.DividerBlock:
			p = append(p, block{kind: rule})
		case *slackgo.ImageBlock:
			if b.AltText != "" {
				p = append(p, l.plain(b.AltText)...)
			} else {
				p = append(p, l.textObject(b.Title)...)
			}
		case *slackgo.MarkdownBlock:
			p = append(p, parse(b.Text)...)
		case *slackgo.ActionBlock, *slackgo.InputBlock: // are there to be used
		default:
			for _, words := range wordsOf(b) {
				p = append(p, l.mrkdwn(words)...)
			}
		}
	}
	return p
}

// context reads the small print of a message, in which texts stand side by side. It is set in italics.
func (l listener) context(b *slackgo.ContextBlock) passage {
	var p passage
	for _, e := range b.ContextElements.Elements {
		if text, ok := e.(*slackgo.TextBlockObject); ok {
			p = append(p, l.textObject(text)...)
		}
	}
	for _, small := range p {
		for i := range small.runs {
			if small.kind != code {
				small.runs[i].style |= italic
			}
		}
	}
	return p
}

func (l listener) textObject(t *slackgo.TextBlockObject) passage {
	switch {
	case t == nil:
		return nil
	case t.Type == slackgo.PlainTextType:
		return l.plain(unescape(t.Text))
	default:
		return l.mrkdwn(t.Text)
	}
}

// plain reads text in which only shortcodes mean anything.
func (l listener) plain(text string) passage {
	return paragraphs([]run{{text: withEmoji(clean(text))}}, false)
}

// richText reads the elements of a rich_text block. Those of a list are its items, nested in so many lists already.
func (l listener) richText(elements []slackgo.RichTextElement, nested int) (p passage) {
	for _, e := range elements {
		switch e := e.(type) {
		case *slackgo.RichTextSection:
			p = append(p, paragraphs(l.runs(e.Elements), false)...)
		case *slackgo.RichTextQuote:
			p = append(p, paragraphs(l.runs(e.Elements), true)...)
		case *slackgo.RichTextPreformatted:
			p = append(p, preformatted(l.runs(e.Elements), e.Border > 0))
		case *slackgo.RichTextList:
			p = append(p, l.list(e, nested)...)
		default:
			for _, words := range wordsOf(e) {
				p = append(p, l.plain(words)...)
			}
		}
	}
	return p
}

func (l listener) list(list *slackgo.RichTextList, nested int) (p passage) {
	b := block{kind: item, quoted: list.Border > 0, indent: max(0, min(maxIndent, list.Indent+nested))}
	if list.Style == slackgo.RTEListOrdered {
		b.number = max(0, min(list.Offset, maxNumber)) + 1
	}
	for _, e := range list.Elements {
		section, ok := e.(*slackgo.RichTextSection)
		if !ok {
			p = append(p, l.richText([]slackgo.RichTextElement{e}, b.indent+1)...)
			continue
		}
		b.runs = joined(paragraphs(l.runs(section.Elements), false))
		p = append(p, b)
		if b.number > 0 {
			b.number++
		}
	}
	return p
}

// maxNumber is the highest number of an item that CommonMark knows, and some room.
const maxNumber = 999_000_000

// joined makes one block's runs of several paragraphs.
func joined(p passage) (runs []run) {
	for i, b := range p {
		if i > 0 {
			runs = append(runs, run{text: "\n\n"})
		}
		runs = append(runs, b.runs...)
	}
	return runs
}

func preformatted(runs []run, quoted bool) block {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(r.text)
	}
	return block{kind: code, quoted: quoted, runs: []run{{text: strings.Trim(b.String(), "\n")}}}
}

// paragraphs divides runs at empty lines.
func paragraphs(runs []run, quoted bool) (p passage) {
	var b block
	for _, line := range lines(runs) {
		if len(line) == 0 {
			if b.runs != nil {
				p = append(p, b)
			}
			b = block{}
			continue
		}
		if b.runs != nil {
			b.runs = append(b.runs, run{text: "\n"})
		}
		b.quoted = quoted
		b.runs = append(b.runs, line...)
	}
	if b.runs != nil {
		p = append(p, b)
	}
	return p
}

// lines divides runs at each line break. A line without words has no runs.
func lines(runs []run) [][]run {
	all := [][]run{nil}
	for _, r := range runs {
		for i, text := range strings.Split(r.text, "\n") {
			if i > 0 {
				all = append(all, nil)
			}
			if r.text = text; text != "" {
				all[len(all)-1] = append(all[len(all)-1], r)
			}
		}
	}
	for i, line := range all {
		all[i] = tidy(line)
	}
	return all
}

// runs reads the elements of a section.
func (l listener) runs(elements []slackgo.RichTextSectionElement) []run {
	var runs []run
	for _, e := range elements {
		r := l.run(e)
		r.text = clean(r.text)
		runs = append(runs, r)
	}
	return runs
}

func (l listener) run(e slackgo.RichTextSectionElement) run {
	switch e := e.(type) {
	case *slackgo.RichTextSectionTextElement:
		return run{text: e.Text, style: styled(e.Style)}
	case *slackgo.RichTextSectionLinkElement:
		return linked(e.Text, e.URL, styled(e.Style))
	case *slackgo.RichTextSectionUserElement:
		return run{text: l.user(e.UserID, ""), style: styled(e.Style)}
	case *slackgo.RichTextSectionCanvasUserMentionElement:
		return run{text: l.user(e.UserID, ""), style: styled(e.Style)}
	case *slackgo.RichTextSectionChannelElement:
		return run{text: l.channel(e.ChannelID, ""), style: styled(e.Style)}
	case *slackgo.RichTextSectionUserGroupElement:
		return run{text: l.group(e.UsergroupID, ""), style: styled(e.Style)}
	case *slackgo.RichTextSectionBroadcastElement:
		return run{text: "@" + e.Range, style: styled(e.Style)}
	case *slackgo.RichTextSectionEmojiElement:
		return run{text: emojiElement(e), style: styled(e.Style)}
	case *slackgo.RichTextSectionColorElement:
		return run{text: e.Value, style: styled(e.Style)}
	case *slackgo.RichTextSectionDateElement:
		r := run{at: instant(int64(e.Timestamp)), style: styled(e.Style)}
		if e.Fallback != nil {
			r.text = *e.Fallback
		}
		if e.URL != nil {
			r.link, _ = linkable(*e.URL)
		}
		return spelt(r, int64(e.Timestamp))
	default:
		return other(e)
	}
}

func styled(s *slackgo.RichTextSectionTextStyle) (t style) {
	if s == nil {
		return 0
	}
	for bit, on := range map[style]bool{bold: s.Bold, italic: s.Italic, strike: s.Strike, monospace: s.Code} {
		if on {
			t |= bit
		}
	}
	return t
}

// linked is a link, or its words and address where no link may be made of it.
func linked(text, address string, s style) run {
	text = spaces.Replace(text)
	link, ok := linkable(address)
	switch {
	case strings.TrimSpace(text) == "":
		text = address
	case !ok && address != "" && text != address:
		text += " (" + address + ")"
	}
	return run{text: text, style: s, link: link}
}

// The words for what nobody can look up. Slack's own clients show as much.
func (l listener) user(id, label string) string {
	return "@" + known(l.names.user(id), label, "somebody")
}

func (l listener) channel(id, label string) string {
	return "#" + known(l.names.channel(id), label, "a-private-channel")
}

func (l listener) group(id, label string) string {
	return "@" + known(l.names.group(id), label, "a-group")
}

// known is the first of its arguments that says anything.
func known(all ...string) string {
	i := slices.IndexFunc(all, func(s string) bool { return strings.Trim(clean(s), "@# \n\t") != "" })
	return strings.TrimLeft(strings.Join(strings.Fields(clean(all[i])), " "), "@#")
}

// instant is a time in Unix seconds, or zero where CommonMark's <time> has no way to write it.
func instant(unix int64) time.Time {
	t := time.Unix(unix, 0).UTC()
	if unix <= 0 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

// spelt sees to it that a date has words.
func spelt(r run, unix int64) run {
	r.text = strings.Join(strings.Fields(clean(r.text)), " ")
	if r.text == "" {
		r.text = time.Unix(unix, 0).UTC().Format("Monday 2 January 2006, 15:04 MST")
	}
	return r
}
