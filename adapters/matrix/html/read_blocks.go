package html

import (
	"slices"
	"strconv"
	"strings"

	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// pre reads a code block.
func (l *converter) pre(n *nethtml.Node) {
	l.flush()
	b := commonmark.NewCodeBlock([]commonmark.Run{{Text: commonmark.Clean(rearmMentions(textOf(n)))}}, l.quoted)
	for c := range n.ChildNodes() {
		for _, class := range strings.Fields(get(c, "class")) {
			if language, ok := strings.CutPrefix(class, "language-"); ok {
				b.Language = commonmark.CleanLanguage(language)
			}
		}
	}
	if strings.TrimSpace(commonmark.PlainText(b.Runs)) != "" {
		l.add(b)
	}
}

// heading reads a heading. In a quote or a list it becomes a paragraph in bold.
func (l *converter) heading(n *nethtml.Node, around commonmark.Run) {
	runs := oneLine(l.childBlocks(n, around))
	switch {
	case len(runs) == 0:
	case l.quoted || l.listDepth > 0:
		l.add(commonmark.Block{Quoted: l.quoted, Runs: commonmark.WithStyle(commonmark.Bold, runs)})
	default:
		l.add(commonmark.Block{Kind: commonmark.Heading, Level: int(n.Data[1] - '0'), Runs: runs})
	}
}

// oneLine is the text of a document on one line.
func oneLine(p commonmark.Document) []commonmark.Run {
	return commonmark.JoinLines(commonmark.JoinParagraphs(p))
}

// list reads the items of a list. An item gets its first paragraphs; whatever else is in it becomes blocks that follow.
func (l *converter) list(n *nethtml.Node, around commonmark.Run) {
	l.flush()
	b := commonmark.Block{Kind: commonmark.ListItem, Quoted: l.quoted, Indent: min(commonmark.MaxIndent, l.listDepth)}
	if n.DataAtom == atom.Ol {
		b.Number = 1
		if start, err := strconv.Atoi(get(n, "start")); err == nil {
			b.Number = max(1, min(start, commonmark.MaxNumber))
		}
	}
	l.listDepth++
	defer func() { l.listDepth-- }()
	for c := range n.ChildNodes() {
		if c.DataAtom != atom.Li {
			l.node(c, around)
			continue
		}
		if value, err := strconv.Atoi(get(c, "value")); err == nil && b.Number > 0 {
			b.Number = max(1, min(value, commonmark.MaxNumber))
		}
		l.item(b, l.childBlocks(c, around))
		if b.Number > 0 {
			b.Number++
		}
	}
	l.flush()
}

func (l *converter) item(b commonmark.Block, inner commonmark.Document) {
	first := slices.IndexFunc(inner, func(p commonmark.Block) bool { return p.Kind != commonmark.Paragraph || p.Quoted != b.Quoted })
	if first < 0 {
		first = len(inner)
	}
	if b.Runs = commonmark.JoinParagraphs(inner[:first]); len(b.Runs) > 0 {
		l.add(b)
	}
	l.add(inner[first:]...)
}

// row reads a row of a table as a paragraph.
func (l *converter) row(n *nethtml.Node, around commonmark.Run) {
	l.flush()
	var runs []commonmark.Run
	for c := range n.ChildNodes() {
		inner := around
		switch c.DataAtom {
		case atom.Th:
			inner.Style |= commonmark.Bold
		case atom.Td:
		default:
			continue
		}
		if runs != nil {
			runs = append(runs, commonmark.Run{Text: " | "})
		}
		runs = append(runs, oneLine(l.childBlocks(c, inner))...)
	}
	if runs != nil {
		l.add(commonmark.Block{Quoted: l.quoted, Runs: commonmark.Normalize(runs)})
	}
}

// joinParagraphs joins neighbouring paragraphs into one.
func joinParagraphs(p commonmark.Document) (joined commonmark.Document) {
	for _, b := range p {
		last := len(joined) - 1
		if last < 0 || b.Kind != commonmark.Paragraph || joined[last].Kind != commonmark.Paragraph || b.Quoted != joined[last].Quoted {
			joined = append(joined, b)
			continue
		}
		joined[last].Runs = append(append(joined[last].Runs, commonmark.Run{Text: "\n"}), b.Runs...)
	}
	return joined
}
