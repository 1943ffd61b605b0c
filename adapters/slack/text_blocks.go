package slack

import (
	"slices"
	"strings"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"
)

// Slack's limits: https://docs.slack.dev/reference/block-kit/blocks and, for the sum, of which its documentation says nothing,
// what it answers msg_blocks_too_long to.
const (
	maxBlocks = 50
	maxHeader = 150    // characters of a header block
	maxObject = 3000   // characters of any other text object
	maxSum    = 13_000 // characters of all blocks, as JSON
)

// blocks makes a heading a header block, a last paragraph in italics the small print of a context block, and everything between
// one rich_text block, in the form in which Slack's own composer writes it.
func (p passage) blocks() []slackgo.Block {
	var all []slackgo.Block
	var open []slackgo.RichTextElement
	flush := func() {
		if len(open) > 0 {
			all = append(all, slackgo.NewRichTextBlock("", open...))
			open = nil
		}
	}
	for i, b := range p {
		small := i > 0 && i == len(p)-1 && b.isSmall()
		switch {
		case b.kind == heading && b.isHeader():
			flush()
			all = append(all, slackgo.NewHeaderBlock(slackgo.NewTextBlockObject(slackgo.PlainTextType, textOf(b.runs), false, false)))
		case b.kind == rule:
			flush()
			all = append(all, slackgo.NewDividerBlock())
		case small && utf8.RuneCountInString(b.small()) <= maxObject:
			flush()
			// Verbatim keeps Slack from looking for mentions.
			all = append(all, slackgo.NewContextBlock("", slackgo.NewTextBlockObject(slackgo.MarkdownType, b.small(), false, true)))
		default:
			open = compose(open, b)
		}
	}
	flush()
	return all
}

// isHeader tells whether a heading may be a header block. That is plain text, of which Slack's documentation doesn't say whether
// "&", "<" and ">" are to be escaped in it.
func (b block) isHeader() bool {
	text := textOf(b.runs)
	return strings.TrimSpace(text) != "" && utf8.RuneCountInString(text) <= maxHeader && !strings.ContainsAny(text, "&<>")
}

func (b block) isSmall() bool {
	if b.kind != paragraph || b.quoted {
		return false
	}
	for _, r := range b.runs {
		if r.style&italic == 0 && strings.TrimSpace(r.text) != "" {
			return false
		}
		// Small print is mrkdwn, which can't escape its own marks: such a text stays where it is exact.
		if strings.ContainsAny(r.text, "*_~`") {
			return false
		}
	}
	return passage{b}.says()
}

// small is the mrkdwn of a paragraph in italics, without them.
func (b block) small() string {
	upright := make([]run, len(b.runs))
	for i, r := range b.runs {
		r.style &^= italic
		upright[i] = r
	}
	b.runs = upright
	return passage{b}.mrkdwn()
}

// compose adds a block to the elements of a rich_text block. It goes on with the last of them where Slack's composer would: items
// of one list are one element, paragraphs that follow each other one section with an empty line between.
func compose(open []slackgo.RichTextElement, b block) []slackgo.RichTextElement {
	border := 0
	if b.quoted {
		border = 1
	}
	var last slackgo.RichTextElement
	if len(open) > 0 {
		last = open[len(open)-1]
	}
	switch {
	case b.kind == code:
		return append(open, &slackgo.RichTextPreformatted{Type: slackgo.RTEPreformatted, Elements: elements(b.runs), Border: border})
	case b.kind == item:
		section := slackgo.NewRichTextSection(elements(b.runs)...)
		if list, ok := last.(*slackgo.RichTextList); ok && continues(list, b, border) {
			list.Elements = append(list.Elements, section)
			return open
		}
		list := slackgo.NewRichTextList(slackgo.RTEListBullet, b.indent, section)
		list.Border = border
		if b.number > 0 {
			list.Style, list.Offset = slackgo.RTEListOrdered, b.number-1
		}
		return append(open, list)
	case b.quoted:
		if quote, ok := last.(*slackgo.RichTextQuote); ok {
			quote.Elements = goOn(quote.Elements, b.runs)
			return open
		}
		return append(open, &slackgo.RichTextQuote{Type: slackgo.RTEQuote, Elements: elements(b.runs)})
	}
	if b.kind == heading {
		b.runs = styledAs(bold, b.runs)
	}
	if section, ok := last.(*slackgo.RichTextSection); ok {
		section.Elements = goOn(section.Elements, b.runs)
		return open
	}
	return append(open, slackgo.NewRichTextSection(elements(b.runs)...))
}

func styledAs(s style, runs []run) []run {
	runs = slices.Clone(runs)
	for i := range runs {
		runs[i].style |= s
	}
	return tidy(runs)
}

// continues tells whether an item is the next one of a list.
func continues(list *slackgo.RichTextList, b block, border int) bool {
	if list.Indent != b.indent || list.Border != border {
		return false
	}
	if b.number == 0 {
		return list.Style == slackgo.RTEListBullet
	}
	return list.Style == slackgo.RTEListOrdered && list.Offset+len(list.Elements)+1 == b.number
}

// goOn adds a paragraph to the elements of a section.
func goOn(all []slackgo.RichTextSectionElement, runs []run) []slackgo.RichTextSectionElement {
	for _, r := range append([]run{{text: "\n\n"}}, runs...) {
		all = withRun(all, r)
	}
	return all
}

// elements are those of a new section. Slack refuses one without any.
func elements(runs []run) (all []slackgo.RichTextSectionElement) {
	for _, r := range runs {
		all = withRun(all, r)
	}
	if len(all) == 0 {
		all = withRun(all, run{text: " "})
	}
	return all
}

// withRun adds a run. Plain text goes on with plain text before it.
func withRun(all []slackgo.RichTextSectionElement, r run) []slackgo.RichTextSectionElement {
	var s *slackgo.RichTextSectionTextStyle
	if r.style != 0 {
		s = &slackgo.RichTextSectionTextStyle{
			Bold: r.style&bold != 0, Italic: r.style&italic != 0, Strike: r.style&strike != 0, Code: r.style&monospace != 0,
		}
	}
	switch {
	case r.text == "":
		return all
	case !r.at.IsZero():
		d := slackgo.NewRichTextSectionDateElement(r.at.Unix(), dateFormat(r.text), nil, &r.text)
		if d.Style = s; r.link != "" {
			d.URL = &r.link
		}
		return append(all, d)
	case r.link == r.text:
		return append(all, slackgo.NewRichTextSectionLinkElement(r.link, "", s))
	case r.link != "":
		return append(all, slackgo.NewRichTextSectionLinkElement(r.link, r.text, s))
	}
	if n := len(all); n > 0 && s == nil {
		if text, ok := all[n-1].(*slackgo.RichTextSectionTextElement); ok && text.Style == nil {
			text.Text += r.text
			return all
		}
	}
	return append(all, slackgo.NewRichTextSectionTextElement(r.text, s))
}
