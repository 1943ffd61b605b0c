package mrkdwn

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"unicode"

	slackgo "github.com/slack-go/slack"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"pgregory.net/rapid"
)

// nameMap are the names in a workspace for the tests of text.
type nameMap map[string]string

func (p nameMap) User(id string) string    { return p[id] }
func (p nameMap) Channel(id string) string { return p[id] }
func (p nameMap) Group(id string) string   { return p[id] }

var testNames = nameMap{
	"U024BE7LH": "Holly Case", "U0STAR": "*Star* & <Co>", "U0AT": "@zoë", "C0UKMED": "ukmedlibs", "S0LIBR": "librarians", "S0AT": "@cataloguers",
}

// throughBlocks is how a message of the bot's comes back when a person says the same: its blocks are rich_text then,
// all in one, as Slack's composer writes them.
func throughBlocks(t rapid.TB, commonmark string) string {
	t.Helper()
	all := slackgo.NewRichTextBlock("b1")
	for _, b := range decoded(t, Blocks(commonmark)) {
		switch b := b.(type) {
		case *slackgo.RichTextBlock:
			all.Elements = append(all.Elements, b.Elements...)
		case *slackgo.HeaderBlock:
			words := slackgo.NewRichTextSectionTextElement(b.Text.Text, &slackgo.RichTextSectionTextStyle{Bold: true})
			all.Elements = append(all.Elements, slackgo.NewRichTextSection(words))
		case *slackgo.ContextBlock:
			l := converter{testNames}
			all.Elements = append(all.Elements, appendBlock(nil, l.context(b)[0])...)
		case *slackgo.DividerBlock:
			all.Elements = append(all.Elements, slackgo.NewRichTextSection(slackgo.NewRichTextSectionTextElement("———", nil)))
		default:
			t.Fatalf("toBlocks(%q): got a %T, want none", commonmark, b)
		}
	}
	return ToCommonMark(&slackgo.Msg{Text: "of no interest", Blocks: slackgo.Blocks{BlockSet: []slackgo.Block{asTyped(all)}}}, testNames)
}

// decoded are blocks after they went to Slack and back.
func decoded(t rapid.TB, blocks []slackgo.Block) []slackgo.Block {
	t.Helper()
	raw, err := json.Marshal(slackgo.Blocks{BlockSet: blocks})
	if err != nil {
		t.Fatalf("writing blocks: %v", err)
	}
	var back slackgo.Blocks
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatalf("reading %s: %v", raw, err)
	}
	return back.BlockSet
}

// asTyped has Slack's composer make elements of the emoji.
func asTyped(b *slackgo.RichTextBlock) *slackgo.RichTextBlock {
	for _, e := range b.Elements {
		if s, ok := e.(*slackgo.RichTextSection); ok {
			var all []slackgo.RichTextSectionElement
			for _, e := range s.Elements {
				if text, ok := e.(*slackgo.RichTextSectionTextElement); ok {
					all = append(all, withElements(*text)...)
					continue
				}
				all = append(all, e)
			}
			s.Elements = all
		}
	}
	return b
}

func withElements(text slackgo.RichTextSectionTextElement) (all []slackgo.RichTextSectionElement) {
	rest := text.Text
	for i, r := range rest {
		name, ok := EmojiName(string(r))
		if !ok || r < 0x1f000 || len(rest) > i+4 && strings.ContainsRune(skinTones+"\u200d"+variationSelector, []rune(rest[i+4:])[0]) {
			continue
		}
		before, _, _ := strings.Cut(rest, string(r))
		if before != "" {
			all = append(all, slackgo.NewRichTextSectionTextElement(before, text.Style))
		}
		all = append(all, slackgo.NewRichTextSectionEmojiElement(name, 0, text.Style))
		text.Text = strings.TrimPrefix(rest, before+string(r))
		return append(all, withElements(text)...)
	}
	if rest != "" {
		all = append(all, &text)
	}
	return all
}

// throughMrkdwn is how a message comes back that has a text only.
func throughMrkdwn(commonmark string) string {
	return ToCommonMark(&slackgo.Msg{Text: FromCommonMark(commonmark)}, testNames)
}

var (
	renderer   = goldmark.New(goldmark.WithExtensions(extension.Strikethrough, extension.Linkify))
	whitespace = regexp.MustCompile(`(?:<pre>(?s:.*?)</pre>)|\s+`)
)

// rendered makes two spellings of the same CommonMark equal.
func rendered(t rapid.TB, commonmark string) string {
	t.Helper()
	var html bytes.Buffer
	if err := renderer.Convert([]byte(commonmark), &html); err != nil {
		t.Fatalf("rendering %q: %v", commonmark, err)
	}
	return strings.TrimSpace(whitespace.ReplaceAllStringFunc(html.String(), func(m string) string {
		if strings.HasPrefix(m, "<pre>") {
			return m
		}
		return " "
	}))
}

// letters are the letters and digits of a text, which no conversion may lose.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// containsLetters tells whether all of inner's letters are in outer, in that order.
func containsLetters(inner, outer string) bool {
	rest := letters(inner)
	for _, r := range letters(outer) {
		if first, ok := strings.CutPrefix(rest, string(r)); ok {
			rest = first
		}
	}
	return rest == ""
}
