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

// CommonMark writes a passage as CommonMark that shows it, and no more.
func (p Passage) CommonMark() string {
	var b strings.Builder
	w := writer{}
	for i, blk := range p {
		if i > 0 {
			b.WriteString(w.between(p[i-1], blk))
		}
		first, rest := w.margins(blk)
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

// A writer knows the lists that are open.
type writer struct {
	open []list
}

type list struct {
	margin    string // before what is in its items
	number    int    // of the last item
	delimiter string // told apart from the list before by this alone
}

// between is what stands between two blocks.
func (w *writer) between(before, after Block) string {
	blank := "\n\n"
	if before.Quoted && after.Quoted {
		blank = "\n>\n"
	}
	switch {
	case before.Kind != Item || after.Kind != Item || before.Quoted != after.Quoted:
		w.open = nil
		if before.Quoted && after.Quoted {
			return blank
		}
		return "\n\n"
	case after.Number > 1 && after.Indent > before.Indent, strings.Contains(TextOf(before.Runs), "\n\n"):
		return blank // a list that doesn't begin with 1 is part of the paragraph above
	}
	return "\n"
}

// margins are what stands before the first line of a block, and before its others.
func (w *writer) margins(b Block) (first, rest string) {
	if b.Kind != Item {
		return "", ""
	}
	depth := min(b.Indent, len(w.open))
	delimiter := "."
	switch {
	case b.Number == 0:
		delimiter = "-"
	case depth < len(w.open) && w.open[depth].number > 0 && w.open[depth].number+1 != b.Number:
		delimiter = map[string]string{".": ")", ")": "."}[w.open[depth].delimiter]
	case depth < len(w.open) && w.open[depth].number > 0:
		delimiter = w.open[depth].delimiter
	}
	outer := ""
	if depth > 0 {
		outer = w.open[depth-1].margin
	}
	marker := delimiter + " "
	if b.Number > 0 {
		marker = strconv.Itoa(b.Number) + marker
	}
	rest = outer + strings.Repeat(" ", len(marker))
	w.open = append(w.open[:depth], list{margin: rest, number: b.Number, delimiter: delimiter})
	return outer + marker, rest
}

func (w *writer) block(b Block) string {
	switch b.Kind {
	case Rule:
		return "* * *"
	case Code:
		verbatim := TextOf(b.Runs)
		ticks := strings.Repeat("`", max(3, longest(verbatim, '`')+1))
		return ticks + b.Language + "\n" + verbatim + "\n" + ticks
	case Heading:
		text := marked(b.Runs)
		if closing.MatchString(text) {
			text = text[:len(text)-1] + `\#`
		}
		return strings.Repeat("#", max(1, b.Level)) + " " + text
	}
	var all []string
	for _, line := range Lines(b.Runs) {
		all = append(all, marked(line))
	}
	text := strings.Join(all, "\\\n")
	return strings.ReplaceAll(text, "\\\n\\\n", "\n\n") // paragraphs of an item
}

// closing is what CommonMark would take for the end of a heading.
var closing = regexp.MustCompile(`(?:^|[ \t])#+$`)

// marked writes the runs of one line. Where markers would not mean what they should, at punctuation within words for instance,
// it tries others, then fewer: words matter more than style.
func marked(runs []Run) string {
	plain := true
	for _, r := range runs {
		plain = plain && r.Style == 0 && r.Link == "" && r.At.IsZero()
	}
	if plain {
		return Literal(TextOf(runs), true)
	}
	for _, try := range []func([]Run) []Run{Tidy, narrowed, upright} {
		wanted := try(slices.Clone(runs))
		for _, star := range []string{"*", "_"} {
			source := inOrder(wanted, 0, star, true)
			if got := Parse(source); len(got) == 1 && got[0].Kind == Paragraph && !got[0].Quoted && slices.Equal(visible(got[0].Runs), visible(wanted)) {
				return source
			}
		}
	}
	bare := slices.Clone(runs)
	for i := range bare {
		bare[i].Style = 0
	}
	return inOrder(Tidy(bare), 0, "*", true)
}

// visible is what can be seen of runs, character by character. White space has no style that shows, except in code.
func visible(runs []Run) (all []Run) {
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

// narrowed takes the styles off the punctuation at both ends of each run, where it may keep a marker from being one.
func narrowed(runs []Run) []Run {
	var all []Run
	for _, r := range runs {
		if r.Style&^Monospace == 0 || r.Style&Monospace != 0 || r.Link != "" || !r.At.IsZero() {
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
	return Tidy(all)
}

// upright leaves no style but that of code.
func upright(runs []Run) []Run {
	for i := range runs {
		runs[i].Style &= Monospace
	}
	return Tidy(runs)
}

// inOrder writes runs of which the styles in outer are open already. The style that goes on for longest is opened first.
func inOrder(runs []Run, outer Style, star string, start bool) string {
	var b strings.Builder
	for i := 0; i < len(runs); {
		r := runs[i]
		start := start && i == 0
		longest, opens := 0, Style(0)
		for _, s := range []Style{Bold, Italic, Strike} {
			if r.Style&^outer&s == 0 {
				continue
			}
			n := extent(runs[i:], func(r Run) bool { return r.Style&s != 0 })
			switch {
			case n > longest:
				longest, opens = n, s
			case n == longest && opens == Bold && s == Italic:
				opens |= s
			}
		}
		if opens != 0 {
			inner := slices.Clone(runs[i : i+longest])
			if r.Style&Monospace == 0 && r.At.IsZero() {
				// What is styled from here on was cut off from a part of it that other styles took.
				inner[0].Text = strings.TrimLeftFunc(r.Text, unicode.IsSpace)
				b.WriteString(r.Text[:len(r.Text)-len(inner[0].Text)])
			}
			marker := map[Style]string{Bold: "**", Italic: star, Bold | Italic: "***", Strike: "~~"}[opens]
			b.WriteString(marker + inOrder(inner, outer|opens, star, false) + marker)
			i += longest
			continue
		}
		if r.Link == "" {
			b.WriteString(leaf(r, start))
			i++
			continue
		}
		n := extent(runs[i:], func(next Run) bool { return next.Link == r.Link && next.Style&outer == outer })
		if before := b.String(); strings.HasSuffix(before, "!") {
			b.Reset()
			b.WriteString(before[:len(before)-1] + `\!`) // or else it is a picture
		}
		b.WriteString(link(runs[i:i+n], outer, star))
		i += n
	}
	return b.String()
}

// extent is how many runs are so, from the first on.
func extent(runs []Run, so func(Run) bool) int {
	n := slices.IndexFunc(runs, func(r Run) bool { return !so(r) })
	if n < 0 {
		return len(runs)
	}
	return n
}

var autoLink = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*$`)

// link writes runs that have one link.
func link(runs []Run, outer Style, star string) string {
	address := runs[0].Link
	if text := TextOf(runs); len(runs) == 1 && runs[0].Style&^outer == 0 && runs[0].At.IsZero() {
		if text == address && autoLink.MatchString(address) && !entity.MatchString(address) {
			return "<" + address + ">"
		}
		if "mailto:"+text == address && mail.MatchString(text) {
			return "<" + text + ">"
		}
	}
	words := slices.Clone(runs)
	for i := range words {
		words[i].Link = ""
	}
	return "[" + inOrder(words, outer, star, false) + "](" + entity.ReplaceAllString(address, "&amp;$1") + ")"
}

var mail = regexp.MustCompile(`^[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$`)

func leaf(r Run, start bool) string {
	switch {
	case !r.At.IsZero():
		return `<time datetime="` + r.At.UTC().Format(time.RFC3339) + `">` + Literal(r.Text, false) + "</time>"
	case r.Style&Monospace != 0:
		ticks, pad := strings.Repeat("`", longest(r.Text, '`')+1), ""
		edges := strings.HasPrefix(r.Text, " ") && strings.HasSuffix(r.Text, " ") && strings.Trim(r.Text, " ") != ""
		if edges || strings.HasPrefix(r.Text, "`") || strings.HasSuffix(r.Text, "`") {
			pad = " "
		}
		return ticks + pad + r.Text + pad + ticks
	}
	return Literal(r.Text, start)
}

func longest(s string, c byte) int {
	most, n := 0, 0
	for i := range len(s) {
		if n++; s[i] != c {
			n = 0
		}
		most = max(most, n)
	}
	return most
}
