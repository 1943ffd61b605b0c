package mrkdwn

import (
	"strings"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// Slack's limits: https://docs.slack.dev/reference/block-kit/blocks. maxBlocksSize is not documented: Slack responds
// to more with msg_blocks_too_long.
const (
	maxBlocks     = 50
	maxHeader     = 150    // characters of a header block
	maxTextObject = 3000   // characters of any other text object
	maxBlocksSize = 13_000 // characters of all blocks, as JSON
)

// blocks turns a heading at the top into a header block, a last paragraph in italics into a context block (small
// print), and everything in between into one rich_text block, in the form in which Slack's own composer writes it.
func blocks(p commonmark.Document) []slackgo.Block {
	var all []slackgo.Block
	var open []slackgo.RichTextElement
	flush := func() {
		if len(open) > 0 {
			all = append(all, slackgo.NewRichTextBlock("", open...))
			open = nil
		}
	}
	for i, b := range p {
		small := i > 0 && i == len(p)-1 && isSmallPrint(b)
		switch {
		case b.Kind == commonmark.Heading && isHeader(b):
			flush()
			all = append(all, slackgo.NewHeaderBlock(slackgo.NewTextBlockObject(slackgo.PlainTextType, commonmark.PlainText(b.Runs), false, false)))
		case b.Kind == commonmark.Rule:
			flush()
			all = append(all, slackgo.NewDividerBlock())
		case small && utf8.RuneCountInString(smallPrint(b)) <= maxTextObject:
			flush()
			// Verbatim keeps Slack from looking for mentions in it.
			all = append(all, slackgo.NewContextBlock("", slackgo.NewTextBlockObject(slackgo.MarkdownType, smallPrint(b), false, true)))
		default:
			open = appendBlock(open, b)
		}
	}
	flush()
	return all
}

// isHeader tells whether a heading may be a header block. A header is plain text. Slack doesn't document whether "&",
// "<" and ">" have to be escaped in it, so it must not have any.
func isHeader(b commonmark.Block) bool {
	text := commonmark.PlainText(b.Runs)
	return strings.TrimSpace(text) != "" && utf8.RuneCountInString(text) <= maxHeader && !strings.ContainsAny(text, "&<>")
}

func isSmallPrint(b commonmark.Block) bool {
	if b.Kind != commonmark.Paragraph || b.Quoted {
		return false
	}
	for _, r := range b.Runs {
		if r.Style&commonmark.Italic == 0 && strings.TrimSpace(r.Text) != "" {
			return false
		}
		// Small print is mrkdwn, which can't escape its own markers. A text that has some stays in the rich_text block.
		if strings.ContainsAny(r.Text, "*_~`") {
			return false
		}
	}
	return commonmark.Document{b}.HasText()
}

// small is the mrkdwn of a paragraph in italics, without the italics.
func smallPrint(b commonmark.Block) string {
	upright := make([]commonmark.Run, len(b.Runs))
	for i, r := range b.Runs {
		r.Style &^= commonmark.Italic
		upright[i] = r
	}
	b.Runs = upright
	return mrkdwn(commonmark.Document{b})
}

// appendBlock adds a block to the elements of a rich_text block. It extends the last element where Slack's composer
// would: the items of a list are one element, and neighbouring paragraphs are one section with an empty line in
// between.
func appendBlock(open []slackgo.RichTextElement, b commonmark.Block) []slackgo.RichTextElement {
	border := 0
	if b.Quoted {
		border = 1
	}
	var last slackgo.RichTextElement
	if len(open) > 0 {
		last = open[len(open)-1]
	}
	switch {
	case b.Kind == commonmark.CodeBlock:
		return append(open, &slackgo.RichTextPreformatted{Type: slackgo.RTEPreformatted, Elements: sectionElements(b.Runs), Border: border})
	case b.Kind == commonmark.ListItem:
		section := slackgo.NewRichTextSection(sectionElements(b.Runs)...)
		if list, ok := last.(*slackgo.RichTextList); ok && continuesList(list, b, border) {
			list.Elements = append(list.Elements, section)
			return open
		}
		list := slackgo.NewRichTextList(slackgo.RTEListBullet, b.Indent, section)
		list.Border = border
		if b.Number > 0 {
			list.Style, list.Offset = slackgo.RTEListOrdered, b.Number-1
		}
		return append(open, list)
	case b.Quoted:
		if quote, ok := last.(*slackgo.RichTextQuote); ok {
			quote.Elements = appendParagraph(quote.Elements, b.Runs)
			return open
		}
		return append(open, &slackgo.RichTextQuote{Type: slackgo.RTEQuote, Elements: sectionElements(b.Runs)})
	}
	if b.Kind == commonmark.Heading {
		b.Runs = commonmark.WithStyle(commonmark.Bold, b.Runs)
	}
	if section, ok := last.(*slackgo.RichTextSection); ok {
		section.Elements = appendParagraph(section.Elements, b.Runs)
		return open
	}
	return append(open, slackgo.NewRichTextSection(sectionElements(b.Runs)...))
}

// continuesList tells whether an item is the next one of the list.
func continuesList(list *slackgo.RichTextList, b commonmark.Block, border int) bool {
	if list.Indent != b.Indent || list.Border != border {
		return false
	}
	if b.Number == 0 {
		return list.Style == slackgo.RTEListBullet
	}
	return list.Style == slackgo.RTEListOrdered && list.Offset+len(list.Elements)+1 == b.Number
}

// appendParagraph adds a paragraph to the elements of a section.
func appendParagraph(all []slackgo.RichTextSectionElement, runs []commonmark.Run) []slackgo.RichTextSectionElement {
	for _, r := range append([]commonmark.Run{{Text: "\n\n"}}, runs...) {
		all = appendRun(all, r)
	}
	return all
}

// sectionElements are the elements of a new section. Slack refuses a section that has none.
func sectionElements(runs []commonmark.Run) (all []slackgo.RichTextSectionElement) {
	for _, r := range runs {
		all = appendRun(all, r)
	}
	if len(all) == 0 {
		all = appendRun(all, commonmark.Run{Text: " "})
	}
	return all
}

// appendRun adds a run. Plain text extends plain text before it.
func appendRun(all []slackgo.RichTextSectionElement, r commonmark.Run) []slackgo.RichTextSectionElement {
	var s *slackgo.RichTextSectionTextStyle
	if r.Style != 0 {
		s = &slackgo.RichTextSectionTextStyle{
			Bold: r.Style&commonmark.Bold != 0, Italic: r.Style&commonmark.Italic != 0, Strike: r.Style&commonmark.Strike != 0, Code: r.Style&commonmark.Monospace != 0,
		}
	}
	switch {
	case r.Text == "":
		return all
	case !r.Time.IsZero():
		d := slackgo.NewRichTextSectionDateElement(r.Time.Unix(), dateFormat(r.Text), nil, &r.Text)
		if d.Style = s; r.Link != "" {
			d.URL = &r.Link
		}
		return append(all, d)
	case r.Link == r.Text:
		return append(all, slackgo.NewRichTextSectionLinkElement(r.Link, "", s))
	case r.Link != "":
		return append(all, slackgo.NewRichTextSectionLinkElement(r.Link, r.Text, s))
	}
	if n := len(all); n > 0 && s == nil {
		if text, ok := all[n-1].(*slackgo.RichTextSectionTextElement); ok && text.Style == nil {
			text.Text += r.Text
			return all
		}
	}
	return append(all, slackgo.NewRichTextSectionTextElement(r.Text, s))
}
