package slack

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// commonMark writes a passage as CommonMark that shows it, and no more.
func (p passage) commonMark() string {
	var b strings.Builder
	w := writer{}
	for i, blk := range p {
		if i > 0 {
			b.WriteString(w.between(p[i-1], blk))
		}
		first, rest := w.margins(blk)
		if blk.quoted {
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
func (w *writer) between(before, after block) string {
	blank := "\n\n"
	if before.quoted && after.quoted {
		blank = "\n>\n"
	}
	switch {
	case before.kind != item || after.kind != item || before.quoted != after.quoted:
		w.open = nil
		if before.quoted && after.quoted {
			return blank
		}
		return "\n\n"
	case after.number > 1 && after.indent > before.indent, strings.Contains(textOf(before.runs), "\n\n"):
		return blank // a list that doesn't begin with 1 is part of the paragraph above
	}
	return "\n"
}

// margins are what stands before the first line of a block, and before its others.
func (w *writer) margins(b block) (first, rest string) {
	if b.kind != item {
		return "", ""
	}
	depth := min(b.indent, len(w.open))
	delimiter := "."
	switch {
	case b.number == 0:
		delimiter = "-"
	case depth < len(w.open) && w.open[depth].number > 0 && w.open[depth].number+1 != b.number:
		delimiter = map[string]string{".": ")", ")": "."}[w.open[depth].delimiter]
	case depth < len(w.open) && w.open[depth].number > 0:
		delimiter = w.open[depth].delimiter
	}
	outer := ""
	if depth > 0 {
		outer = w.open[depth-1].margin
	}
	marker := delimiter + " "
	if b.number > 0 {
		marker = strconv.Itoa(b.number) + marker
	}
	rest = outer + strings.Repeat(" ", len(marker))
	w.open = append(w.open[:depth], list{margin: rest, number: b.number, delimiter: delimiter})
	return outer + marker, rest
}

func (w *writer) block(b block) string {
	switch b.kind {
	case rule:
		return "* * *"
	case code:
		verbatim := textOf(b.runs)
		ticks := strings.Repeat("`", max(3, longest(verbatim, '`')+1))
		return ticks + "\n" + verbatim + "\n" + ticks
	case heading:
		text := marked(b.runs)
		if closing.MatchString(text) {
			text = text[:len(text)-1] + `\#`
		}
		return "# " + text
	}
	var all []string
	for _, line := range lines(b.runs) {
		all = append(all, marked(line))
	}
	text := strings.Join(all, "\\\n")
	return strings.ReplaceAll(text, "\\\n\\\n", "\n\n") // paragraphs of an item
}

// closing is what CommonMark would take for the end of a heading.
var closing = regexp.MustCompile(`(?:^|[ \t])#+$`)

// marked writes the runs of one line. Where markers would not mean what they should, at punctuation within words for instance,
// it tries others, then fewer: words matter more than style.
func marked(runs []run) string {
	plain := true
	for _, r := range runs {
		plain = plain && r.style == 0 && r.link == "" && r.at.IsZero()
	}
	if plain {
		return literal(textOf(runs), true)
	}
	for _, try := range []func([]run) []run{tidy, narrowed, upright} {
		wanted := try(slices.Clone(runs))
		for _, star := range []string{"*", "_"} {
			source := inOrder(wanted, 0, star, true)
			if got := parse(source); len(got) == 1 && got[0].kind == paragraph && !got[0].quoted && slices.Equal(visible(got[0].runs), visible(wanted)) {
				return source
			}
		}
	}
	bare := slices.Clone(runs)
	for i := range bare {
		bare[i].style = 0
	}
	return inOrder(tidy(bare), 0, "*", true)
}

// visible is what can be seen of runs, character by character. White space has no style that shows, except in code.
func visible(runs []run) (all []run) {
	for _, r := range runs {
		for _, c := range r.text {
			one := r
			if one.text = string(c); unicode.IsSpace(c) {
				one.style &= monospace
				one.link = ""
			}
			all = append(all, one)
		}
	}
	return all
}

// narrowed takes the styles off the punctuation at both ends of each run, where it may keep a marker from being one.
func narrowed(runs []run) []run {
	var all []run
	for _, r := range runs {
		if r.style&^monospace == 0 || r.style&monospace != 0 || r.link != "" || !r.at.IsZero() {
			all = append(all, r)
			continue
		}
		isWord := func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }
		from, to := strings.IndexFunc(r.text, isWord), strings.LastIndexFunc(r.text, isWord)
		if from < 0 {
			r.style = 0
			all = append(all, r)
			continue
		}
		_, size := utf8.DecodeRuneInString(r.text[to:])
		to += size
		all = append(all, run{text: r.text[:from]}, run{text: r.text[from:to], style: r.style}, run{text: r.text[to:]})
	}
	return tidy(all)
}

// upright leaves no style but that of code.
func upright(runs []run) []run {
	for i := range runs {
		runs[i].style &= monospace
	}
	return tidy(runs)
}

// inOrder writes runs of which the styles in outer are open already. The style that goes on for longest is opened first.
func inOrder(runs []run, outer style, star string, start bool) string {
	var b strings.Builder
	for i := 0; i < len(runs); {
		r := runs[i]
		start := start && i == 0
		longest, opens := 0, style(0)
		for _, s := range []style{bold, italic, strike} {
			if r.style&^outer&s == 0 {
				continue
			}
			n := extent(runs[i:], func(r run) bool { return r.style&s != 0 })
			switch {
			case n > longest:
				longest, opens = n, s
			case n == longest && opens == bold && s == italic:
				opens |= s
			}
		}
		if opens != 0 {
			inner := slices.Clone(runs[i : i+longest])
			if r.style&monospace == 0 && r.at.IsZero() {
				// What is styled from here on was cut off from a part of it that other styles took.
				inner[0].text = strings.TrimLeftFunc(r.text, unicode.IsSpace)
				b.WriteString(r.text[:len(r.text)-len(inner[0].text)])
			}
			marker := map[style]string{bold: "**", italic: star, bold | italic: "***", strike: "~~"}[opens]
			b.WriteString(marker + inOrder(inner, outer|opens, star, false) + marker)
			i += longest
			continue
		}
		if r.link == "" {
			b.WriteString(leaf(r, start))
			i++
			continue
		}
		n := extent(runs[i:], func(next run) bool { return next.link == r.link && next.style&outer == outer })
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
func extent(runs []run, so func(run) bool) int {
	n := slices.IndexFunc(runs, func(r run) bool { return !so(r) })
	if n < 0 {
		return len(runs)
	}
	return n
}

var autoLink = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*$`)

// link writes runs that have one link.
func link(runs []run, outer style, star string) string {
	address := runs[0].link
	if text := textOf(runs); len(runs) == 1 && runs[0].style&^outer == 0 && runs[0].at.IsZero() {
		if text == address && autoLink.MatchString(address) && !entity.MatchString(address) {
			return "<" + address + ">"
		}
		if "mailto:"+text == address && mail.MatchString(text) {
			return "<" + text + ">"
		}
	}
	words := slices.Clone(runs)
	for i := range words {
		words[i].link = ""
	}
	return "[" + inOrder(words, outer, star, false) + "](" + entity.ReplaceAllString(address, "&amp;$1") + ")"
}

var mail = regexp.MustCompile(`^[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$`)

func leaf(r run, start bool) string {
	switch {
	case !r.at.IsZero():
		return `<time datetime="` + r.at.UTC().Format(time.RFC3339) + `">` + literal(r.text, false) + "</time>"
	case r.style&monospace != 0:
		ticks, pad := strings.Repeat("`", longest(r.text, '`')+1), ""
		edges := strings.HasPrefix(r.text, " ") && strings.HasSuffix(r.text, " ") && strings.Trim(r.text, " ") != ""
		if edges || strings.HasPrefix(r.text, "`") || strings.HasSuffix(r.text, "`") {
			pad = " "
		}
		return ticks + pad + r.text + pad + ticks
	}
	return literal(r.text, start)
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
