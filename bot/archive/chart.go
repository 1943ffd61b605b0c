package archive

import (
	"bytes"
	"fmt"
	"html/template"
	"image/color"
	"regexp"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The size of a chart in its own units. It is narrow, so that its words can still be read when a phone shrinks it.
const (
	chartWidth  vg.Length = 360
	chartHeight vg.Length = 170
	chartText   vg.Length = 11
)

// A chart is a bar chart of counts. What it shows stands in a table beside it as well, so the picture itself has no more
// to say to those who can't see it than its title.
type chart struct {
	Title string
	Bars  []bar
	every int // every how many bars one is labelled
}

// A bar is one count of a chart.
type bar struct {
	Label string
	N     int
}

// svg draws the chart. Its colours are classes, which the style sheet gives for light, dark and paper; its letters are
// the page's own. The same counts give the same bytes.
func (c chart) svg() (template.HTML, error) {
	p := plot.New()
	p.BackgroundColor = nil
	p.X.Padding, p.Y.Padding = 7, 6 // so that the labels of the two axes don't meet
	letters := font.Font{Typeface: "Liberation", Variant: "Sans", Size: chartText}
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Tick.Label.Font, axis.Tick.Label.Color = letters, chartInk
		axis.Tick.LineStyle = draw.LineStyle{}
		axis.Tick.Length = 3
	}
	p.X.LineStyle = draw.LineStyle{Color: chartLine, Width: 1}
	p.Y.LineStyle = draw.LineStyle{}
	var values plotter.Values
	most := 1
	for _, b := range c.Bars {
		values = append(values, float64(b.N))
		most = max(most, b.N)
	}
	p.Y.Min, p.Y.Max = 0, float64(most)*1.06 // the highest line's label needs room above it
	p.X.Min, p.X.Max = -0.5, float64(len(c.Bars))-0.5
	p.Y.Tick.Marker = plot.ConstantTicks(heights(most))
	p.X.Tick.Marker = plot.ConstantTicks(c.labels())

	grid := plotter.NewGrid()
	grid.Vertical = draw.LineStyle{}
	grid.Horizontal = draw.LineStyle{Color: chartLine, Width: 0.5}
	bars, err := plotter.NewBarChart(values, max(1, (chartWidth-50)/vg.Length(len(c.Bars)+1)*0.8))
	if err != nil {
		return "", fmt.Errorf("draw %q: %w", c.Title, err)
	}
	bars.Color, bars.LineStyle = chartBar, draw.LineStyle{}
	p.Add(grid, bars)

	canvas := vgsvg.New(chartWidth, chartHeight)
	// Labels are centred on their bars, so the last one needs room beyond it.
	p.Draw(draw.Crop(draw.New(canvas), 0, -chartText, 2, 0))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return "", fmt.Errorf("draw %q: %w", c.Title, err)
	}
	return dressed(b.String(), c.Title), nil
}

// heights are the lines of the grid: few, and at round numbers.
func heights(most int) (ticks []plot.Tick) {
	step := 1
	for _, next := 1, []int{2, 5, 10}; most/step > 4; {
		i := 0
		for i < 2 && most/(step*next[i]) > 4 {
			i++
		}
		step *= next[i]
	}
	for n := 0; n <= most; n += step {
		ticks = append(ticks, plot.Tick{Value: float64(n), Label: grouped(n)})
	}
	return ticks
}

func (c chart) labels() (ticks []plot.Tick) {
	for i, b := range c.Bars {
		if i%max(1, c.every) == 0 {
			ticks = append(ticks, plot.Tick{Value: float64(i), Label: b.Label})
		}
	}
	return ticks
}

// The colours by which the parts of a drawing are known until they get their classes.
var (
	chartBar  = color.RGBA{R: 0xb0, A: 0xff}
	chartLine = color.RGBA{G: 0xb0, A: 0xff}
	chartInk  = color.RGBA{B: 0xb0, A: 0xff}
)

var (
	drawing     = regexp.MustCompile(`(?s)^.*?<svg[^>]*>`)
	chartStyles = regexp.MustCompile(`(?s)\s+style="([^"]*)"`)
)

// dressed makes a drawing part of a page: classes for its styles, which the page's policy would not apply, and a name.
func dressed(svg, title string) template.HTML {
	svg = drawing.ReplaceAllLiteralString(svg, fmt.Sprintf(
		`<svg class="chart" viewBox="0 0 %g %g" role="img" aria-label="%s">`,
		chartWidth.Points(), chartHeight.Points(), template.HTMLEscapeString(title)))
	svg = chartStyles.ReplaceAllStringFunc(svg, func(style string) string {
		switch {
		case strings.Contains(style, "#B00000"):
			return ` class="bar"`
		case strings.Contains(style, "#00B000"):
			return ` class="grid"`
		default:
			return ""
		}
	})
	return template.HTML(svg) //nolint:gosec // drawn here, and its title escaped
}
