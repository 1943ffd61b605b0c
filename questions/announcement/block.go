package announcement

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A block is a paragraph, a heading or an item: one or more lines that belong together.
type block struct {
	label
	text    string // without its label
	source  string // with it
	marks   []mark // where in source the lines begin
	links   []string
	indent  int
	depth   int // lists around it
	gap     int // empty lines before it
	heading int
	strong  bool
	markup  bool // markup says that it is an item
	cells   bool
	role    lineRole

	tokens []token
	dates  []dateMention
	clocks []clockMention
}

// A mark says that a line's words begin at an offset.
type mark struct{ at, n int }

// line is the line of an offset in the block's source.
func (b block) line(at int) int {
	n := 0
	for _, m := range b.marks {
		if m.at > at && n > 0 {
			break
		}
		n = m.n
	}
	return n
}

// evidence quotes a part of the block's source.
func (b block) evidence(from, to int) Evidence {
	return Evidence{Line: b.line(from), Words: strings.TrimSpace(b.source[from:to])}
}

func (b block) whole() Evidence { return b.evidence(0, len(b.source)) }

func (b block) isItem() bool { return b.kind != unlabelled }

// level is how deep an item stands, whether markup made it one or its label alone.
func (b block) level() int {
	if b.isItem() && !b.markup {
		return b.depth + 1
	}
	return b.depth
}

// isQuestion tells whether the block ends as a question does.
func (b block) isQuestion() bool {
	return strings.HasSuffix(strings.TrimRight(b.text, ` "”’')!*_»`), "?")
}

// short tells a line of its own from a paragraph.
func (b block) short() bool { return len(b.marks) == 1 && utf8.RuneCountInString(b.source) < 110 }

// gather puts lines together to blocks.
func gather(lines []line) []block {
	width := wrapWidth(lines)
	var out []block
	for i, l := range lines {
		b := newBlock(l)
		if i > 0 && l.gap == 0 && l.item == 0 && l.heading == 0 && !l.cells && l.hint == lines[i-1].hint && len(out) > 0 && continues(out[len(out)-1], lines[i-1], l, b, width) {
			out[len(out)-1].join(l)
			continue
		}
		out = append(out, b)
	}
	for i := range out {
		out[i].strip()
	}
	return splitInline(out)
}

// newBlock begins a block with a line.
func newBlock(l line) block {
	b := block{
		source: l.text, marks: []mark{{0, l.n}}, links: l.links, indent: l.indent, depth: l.depth,
		gap: l.gap, heading: l.heading, strong: l.strong, role: l.hint, cells: l.cells,
	}
	b.label, _ = cutLabel(l.text)
	if l.item != 0 {
		b.markup = true
		if b.kind != asked && b.kind != daily && !(b.kind == numbered && l.item == '-') && b.kind != lettered {
			b.label = label{kind: bulleted}
			if l.item == '1' {
				b.label = label{numbered, l.num}
			}
		}
	}
	return b
}

// strip takes the label off the block's words.
func (b *block) strip() {
	b.text = b.source
	if l, rest := cutLabel(b.source); l == b.label && l.kind != unlabelled {
		b.text = rest
	}
}

func (b *block) join(l line) {
	b.marks = append(b.marks, mark{len(b.source) + 1, l.n})
	b.source += " " + l.text
	b.links = append(b.links, l.links...)
	b.strong = b.strong && l.strong
}

// wrapWidth is where an editor wrapped the lines, or 0 if each paragraph is one line.
func wrapWidth(lines []line) int {
	width, full, tight := 0, 0, 0
	long := func(l line) int { return utf8.RuneCountInString(l.text) + l.indent }
	for i, l := range lines {
		if i+1 < len(lines) && lines[i+1].gap == 0 {
			width = max(width, long(l))
		}
		if long(l) > 110 {
			return 0
		}
	}
	for i, l := range lines {
		if i+1 < len(lines) && lines[i+1].gap == 0 && lines[i+1].item == 0 {
			if next, _ := cutLabel(lines[i+1].text); next.kind != unlabelled {
				continue
			}
			tight++
			if long(l) > width-16 {
				full++
			}
		}
	}
	if width < 50 || full*2 < tight {
		return 0
	}
	return width
}

// opensLine is what begins a line of its own, however full the line before: a field, a date.
var opensLine = regexp.MustCompile(`^(?:\p{Lu}[\w ]{1,20}:\s|(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? (?:the )?\d)`)

// continues tells whether a line goes on with the block before it, or begins its own.
func continues(b block, before, l line, next block, width int) bool {
	switch {
	case len(b.source)+len(l.text) > maxParagraph:
		return false
	case before.heading > 0 || before.cells || next.kind == asked || next.kind == bulleted || next.kind == daily || next.kind == numbered || next.kind == lettered:
		return false
	case b.markup && l.depth > 0 && l.depth == b.depth:
		return true // a break within one list item
	case b.kind != unlabelled && l.indent > b.indent:
		return true // hanging under its label
	}
	if r, _ := utf8.DecodeRuneInString(l.text); unicode.IsLower(r) && !strings.HasSuffix(b.source, "?") {
		return true
	}
	if width == 0 || opensLine.MatchString(l.text) {
		return false
	}
	first, _, _ := strings.Cut(l.text, " ")
	return utf8.RuneCountInString(before.text)+before.indent+1+utf8.RuneCountInString(first) > width-8
}

// splitInline splits paragraphs in which several questions follow one another.
func splitInline(blocks []block) []block {
	var out []block
	for _, b := range blocks {
		at := inlineQuestions(b)
		if at == nil {
			out = append(out, b)
			continue
		}
		if at[0] > 0 {
			out = append(out, b.part(0, at[0]))
		}
		for i, from := range at {
			to := len(b.source)
			if i+1 < len(at) {
				to = at[i+1]
			} else if end := strings.LastIndex(b.source[from:], "? "); end > 0 {
				to = from + end + 1
			}
			q := b.part(from, to)
			q.label, q.text = cutLabel(q.source)
			out = append(out, q)
			if rest := b.part(to, len(b.source)); i+1 == len(at) && rest.source != "" {
				out = append(out, rest)
			}
		}
	}
	return out
}

// inlineQuestions is where in a block its second and further questions begin; where its first does too, if words
// stand before it.
func inlineQuestions(b block) []int {
	var at []int
	n := 0
	pattern := inlineAsked
	if !pattern.MatchString(b.source) {
		pattern = inlineNumber
	}
	for _, m := range pattern.FindAllStringSubmatchIndex(b.source, -1) {
		number := numberOf(b.source[m[4]:m[5]])
		if number != n+1 && len(at) > 0 || pattern == inlineNumber && number != n+1 {
			return nil
		}
		at, n = append(at, m[2]), number
	}
	if len(at) < 2 || (at[0] > 0 || pattern == inlineNumber) && strings.Count(b.source[at[0]:], "?") < len(at) {
		return nil // talk about the questions
	}
	return at
}

// part is a piece of a block, as a block.
func (b block) part(from, to int) block {
	for from < to && b.source[from] == ' ' {
		from++
	}
	p := b
	p.source = strings.TrimRight(b.source[from:to], " ")
	p.text, p.label = p.source, label{}
	p.marks = []mark{{0, b.line(from)}}
	for _, m := range b.marks {
		if m.at > from && m.at < to {
			p.marks = append(p.marks, mark{m.at - from, m.n})
		}
	}
	if from > 0 {
		p.gap = 0
	}
	return p
}
