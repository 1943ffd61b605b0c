package terminal

import (
	"fmt"
	"strings"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// layout turns CommonMark into lines of at most width cells, or of any length if width is 0. The head stands before
// the text: on its first line, or on a line of its own before a list, a quote and so on.
func layout(head []run, source string, base style, width int) []line {
	doc := commonmark.Parse(sanitize(source))
	l := layouter{width: width, base: base}
	if startsWithParagraph := len(doc) > 0 && doc[0].Kind == commonmark.Paragraph && !doc[0].Quoted; startsWithParagraph {
		l.head = head
	} else if len(head) > 0 {
		l.emit(nil, nil, wrap(head, width))
	}
	for i, b := range doc {
		if i > 0 && (b.Kind != commonmark.ListItem || b.Quoted != doc[i-1].Quoted) {
			blank := line(nil)
			if b.Quoted && doc[i-1].Quoted {
				blank = line{quoteBar}
			}
			l.lines = append(l.lines, blank)
		}
		l.block(b)
	}
	return l.lines
}

// plainText is CommonMark as words on one line, to mention a message in another one.
func plainText(source string) string {
	var b strings.Builder
	for i, ln := range layout(nil, source, style{}, 0) {
		if i > 0 {
			b.WriteByte(' ')
		}
		for _, r := range ln {
			b.WriteString(r.text)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

var quoteBar = run{"│ ", style{dim: true}}

// A layouter lays out the blocks of a text.
type layouter struct {
	width   int
	base    style
	head    []run // not shown yet
	indents []int // how many cells the marker of each open list takes
	lines   []line
}

func (l *layouter) block(b commonmark.Block) {
	first, rest := l.margins(b)
	cells := 0 // any number
	if l.width > 0 {
		cells = max(1, l.width-first.width())
	}
	var lines []line
	switch b.Kind {
	case commonmark.Rule:
		lines = []line{{{strings.Repeat("─", 8), style{dim: true}}}}
	case commonmark.CodeBlock:
		for raw := range strings.SplitSeq(commonmark.PlainText(b.Runs), "\n") {
			for _, part := range splitCells(oneLine(raw), cells) {
				lines = append(lines, line{{part, style{colour: codeColour}}})
			}
		}
	case commonmark.Heading:
		lines = wrap(l.runs(commonmark.WithStyle(commonmark.Bold, b.Runs)), cells)
	default:
		lines = wrap(concat(l.head, l.runs(b.Runs)), cells)
		l.head = nil
	}
	l.emit(first, rest, lines)
}

// margins are what stands before the first line of a block, and before its others. A block has none where they would
// leave too little room for words.
func (l *layouter) margins(b commonmark.Block) (first, rest line) {
	if b.Quoted {
		first, rest = line{quoteBar}, line{quoteBar}
	}
	if b.Kind != commonmark.ListItem {
		l.indents = nil
	} else {
		marker := "• "
		if b.Number > 0 {
			marker = fmt.Sprintf("%d. ", b.Number)
		}
		depth := min(b.Indent, len(l.indents))
		l.indents = append(l.indents[:depth], width(marker))
		outer := 0
		for _, cells := range l.indents[:depth] {
			outer += cells
		}
		first = concat(first, line{{strings.Repeat(" ", outer) + marker, l.base}})
		rest = concat(rest, line{{strings.Repeat(" ", outer+width(marker)), style{}}})
	}
	if l.width > 0 && first.width()*2 > l.width {
		return nil, nil
	}
	return first, rest
}

func (l *layouter) emit(first, rest line, lines []line) {
	for i, ln := range lines {
		if i > 0 {
			first = rest
		}
		l.lines = append(l.lines, concat(first, ln))
	}
}

// runs are what a terminal shows of runs. The address of a link stands behind its words, unless they tell it.
func (l *layouter) runs(of []commonmark.Run) (runs []run) {
	for i, ln := range commonmark.Lines(of) {
		if i > 0 {
			runs = append(runs, run{"\n", l.base})
		}
		words := "" // of the link
		for j, r := range ln {
			s := l.base
			s.bold = s.bold || r.Style&commonmark.Bold != 0
			s.italic = s.italic || r.Style&commonmark.Italic != 0
			if r.Style&commonmark.Monospace != 0 {
				s = style{bold: s.bold, colour: codeColour}
			}
			text := oneLine(r.Text)
			if r.Style&commonmark.Strike != 0 {
				text = "~~" + text + "~~"
			}
			runs = append(runs, run{text, s})
			words += r.Text
			if ends := j == len(ln)-1 || ln[j+1].Link != r.Link; ends {
				if r.Link != "" && !strings.HasSuffix(r.Link, words) {
					runs = append(runs, run{" ", l.base}, run{"(" + oneLine(r.Link) + ")", style{dim: true}})
				}
				words = ""
			}
		}
	}
	return runs
}
