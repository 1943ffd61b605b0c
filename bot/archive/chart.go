package archive

import (
	"bytes"
	"fmt"
	"html/template"
	"image/color"
	"regexp"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The size of a chart in its own units. It is narrow, so that its words can still be read when a phone shrinks it.
const (
	chartWidth  vg.Length = 360
	chartHeight vg.Length = 170
	fontSize    vg.Length = 11
)

// A chart is a bar chart of counts. What it shows stands in a table beside it as well, so the picture itself has no more
// to say to those who can't see it than its title.
type chart struct {
	Title      string
	Bars       []bar
	labelEvery int // every how many bars one is labelled
}

// A bar is one count of a chart.
type bar struct {
	Label string
	N     int
}

// svg draws the chart. Its colours are classes, which the style sheet gives for light, dark and paper; its letters are
// the page's own. The same counts give the same bytes.
//
// It is drawn on Gonum's canvas and not by its plots: those would bring twelve fonts of four megabytes along, to measure
// letters that the page then shows in a font of its own. So the labels are put in their place by the browser.
func (c chart) svg() (template.HTML, error) {
	maxN := 1
	for _, b := range c.Bars {
		maxN = max(maxN, b.N)
	}
	lines := gridLines(maxN)
	const digit = fontSize * 0.6 // how wide one is, at most
	left := 6 + digit*vg.Length(len(formatNumber(lines[len(lines)-1])))
	const right, bottom, top = chartWidth - 11, 22, chartHeight - 8
	step := (right - left) / vg.Length(max(1, len(c.Bars)))
	height := func(n int) vg.Length { return bottom + (top-bottom)*vg.Length(n)/vg.Length(maxN) }

	canvas := vgsvg.New(chartWidth, chartHeight)
	var labels strings.Builder
	label := func(anchor string, x, y vg.Length, words string) {
		fmt.Fprintf(&labels, "<text x=\"%.4g\" y=\"%.4g\" text-anchor=\"%s\">%s</text>\n", x, chartHeight-y, anchor, template.HTMLEscapeString(words))
	}
	for _, n := range lines {
		canvas.SetColor(gridColour)
		canvas.Stroke(vg.Path{{Type: vg.MoveComp, Pos: vg.Point{X: left, Y: height(n)}}, {Type: vg.LineComp, Pos: vg.Point{X: right, Y: height(n)}}})
		label("end", left-6, height(n)-fontSize*0.35, formatNumber(n))
	}
	for i, b := range c.Bars {
		middle := left + step*(vg.Length(i)+0.5)
		if width := min(step*0.75, 48); b.N > 0 {
			canvas.SetColor(barColour)
			canvas.Fill(vg.Rectangle{Min: vg.Point{X: middle - width/2, Y: bottom}, Max: vg.Point{X: middle + width/2, Y: height(b.N)}}.Path())
		}
		if i%max(1, c.labelEvery) == 0 {
			label("middle", middle, 6, b.Label)
		}
	}
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return "", fmt.Errorf("draw %q: %w", c.Title, err)
	}
	return styleSVG(b.String(), c.Title, labels.String()), nil
}

// gridLines are the lines of the grid: few, and at round numbers.
func gridLines(maxN int) (lines []int) {
	step := 1
	for _, next := 1, []int{2, 5, 10}; maxN/step > 4; {
		i := 0
		for i < 2 && maxN/(step*next[i]) > 4 {
			i++
		}
		step *= next[i]
	}
	for n := 0; n <= maxN; n += step {
		lines = append(lines, n)
	}
	return lines
}

// The colours by which the parts of a drawing are known until they get their classes.
var (
	barColour  = color.RGBA{R: 0xb0, A: 0xff}
	gridColour = color.RGBA{G: 0xb0, A: 0xff}
)

var (
	svgOpenTag   = regexp.MustCompile(`(?s)^.*?<svg[^>]*>`)
	svgStyleAttr = regexp.MustCompile(`(?s)\s+style="([^"]*)"`)
)

// styleSVG makes a drawing part of a page: classes for its styles, which the page's policy would not apply, labels and a name.
func styleSVG(svg, title, labels string) template.HTML {
	svg = svgOpenTag.ReplaceAllLiteralString(svg, fmt.Sprintf(
		`<svg class="chart" viewBox="0 0 %g %g" role="img" aria-label="%s">`,
		chartWidth.Points(), chartHeight.Points(), template.HTMLEscapeString(title)))
	svg = svgStyleAttr.ReplaceAllStringFunc(svg, func(style string) string {
		switch {
		case strings.Contains(style, "#B00000"):
			return ` class="bar"`
		case strings.Contains(style, "#00B000"):
			return ` class="grid"`
		default:
			return ""
		}
	})
	svg = strings.Replace(svg, "</svg>", labels+"</svg>", 1)
	return template.HTML(svg) //nolint:gosec // drawn here, and its words escaped
}
