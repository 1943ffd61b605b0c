package questions

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Fault is one mistake in a file that a person wrote. Its message also says how to fix it.
type Fault struct {
	Line    int // from 1
	Column  int // from 1, in characters
	Message string
}

func (f Fault) String() string { return fmt.Sprintf("%d:%d: %s", f.Line, f.Column, f.Message) }

// Faults are all mistakes in one file, in the file's order. As an error, it is never empty.
type Faults []Fault

// Error lists all faults, one per line.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// A position is a place in a file. Lines and columns count from 1.
type position struct{ line, column int }

func (fs *Faults) add(at position, format string, args ...any) {
	*fs = append(*fs, Fault{at.line, at.column, fmt.Sprintf(format, args...)})
}

// err returns the faults sorted and without duplicates, or nil if there are none.
func (fs Faults) err() error {
	if len(fs) == 0 {
		return nil
	}
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(fs)
}

// positionAt returns the line and column of an offset in src.
func positionAt(src string, offset int) position {
	before := src[:min(max(offset, 0), len(src))]
	lineStart := strings.LastIndexByte(before, '\n') + 1
	return position{strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[lineStart:]) + 1}
}

// Nearest returns the known word that is most like word, for "did you mean …?". It returns "" if none is close.
func Nearest(word string, known []string) string {
	best, distance := "", 1+len(word)/3
	for _, k := range known {
		if d := editDistance(strings.ToLower(word), strings.ToLower(k)); d <= distance && (best == "" || d < distance) {
			best, distance = k, d
		}
	}
	return best
}

// editDistance is the Levenshtein distance in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
