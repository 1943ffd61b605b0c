package adaptertest

import (
	"bufio"
	"bytes"
	"fmt"
	"html"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

var (
	specialRunes = rapid.RuneFrom([]rune("  **__~~``<>[]()!&#;:.-+=|\\/@1Aé图👍"))
	typedText    = rapid.OneOf(
		rapid.StringOfN(specialRunes, 1, 12, -1),
		rapid.SampledFrom([]string{"word", "two words", "1.", "- x", "#", "# x", "===", "---", ">", "&amp;", "&#42;", "<b>", "</time>", "<!-- x -->", "[x]: y", "[ ] x", "|---|", "a | b", "```", "~~~", "https://x.org/a_b*c*", "www.x.org", "a@b.org", "!", "\\", ":nope:"}),
	)
	lineRuns = rapid.Custom(func(t *rapid.T) []commonmark.Run {
		var runs []commonmark.Run
		for range rapid.IntRange(1, 4).Draw(t, "runs") {
			r := commonmark.Run{Text: typedText.Draw(t, "text"), Style: commonmark.Style(rapid.IntRange(0, 15).Draw(t, "style"))}
			if rapid.IntRange(0, 3).Draw(t, "plain") > 0 {
				r.Style = 0
			}
			if rapid.IntRange(0, 5).Draw(t, "linked") == 0 && strings.TrimSpace(r.Text) != "" {
				r.Link = "https://example.org/a_b?c=d&e"
			}
			runs = append(runs, r)
		}
		runs = commonmark.Normalize(runs)
		if strings.TrimSpace(commonmark.PlainText(runs)) == "" {
			return []commonmark.Run{{Text: "x"}}
		}
		return runs
	})
	// Documents are what people may type: texts with whatever means something to CommonMark or its additions.
	Documents = rapid.Custom(func(t *rapid.T) commonmark.Document {
		var p commonmark.Document
		for range rapid.IntRange(1, 4).Draw(t, "blocks") {
			quoted := rapid.IntRange(0, 3).Draw(t, "quoted") == 0
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				p = append(p, commonmark.Block{Kind: commonmark.CodeBlock, Quoted: quoted, Runs: []commonmark.Run{{Text: strings.Trim(rapid.StringOfN(rapid.RuneFrom([]rune("ab `~<&>\n\t*")), 0, 20, -1).Draw(t, "code")+"x", "\n")}}})
			case 1:
				indent, n := 0, 0
				for i := range rapid.IntRange(1, 4).Draw(t, "items") {
					if i > 0 {
						indent = rapid.IntRange(0, indent+1).Draw(t, "indent")
					}
					n++
					b := commonmark.Block{Kind: commonmark.ListItem, Quoted: quoted, Indent: indent, Runs: lineRuns.Draw(t, "item")}
					if rapid.Bool().Draw(t, "ordered") {
						b.Number = n
					}
					p = append(p, b)
				}
			default:
				var runs []commonmark.Run
				for range rapid.IntRange(1, 3).Draw(t, "lines") {
					if runs != nil {
						runs = append(runs, commonmark.Run{Text: "\n"})
					}
					runs = append(runs, lineRuns.Draw(t, "line")...)
				}
				p = append(p, commonmark.Block{Quoted: quoted, Runs: runs})
			}
		}
		return p
	})
)

// DocumentOutline is what a passage shows: a line for each block.
func DocumentOutline(p commonmark.Document) (all []string) {
	for _, b := range p {
		words := strings.Join(strings.Fields(commonmark.PlainText(b.Runs)), " ")
		marker := ""
		switch {
		case b.Kind == commonmark.CodeBlock:
			marker, words = "code ", fmt.Sprintf("%q", commonmark.PlainText(b.Runs))
		case b.Kind == commonmark.ListItem && b.Number > 0:
			marker = fmt.Sprintf("%d. ", b.Number)
		case b.Kind == commonmark.ListItem:
			marker = "- "
		}
		all = append(all, outlineLine(b.Quoted, b.Indent, marker, words))
	}
	return all
}

func outlineLine(quoted bool, indent int, marker, words string) string {
	if quoted {
		marker = "> " + strings.Repeat("  ", indent) + marker
	} else {
		marker = strings.Repeat("  ", indent) + marker
	}
	return marker + words
}

var gfm = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

// Outline is the same of CommonMark, by a reader of GitHub's kind, which knows more than CommonMark.
func Outline(t rapid.TB, source string) (all []string) {
	t.Helper()
	raw := []byte(source)
	var walk func(parent ast.Node, quoted bool, indent int, marker string)
	walk = func(parent ast.Node, quoted bool, indent int, marker string) {
		for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
			switch n := n.(type) {
			case *ast.Blockquote:
				walk(n, true, indent, marker)
			case *ast.List:
				number := n.Start
				for i := n.FirstChild(); i != nil; i = i.NextSibling() {
					marker := "- "
					if n.IsOrdered() {
						marker = fmt.Sprintf("%d. ", number)
						number++
					}
					walk(i, quoted, indent+1, marker)
				}
			case *ast.FencedCodeBlock:
				all = append(all, outlineLine(quoted, 0, "code ", fmt.Sprintf("%q", strings.TrimSuffix(string(n.Lines().Value(raw)), "\n"))))
			case *ast.Paragraph, *ast.TextBlock:
				words := strings.Join(strings.Fields(inlineText(n, raw)), " ")
				all = append(all, outlineLine(quoted, max(0, indent-1), marker, words))
			default:
				t.Fatalf("CommonMark\n%s\nhas a %s, want none", source, n.Kind())
			}
			marker = ""
		}
	}
	walk(gfm.Parse(text.NewReader(raw)), false, 0, "")
	return all
}

// unescape puts characters in place of escapes and entities, as goldmark's renderer does.
func unescape(words []byte) string {
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	goldmarkhtml.DefaultWriter.Write(w, words)
	w.Flush()
	return html.UnescapeString(b.String())
}

func inlineText(parent ast.Node, source []byte) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			if _, ok := parent.(*ast.CodeSpan); ok {
				b.Write(n.Segment.Value(source))
			} else {
				b.WriteString(unescape(n.Segment.Value(source)))
			}
			if n.HardLineBreak() || n.SoftLineBreak() {
				b.WriteByte('\n')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(source))
		case *ast.RawHTML:
			b.WriteString("(HTML)")
		case *ast.Image:
			b.WriteString("(picture)")
		case *extast.TaskCheckBox:
			b.WriteString("(box)")
		default:
			b.WriteString(inlineText(n, source))
		}
	}
	return b.String()
}

// OutlineText are the characters of an outline but for its white space and markers, which splitting may change.
func OutlineText(lines []string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune(">-.0123456789", r) {
			return -1
		}
		return r
	}, strings.Join(lines, ""))
}
