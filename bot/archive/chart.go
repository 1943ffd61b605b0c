package archive

import "math"

// The size of a chart in its own units. It is narrow, so that its labels can still be read when a phone shrinks it.
const (
	chartWidth  = 360
	chartHeight = 170
	chartTop    = 8
	chartRight  = chartWidth - 11
	chartBottom = chartHeight - 22
	digitWidth  = 6.6 // at most, at the size that the style sheet gives
)

// A barChart is a bar chart of counts, as its template draws it.
type barChart struct {
	Lines []gridLine
	Bars  []chartBar
}

// A gridLine is a horizontal line at a round number.
type gridLine struct {
	Left, Y float64
	N       string
}

// A chartBar is one count, and the label under it, if there is room for one.
type chartBar struct {
	X, Y, Width, Height float64
	Middle              float64
	Label               string
}

// newBarChart draws counts. Every so many bars one gets its label.
func newBarChart(labels []string, counts []int, labelEvery int) (c barChart) {
	most := 1
	for _, n := range counts {
		most = max(most, n)
	}
	height := func(n int) float64 { return float64(chartBottom-chartTop) * float64(n) / float64(most) }
	lines := gridLines(most)
	left := 6 + digitWidth*float64(len(formatNumber(lines[len(lines)-1])))
	for _, n := range lines {
		c.Lines = append(c.Lines, gridLine{roundTenth(left), roundTenth(chartBottom - height(n)), formatNumber(n)})
	}
	step := (chartRight - left) / float64(max(1, len(counts)))
	width := min(step*0.75, 48)
	for i, n := range counts {
		middle := left + step*(float64(i)+0.5)
		b := chartBar{
			X: roundTenth(middle - width/2), Y: roundTenth(chartBottom - height(n)), Width: roundTenth(width), Height: roundTenth(height(n)),
			Middle: roundTenth(middle),
		}
		if i%labelEvery == 0 {
			b.Label = labels[i]
		}
		c.Bars = append(c.Bars, b)
	}
	return c
}

func roundTenth(x float64) float64 { return math.Round(x*10) / 10 }

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

// labelEvery is how many bars share a label, so that a handful of labels fit.
func labelEvery(bars int) int {
	for _, every := range []int{1, 2, 5, 10, 15, 20, 30} {
		if bars/every <= 7 {
			return every
		}
	}
	return max(1, bars/6)
}
