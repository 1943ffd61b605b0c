package commonmark

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// CommonMark writes CommonMark that shows the document, and nothing else.
func (p Document) CommonMark() string {
	var b strings.Builder
	w := writer{}
	for i, blk := range p {
		if i > 0 {
			b.WriteString(w.separator(p[i-1], blk))
		}
		first, rest := w.prefixes(blk)
		if blk.Quoted {
			first, rest = "> "+first, "> "+rest
		}
		for j, line := range strings.Split(w.block(blk), "\n") {
			if j > 0 {
				b.WriteByte('\n')
				first = rest
			}
			if line == "" {
				b.WriteString(strings.TrimRight(first, " "))
				continue
			}
			b.WriteString(first + line)
		}
	}
	return b.String()
}

// A writer knows which lists are open.
type writer struct {
	openLists []openList
}

type openList struct {
	indent    string // before the content of its items
	number    int    // of the last item
	delimiter string // the only thing that tells it from the list before
}

// separator is what goes between two blocks.
func (w *writer) separator(before, after Block) string {
	blank := "\n\n"
	if before.Quoted && after.Quoted {
		blank = "\n>\n"
	}
	switch {
	case before.Kind != ListItem || after.Kind != ListItem || before.Quoted != after.Quoted:
		w.openLists = nil
		if before.Quoted && after.Quoted {
			return blank
		}
		return "\n\n"
	case after.Number > 1 && after.Indent > before.Indent, strings.Contains(PlainText(before.Runs), "\n\n"):
		return blank // without it, a list that doesn't begin with 1 would be part of the paragraph above
	}
	return "\n"
}

// prefixes are what goes before the first line of a block, and before its other lines.
func (w *writer) prefixes(b Block) (first, rest string) {
	if b.Kind != ListItem {
		return "", ""
	}
	depth := min(b.Indent, len(w.openLists))
	delimiter := "."
	switch {
	case b.Number == 0:
		delimiter = "-"
	case depth < len(w.openLists) && w.openLists[depth].number > 0 && w.openLists[depth].number+1 != b.Number:
		delimiter = map[string]string{".": ")", ")": "."}[w.openLists[depth].delimiter]
	case depth < len(w.openLists) && w.openLists[depth].number > 0:
		delimiter = w.openLists[depth].delimiter
	}
	outer := ""
	if depth > 0 {
		outer = w.openLists[depth-1].indent
	}
	marker := delimiter + " "
	if b.Number > 0 {
		marker = strconv.Itoa(b.Number) + marker
	}
	rest = outer + strings.Repeat(" ", len(marker))
	w.openLists = append(w.openLists[:depth], openList{indent: rest, number: b.Number, delimiter: delimiter})
	return outer + marker, rest
}

func (w *writer) block(b Block) string {
	switch b.Kind {
	case Rule:
		return "* * *"
	case CodeBlock:
		verbatim := PlainText(b.Runs)
		ticks := strings.Repeat("`", max(3, longestRepeat(verbatim, '`')+1))
		return ticks + b.Language + "\n" + verbatim + "\n" + ticks
	case Heading:
		text := writeLine(b.Runs)
		if closingHashes.MatchString(text) {
			text = text[:len(text)-1] + `\#`
		}
		return strings.Repeat("#", max(1, b.Level)) + " " + text
	}
	var all []string
	for _, line := range Lines(b.Runs) {
		all = append(all, writeLine(line))
	}
	text := strings.Join(all, "\\\n")
	return strings.ReplaceAll(text, "\\\n\\\n", "\n\n") // paragraphs of an item
}

// closingHashes matches what CommonMark would read as the end of a heading.
var closingHashes = regexp.MustCompile(`(?:^|[ \t])#+$`)

// writeLine writes the runs of one line. Where the markers would mean something else, for instance at punctuation
// within a word, it tries other markers, and then fewer: words matter more than style.
func writeLine(runs []Run) string {
	plain := true
	for _, r := range runs {
		plain = plain && r.Style == 0 && r.Link == "" && r.Time.IsZero()
	}
	if plain {
		return Escape(PlainText(runs), true)
	}
	for _, try := range []func([]Run) []Run{Normalize, styleWordsOnly, dropStyles} {
		wanted := try(slices.Clone(runs))
		for _, emphasisMarker := range []string{"*", "_"} {
			source := writeRuns(wanted, 0, emphasisMarker, true)
			if got := Parse(source); len(got) == 1 && got[0].Kind == Paragraph && !got[0].Quoted && slices.Equal(visibleRunes(got[0].Runs), visibleRunes(wanted)) {
				return source
			}
		}
	}
	bare := slices.Clone(runs)
	for i := range bare {
		bare[i].Style = 0
	}
	return writeRuns(Normalize(bare), 0, "*", true)
}

// visibleRunes is what people see of runs, character by character. They see no style on white space, except in code.
func visibleRunes(runs []Run) (all []Run) {
	for _, r := range runs {
		for _, c := range r.Text {
			one := r
			if one.Text = string(c); unicode.IsSpace(c) {
				one.Style &= Monospace
				one.Link = ""
			}
			all = append(all, one)
		}
	}
	return all
}

// styleWordsOnly removes the style from the punctuation at both ends of each run, where it may break a marker.
func styleWordsOnly(runs []Run) []Run {
	var all []Run
	for _, r := range runs {
		if r.Style&^Monospace == 0 || r.Style&Monospace != 0 || r.Link != "" || !r.Time.IsZero() {
			all = append(all, r)
			continue
		}
		isWord := func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }
		from, to := strings.IndexFunc(r.Text, isWord), strings.LastIndexFunc(r.Text, isWord)
		if from < 0 {
			r.Style = 0
			all = append(all, r)
			continue
		}
		_, size := utf8.DecodeRuneInString(r.Text[to:])
		to += size
		all = append(all, Run{Text: r.Text[:from]}, Run{Text: r.Text[from:to], Style: r.Style}, Run{Text: r.Text[to:]})
	}
	return Normalize(all)
}

// dropStyles removes all styles except that of code.
func dropStyles(runs []Run) []Run {
	for i := range runs {
		runs[i].Style &= Monospace
	}
	return Normalize(runs)
}

// writeRuns writes runs. The styles in outer are open already. It opens the style that lasts longest first.
func writeRuns(runs []Run, outer Style, emphasisMarker string, start bool) string {
	var b strings.Builder
	for i := 0; i < len(runs); {
		r := runs[i]
		start := start && i == 0
		longest, opens := 0, Style(0)
		for _, s := range []Style{Bold, Italic, Strike} {
			if r.Style&^outer&s == 0 {
				continue
			}
			n := countWhile(runs[i:], func(r Run) bool { return r.Style&s != 0 })
			switch {
			case n > longest:
				longest, opens = n, s
			case n == longest && opens == Bold && s == Italic:
				opens |= s
			}
		}
		if opens != 0 {
			inner := slices.Clone(runs[i : i+longest])
			if r.Style&Monospace == 0 && r.Time.IsZero() {
				// The style may have begun before this space, in runs that were written already.
				inner[0].Text = strings.TrimLeftFunc(r.Text, unicode.IsSpace)
				b.WriteString(r.Text[:len(r.Text)-len(inner[0].Text)])
			}
			marker := map[Style]string{Bold: "**", Italic: emphasisMarker, Bold | Italic: "***", Strike: "~~"}[opens]
			b.WriteString(marker + writeRuns(inner, outer|opens, emphasisMarker, false) + marker)
			i += longest
			continue
		}
		if r.Link == "" {
			b.WriteString(writeRun(r, start))
			i++
			continue
		}
		n := countWhile(runs[i:], func(next Run) bool { return next.Link == r.Link && next.Style&outer == outer })
		if before := b.String(); strings.HasSuffix(before, "!") {
			b.Reset()
			b.WriteString(before[:len(before)-1] + `\!`) // without the backslash it would be a picture
		}
		b.WriteString(writeLink(runs[i:i+n], outer, emphasisMarker))
		i += n
	}
	return b.String()
}

// countWhile counts the runs from the first on that match.
func countWhile(runs []Run, match func(Run) bool) int {
	n := slices.IndexFunc(runs, func(r Run) bool { return !match(r) })
	if n < 0 {
		return len(runs)
	}
	return n
}

var autoLink = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*$`)

// writeLink writes runs that share one link.
func writeLink(runs []Run, outer Style, emphasisMarker string) string {
	address := runs[0].Link
	if text := PlainText(runs); len(runs) == 1 && runs[0].Style&^outer == 0 && runs[0].Time.IsZero() {
		if text == address && autoLink.MatchString(address) && !entity.MatchString(address) {
			return "<" + address + ">"
		}
		if "mailto:"+text == address && emailAddress.MatchString(text) {
			return "<" + text + ">"
		}
	}
	words := slices.Clone(runs)
	for i := range words {
		words[i].Link = ""
	}
	return "[" + writeRuns(words, outer, emphasisMarker, false) + "](" + entity.ReplaceAllString(address, "&amp;$1") + ")"
}

var emailAddress = regexp.MustCompile(`^[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$`)

func writeRun(r Run, start bool) string {
	switch {
	case !r.Time.IsZero():
		return `<time datetime="` + r.Time.UTC().Format(time.RFC3339) + `">` + Escape(r.Text, false) + "</time>"
	case r.Style&Monospace != 0:
		ticks, pad := strings.Repeat("`", longestRepeat(r.Text, '`')+1), ""
		edges := strings.HasPrefix(r.Text, " ") && strings.HasSuffix(r.Text, " ") && strings.Trim(r.Text, " ") != ""
		if edges || strings.HasPrefix(r.Text, "`") || strings.HasSuffix(r.Text, "`") {
			pad = " "
		}
		return ticks + pad + r.Text + pad + ticks
	}
	return Escape(r.Text, start)
}

func longestRepeat(s string, c byte) int {
	most, n := 0, 0
	for i := range len(s) {
		if n++; s[i] != c {
			n = 0
		}
		most = max(most, n)
	}
	return most
}
