package questions

import (
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// probeHeading is put below a text to test it: if it isn't parsed as a heading, the text swallows what follows.
const probeHeading = "\n\n## Q1\n"

// escapeText makes ParseChat read a text back as text. It puts a backslash, which doesn't show, before whatever would
// be read as a question's heading or as points (in a question), or would swallow what follows.
func escapeText(s string, question bool) string {
	s = trimBlank(normaliseText(s))
	for range len(s) + 1 {
		offset, mark := findMisread(s, question)
		if mark == "" {
			break
		}
		s = trimBlank(s[:offset] + mark + s[offset:])
	}
	return s
}

// findMisread returns the offset of the first character that must be escaped, and what to put before it: "" if there
// is none.
func findMisread(s string, question bool) (offset int, mark string) {
	const escape = `\`
	source := s + probeHeading
	blocks := topLevel(source)
	for _, block := range blocks {
		switch n := block.(type) {
		case *ast.Heading:
			if n.Pos() == len(s)+2 { // the probe: only headings inside a block may be left
				if at := findHiddenHeading(s, blocks); at >= 0 {
					return at, " " // because code shows backslashes
				}
				return 0, ""
			}
			if !atxPattern.MatchString(source[n.Pos():]) {
				underline := lineEnd(source, n.Lines().At(n.Lines().Len()-1).Start)
				return underline + strings.IndexAny(source[underline:], "=-"), escape
			}
			if n.Level <= 2 || questionLikeHeading.MatchString(headingText(n, source)) {
				return n.Pos(), escape
			}
		case *ast.List:
			if question {
				return n.Pos() + len(markerPattern.FindString(source[n.Pos():])) - 1, escape
			}
		}
	}
	// The probe is inside the last block, which is unclosed code or HTML.
	return blocks[len(blocks)-1].Pos(), escape
}

// findHiddenHeading returns the offset of a question's heading inside a block of code or HTML, or -1.
func findHiddenHeading(s string, blocks []ast.Node) int {
	for _, m := range hiddenHeading.FindAllStringIndex(s, -1) {
		heading := false
		for _, block := range blocks {
			heading = heading || block.Pos() == m[0] && block.Kind() == ast.KindHeading
		}
		if !heading {
			return m[0]
		}
	}
	return -1
}

// bullet writes a point as a list item.
func bullet(point string) string {
	return "- " + continuationLine.ReplaceAllString(point, "\n  $1")
}

var continuationLine = regexp.MustCompile(`\n([^\n])`)

// escapePoint makes ParseChat read a text back as a point. A text that a backslash can't fix becomes one line.
func escapePoint(p string) string {
	lines := strings.Split(trimBlank(normaliseText(p)), "\n")
	for i := range lines {
		lines[i], _ = unindent(lines[i], 0)
	}
	p = strings.TrimLeft(strings.Join(lines, "\n"), " ")
	for _, candidate := range []string{p, `\` + p, oneLine(p), `\` + oneLine(p)} {
		if p == "" || readsAsPoint(candidate) {
			return candidate
		}
	}
	return p
}

func readsAsPoint(p string) bool {
	source := bullet(p) + "\n- x" + probeHeading
	blocks := topLevel(source)
	if len(blocks) != 2 || blocks[0].Kind() != ast.KindList || blocks[1].Pos() != len(source)-len(probeHeading)+2 {
		return false
	}
	first := blocks[0].FirstChild()
	second := first.NextSibling()
	return second != nil && second.NextSibling() == nil && findHiddenHeading(source[:len(source)-len(probeHeading)], blocks) < 0 &&
		pointText(source, first.Pos(), lineStart(source, second.Pos())) == p
}
