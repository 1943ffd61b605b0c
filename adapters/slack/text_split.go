package slack

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"
)

// split divides CommonMark into texts that each fit into one message, with at most so many characters of mrkdwn, and together
// show all of it: at the end of a block if it can, else of a line or sentence, else of a word, else anywhere. There is always at
// least one.
func split(commonmark string, most int) []string {
	p := parse(commonmark)
	if fits(p, most) {
		return []string{commonmark}
	}
	var texts []string
	for _, piece := range p.divide(most) {
		texts = append(texts, piece.commonMark())
	}
	return texts
}

// fits tells whether a passage is within Slack's limits, with a text of at most so many characters.
func fits(p passage, most int) bool {
	if utf8.RuneCountInString(p.mrkdwn()) > most {
		return false
	}
	blocks := p.blocks()
	return len(blocks) <= maxBlocks && size(blocks) <= maxSum
}

// size is the length of blocks as JSON, in characters.
func size(blocks []slackgo.Block) int {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // Slack counts what it read
	if err := e.Encode(blocks); err != nil {
		return maxSum + 1 // no block of ours
	}
	return utf8.RuneCount(b.Bytes())
}

// divide makes passages that fit. A heading stays with what follows it.
func (p passage) divide(most int) (pieces []passage) {
	rest := slices.Clone(p)
	for len(rest) > 0 {
		// More blocks never fit where fewer don't.
		n := sort.Search(len(rest), func(n int) bool { return !fits(rest[:n+1], most) })
		if n == 0 {
			first, second := rest[0].cut(most)
			pieces = append(pieces, passage{first})
			if rest = rest[1:]; len(second.runs) > 0 {
				rest = slices.Concat(passage{second}, rest)
			}
			continue
		}
		if n < len(rest) {
			n = beforeHeadings(rest, n)
		}
		pieces = append(pieces, rest[:n])
		rest = rest[n:]
	}
	return pieces
}

// beforeHeadings is n, or less where headings would be last before it; but all headings are as good as none.
func beforeHeadings(p passage, n int) int {
	for last := n; last > 0; last-- {
		if p[last-1].kind != heading {
			return last
		}
	}
	return n
}

// cut divides a block that is too long, so that the first part fits.
func (b block) cut(most int) (first, second block) {
	b.runs = slices.Clone(b.runs)
	for i, r := range b.runs {
		// What is never divided must not be too long for that: such addresses are shown, and such instants mere words.
		if r.link != "" && len(escape(r.link)) > most/4 {
			if b.runs[i].link = ""; r.text != r.link {
				b.runs[i].text += " (" + r.link + ")"
			}
		}
		if len(r.marked()) > most-20 {
			b.runs[i].at = time.Time{}
		}
	}
	text := textOf(b.runs)
	window, _ := b.at(min(len(text), utf8.UTFMax*most)) // more can't fit
	tooLong := sort.Search(len(textOf(window.runs)), func(n int) bool {
		head, _ := window.at(n + 1)
		return !fits(passage{head}, most)
	})
	return b.at(b.whole(place(text, tooLong)))
}

// place is the best place to cut text before at, or at at.
func place(text string, at int) int {
	head := text[:at]
	if i := strings.LastIndexByte(head, '\n'); i > at/2 {
		return i + 1
	}
	if all := sentence.FindAllStringIndex(head, -1); len(all) > 0 && all[len(all)-1][1] > at/2 {
		return all[len(all)-1][1]
	}
	if i := strings.LastIndexFunc(head, unicode.IsSpace); i > 0 {
		_, size := utf8.DecodeRuneInString(head[i:])
		return i + size
	}
	// Not within a character: before a mark, a modifier or a joiner, or behind one.
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

// sentence is where one ends, with the space behind it.
var sentence = regexp.MustCompile(`[.!?…。！？]["'”’)»]*(?:\s|$)|[。！？]`)

// whole is n, or where a run begins or ends that is not divided: an instant or a bare address.
func (b block) whole(n int) int {
	from := 0
	for _, r := range b.runs {
		to := from + len(r.text)
		if from < n && n < to && (!r.at.IsZero() || r.link != "" && r.link == r.text) {
			if from > 0 {
				return from
			}
			return to
		}
		from = to
	}
	return n
}

// at divides a block behind so many bytes of its text. What follows an item's first part is no item.
func (b block) at(n int) (first, second block) {
	first, second = b, b
	first.runs, second.runs = nil, nil
	if b.kind == item {
		second.kind, second.indent, second.number = paragraph, 0, 0
	}
	for _, r := range b.runs {
		here := min(n, len(r.text))
		n -= here
		before, after := r, r
		before.text, after.text = r.text[:here], r.text[here:]
		first.runs, second.runs = append(first.runs, before), append(second.runs, after)
	}
	if b.kind == code {
		first.runs[0].text = strings.TrimSuffix(first.runs[0].text, "\n")
		if second.runs[0].text == "" {
			second.runs = nil
		}
		return first, second
	}
	first.runs, second.runs = joined(paragraphs(first.runs, false)), joined(paragraphs(second.runs, false))
	return first, second
}
