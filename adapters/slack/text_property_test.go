package slack

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"
)

// TestWhatIsTypedIsShown: whatever people type in Slack, in whatever style, quote or list, CommonMark shows just that, to readers
// that know all of GitHub's additions too. And said in Slack again, it comes back so.
func TestWhatIsTypedIsShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := passages.Draw(t, "passage")
		want := outlineOf(p)
		source := p.commonMark()
		if got := outline(t, source); !slices.Equal(got, want) {
			t.Fatalf("%+v as CommonMark is\n%s\nwhich shows\n%s\nwant\n%s", p, source, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		back := throughBlocks(t, source)
		if got := outline(t, back); !slices.Equal(got, want) {
			t.Fatalf("said\n%s\nand heard\n%s\nwhich shows\n%s\nwant\n%s", source, back, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		for i, again := range parse(source) {
			if a, b := again.runs, p[i].runs; again.kind == p[i].kind && slices.Equal(visible(a), visible(b)) {
				continue
			} else if textOf(a) != textOf(b) {
				t.Fatalf("%+v as CommonMark is\n%s\nwhich is read as %+v", p, source, again)
			}
		}
	})
}

// TestTextOfMrkdwn: what has no blocks is said to the last letter all the same.
func TestTextOfMrkdwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := passages.Draw(t, "passage")
		source := p.commonMark()
		mrkdwn := toMrkdwn(source)
		back := throughMrkdwn(source)
		var want strings.Builder
		for _, b := range p {
			want.WriteString(textOf(b.runs) + " ")
		}
		if !within(want.String(), shown(back)) {
			t.Fatalf("said\n%s\nas\n%s\nand heard\n%s\nwant all of %q", source, mrkdwn, back, want.String())
		}
	})
}

// TestSplitSaysAll: however short a message may be, the pieces together say the same.
func TestSplitSaysAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := passages.Draw(t, "passage")
		source := p.commonMark()
		var all []string
		for _, text := range split(source, 150) {
			all = append(all, wordsIn(outline(t, text)))
		}
		if got, want := strings.Join(all, ""), wordsIn(outline(t, source)); got != want {
			t.Fatalf("split of\n%s\ngot the words\n%s\nwant\n%s", source, got, want)
		}
	})
}

var (
	nasty     = rapid.RuneFrom([]rune("  **__~~``<>[]()!&#;:.-+=|\\/@1Aé图👍"))
	typedText = rapid.OneOf(
		rapid.StringOfN(nasty, 1, 12, -1),
		rapid.SampledFrom([]string{"word", "two words", "1.", "- x", "#", "# x", "===", "---", ">", "&amp;", "&#42;", "<b>", "</time>", "<!-- x -->", "[x]: y", "[ ] x", "|---|", "a | b", "```", "~~~", "https://x.org/a_b*c*", "www.x.org", "a@b.org", "!", "\\", ":nope:"}),
	)
	lineRuns = rapid.Custom(func(t *rapid.T) []run {
		var runs []run
		for range rapid.IntRange(1, 4).Draw(t, "runs") {
			r := run{text: typedText.Draw(t, "text"), style: style(rapid.IntRange(0, 15).Draw(t, "style"))}
			if rapid.IntRange(0, 3).Draw(t, "plain") > 0 {
				r.style = 0
			}
			if rapid.IntRange(0, 5).Draw(t, "linked") == 0 && strings.TrimSpace(r.text) != "" {
				r.link = "https://example.org/a_b?c=d&e"
			}
			runs = append(runs, r)
		}
		runs = tidy(runs)
		if strings.TrimSpace(textOf(runs)) == "" {
			return []run{{text: "x"}}
		}
		return runs
	})
	passages = rapid.Custom(func(t *rapid.T) passage {
		var p passage
		for range rapid.IntRange(1, 4).Draw(t, "blocks") {
			quoted := rapid.IntRange(0, 3).Draw(t, "quoted") == 0
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				p = append(p, block{kind: code, quoted: quoted, runs: []run{{text: strings.Trim(rapid.StringOfN(rapid.RuneFrom([]rune("ab `~<&>\n\t*")), 0, 20, -1).Draw(t, "code")+"x", "\n")}}})
			case 1:
				indent, n := 0, 0
				for i := range rapid.IntRange(1, 4).Draw(t, "items") {
					if i > 0 {
						indent = rapid.IntRange(0, indent+1).Draw(t, "indent")
					}
					n++
					b := block{kind: item, quoted: quoted, indent: indent, runs: lineRuns.Draw(t, "item")}
					if rapid.Bool().Draw(t, "ordered") {
						b.number = n
					}
					p = append(p, b)
				}
			default:
				var runs []run
				for range rapid.IntRange(1, 3).Draw(t, "lines") {
					if runs != nil {
						runs = append(runs, run{text: "\n"})
					}
					runs = append(runs, lineRuns.Draw(t, "line")...)
				}
				p = append(p, block{quoted: quoted, runs: runs})
			}
		}
		return p
	})
)

// outlineOf is what a passage shows: a line for each block.
func outlineOf(p passage) (all []string) {
	for _, b := range p {
		words := strings.Join(strings.Fields(textOf(b.runs)), " ")
		marker := ""
		switch {
		case b.kind == code:
			marker, words = "code ", fmt.Sprintf("%q", textOf(b.runs))
		case b.kind == item && b.number > 0:
			marker = fmt.Sprintf("%d. ", b.number)
		case b.kind == item:
			marker = "- "
		}
		all = append(all, outlined(b.quoted, b.indent, marker, words))
	}
	return all
}

func outlined(quoted bool, indent int, marker, words string) string {
	if quoted {
		marker = "> " + strings.Repeat("  ", indent) + marker
	} else {
		marker = strings.Repeat("  ", indent) + marker
	}
	return marker + words
}

var github = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

// outline is the same of CommonMark, by a reader of GitHub's kind.
func outline(t rapid.TB, commonmark string) (all []string) {
	source := []byte(commonmark)
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
				all = append(all, outlined(quoted, 0, "code ", fmt.Sprintf("%q", strings.TrimSuffix(string(n.Lines().Value(source)), "\n"))))
			case *ast.Paragraph, *ast.TextBlock:
				words := strings.Join(strings.Fields(inlineText(n, source)), " ")
				all = append(all, outlined(quoted, max(0, indent-1), marker, words))
			default:
				t.Fatalf("CommonMark\n%s\nhas a %s, want none", commonmark, n.Kind())
			}
			marker = ""
		}
	}
	walk(github.Parse(text.NewReader(source)), false, 0, "")
	return all
}

func inlineText(parent ast.Node, source []byte) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			if _, ok := parent.(*ast.CodeSpan); ok {
				b.Write(n.Segment.Value(source))
			} else {
				b.WriteString(resolve(n.Segment.Value(source)))
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

// wordsIn are the characters of an outline but for its white space and markers, which splitting may change.
func wordsIn(lines []string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune(">-.0123456789", r) {
			return -1
		}
		return r
	}, strings.Join(lines, ""))
}
