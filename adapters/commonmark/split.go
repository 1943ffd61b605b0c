package commonmark

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Split splits CommonMark into texts that fit into one message each and together show all of it. It splits at the end
// of a block if it can, then at the end of a line or sentence, then between words, and at last anywhere. It returns
// at least one text. If a document fits, so must every beginning of it. A document with more than most bytes of text
// never fits; this only makes Split faster.
func Split(text string, most int, fits func(Document) bool) []string {
	p := Parse(text)
	if fits(p) {
		return []string{text}
	}
	var texts []string
	for _, piece := range p.split(most, fits) {
		texts = append(texts, piece.CommonMark())
	}
	return texts
}

// split makes documents that fit. A heading stays with what follows it.
func (p Document) split(most int, fits func(Document) bool) (pieces []Document) {
	rest := slices.Clone(p)
	for len(rest) > 0 {
		n := sort.Search(len(rest), func(n int) bool { return !fits(rest[:n+1]) })
		if n == 0 {
			first, second := rest[0].split(most, fits)
			pieces = append(pieces, Document{first})
			if rest = rest[1:]; len(second.Runs) > 0 {
				rest = slices.Concat(Document{second}, rest)
			}
			continue
		}
		if n < len(rest) {
			n = keepHeadings(rest, n)
		}
		pieces = append(pieces, rest[:n])
		rest = rest[n:]
	}
	return pieces
}

// keepHeadings reduces n so that no heading comes last before it, unless there is nothing but headings.
func keepHeadings(p Document, n int) int {
	for last := n; last > 0; last-- {
		if p[last-1].Kind != Heading {
			return last
		}
	}
	return n
}

// split splits a block that is too long, so that the first part fits.
func (b Block) split(most int, fits func(Document) bool) (first, second Block) {
	b.Runs = slices.Clone(b.Runs)
	for i, r := range b.Runs {
		// Links and instants are never split. If one is too long, show the address as text, and the instant as words.
		if r.Link != "" && !b.linkFits(r, fits) {
			if b.Runs[i].Link = ""; r.Text != r.Link {
				b.Runs[i].Text += " (" + r.Link + ")"
			}
		}
		if !r.Time.IsZero() && !fits(Document{b.withRun(b.Runs[i])}) {
			b.Runs[i].Time = time.Time{}
		}
	}
	text := PlainText(b.Runs)
	window, _ := b.splitAt(min(len(text), most))
	tooLong := sort.Search(len(PlainText(window.Runs)), func(n int) bool {
		head, _ := window.splitAt(n + 1)
		return !fits(Document{head})
	})
	return b.splitAt(b.runBoundary(breakPoint(text, tooLong)))
}

// linkFits tells whether a link fits twice, with the shortest words that splitting may leave of it.
func (b Block) linkFits(link Run, fits func(Document) bool) bool {
	if link.Text != link.Link {
		link.Text = "x"
	}
	alone := b.withRun(link)
	return fits(Document{alone, alone})
}

// withRun is b with r as its only run.
func (b Block) withRun(r Run) Block {
	b.Runs = []Run{r}
	return b
}

// breakPoint is the best place to split text at or before at.
func breakPoint(text string, at int) int {
	head := text[:at]
	if i := strings.LastIndexByte(head, '\n'); i > at/2 {
		return i + 1
	}
	if all := sentenceEnd.FindAllStringIndex(head, -1); len(all) > 0 && all[len(all)-1][1] > at/2 {
		return all[len(all)-1][1]
	}
	if i := strings.LastIndexFunc(head, unicode.IsSpace); i > 0 {
		_, size := utf8.DecodeRuneInString(head[i:])
		return i + size
	}
	// Not within a character: neither before a mark, a modifier or a joiner, nor after a joiner.
	for i := at; i > 0; i-- {
		r, _ := utf8.DecodeRuneInString(text[i:])
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		if utf8.RuneStart(text[i]) && !unicode.In(r, unicode.Mn, unicode.Me, unicode.Sk, unicode.Cf) && before != '\u200d' {
			return i
		}
	}
	_, size := utf8.DecodeRuneInString(text)
	return size
}

// sentenceEnd matches the end of a sentence, with the space after it.
var sentenceEnd = regexp.MustCompile(`[.!?…。！？]["'”’)»]*(?:\s|$)|[。！？]`)

// runBoundary is n, unless that is inside an instant or a bare address: then it is where that begins or ends.
func (b Block) runBoundary(n int) int {
	from := 0
	for _, r := range b.Runs {
		to := from + len(r.Text)
		if from < n && n < to && (!r.Time.IsZero() || r.Link != "" && r.Link == r.Text) {
			if from > 0 {
				return from
			}
			return to
		}
		from = to
	}
	return n
}

// splitAt splits a block after n bytes of its text. The second part of an item is a paragraph.
func (b Block) splitAt(n int) (first, second Block) {
	first, second = b, b
	first.Runs, second.Runs = nil, nil
	if b.Kind == ListItem {
		second.Kind, second.Indent, second.Number = Paragraph, 0, 0
	}
	for _, r := range b.Runs {
		here := min(n, len(r.Text))
		n -= here
		before, after := r, r
		before.Text, after.Text = r.Text[:here], r.Text[here:]
		first.Runs, second.Runs = append(first.Runs, before), append(second.Runs, after)
	}
	if b.Kind == CodeBlock {
		first.Runs[0].Text = strings.TrimSuffix(first.Runs[0].Text, "\n")
		if second.Runs[0].Text == "" {
			second.Runs = nil
		}
		return first, second
	}
	first.Runs, second.Runs = JoinParagraphs(Paragraphs(first.Runs, false)), JoinParagraphs(Paragraphs(second.Runs, false))
	return first, second
}
