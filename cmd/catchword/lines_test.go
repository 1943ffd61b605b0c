package main

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// maxColumns is the length of a line of prose, in comments and in Markdown. A tab counts as four columns.
const maxColumns = 120

// TestLineLengths checks the comments of all Go files, and all Markdown outside of testdata.
func TestLineLengths(t *testing.T) {
	files := 0
	err := filepath.WalkDir(repository, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") && file != repository
		if d.IsDir() && (hidden || slices.Contains([]string{"testdata", "node_modules", "rehearsal"}, d.Name())) {
			return fs.SkipDir
		}
		longLines, ok := map[string]func(string) []int{".go": longComments, ".md": longParagraphs}[path.Ext(file)]
		if d.IsDir() || !ok {
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		files++
		for _, n := range longLines(string(text)) {
			t.Errorf("%s:%d is longer than %d columns", file, n, maxColumns)
		}
		return nil
	})
	if err != nil || files < 100 {
		t.Fatalf("read %d files, error %v; want all of them, and no error", files, err)
	}
}

// longComments returns the numbers of the comment lines that are too long.
func longComments(source string) (lines []int) {
	n := 0
	for line := range strings.Lines(source) {
		n++
		if text := strings.TrimSpace(line); strings.HasPrefix(text, "//") && !strings.HasPrefix(text, "//go:") && isLong(line) {
			lines = append(lines, n)
		}
	}
	return lines
}

// longParagraphs returns the numbers of the lines of Markdown that are too long. Code and tables can't be wrapped.
func longParagraphs(markdown string) (lines []int) {
	n, fenced := 0, false
	for line := range strings.Lines(markdown) {
		n++
		text := strings.TrimSpace(line)
		if strings.HasPrefix(text, "```") {
			fenced = !fenced
		}
		if code := fenced || strings.HasPrefix(line, "    "); !code && !strings.HasPrefix(text, "|") && isLong(line) {
			lines = append(lines, n)
		}
	}
	return lines
}

func isLong(line string) bool {
	return utf8.RuneCountInString(strings.ReplaceAll(strings.TrimRight(line, "\r\n"), "\t", "    ")) > maxColumns
}

func TestLongLines(t *testing.T) {
	fits, long := strings.Repeat("ä", maxColumns-4), strings.Repeat("ä", maxColumns-3)
	source := "\t// " + fits[:len(fits)-6] + "\n\t// " + long + "\n\tx(`" + long + "`)\n//go:embed " + long + "\n// " + long + "\n"
	if got, want := longComments(source), []int{2}; !slices.Equal(got, want) {
		t.Errorf("comments: got %v, want %v", got, want)
	}
	markdown := "ä " + fits + "\nlong " + long + "\n| " + long + " |  |\n```\ncode " + long + "\n```\n    code " + long + "\n- " + long + "..\n"
	if got, want := longParagraphs(markdown), []int{2, 8}; !slices.Equal(got, want) {
		t.Errorf("paragraphs: got %v, want %v", got, want)
	}
}
