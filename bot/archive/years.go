package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
)

// maxIndexChats is how many chats the index holds, in whole years, and at least the newest year. Earlier years have
// pages of their own, so that a phone can open each, and so that a new answer doesn't rewrite pages of long ago.
const maxIndexChats = 100

// A seriesYear is a year with its chats, newest first.
type seriesYear struct {
	Year  string
	Chats []*seriesRow
}

// A seriesRow is a chat in the index, as its template shows it.
type seriesRow struct {
	Slug, Title, Leader string
	Date                displayTime
	Summary, Total      string // "57 answers by 12 people"
}

func (c *seriesChat) newRow() *seriesRow {
	return &seriesRow{
		c.Slug, c.Title, c.Leader,
		displayTime{c.Starts.Format("2 January"), rfc3339(c.Starts)},
		answersBy(c.Answers, c.People), answersBy(c.totalAnswers, c.totalPeople),
	}
}

// Page is the file of a year that has a page of its own.
func (y seriesYear) Page() string { return "year-" + y.Year + ".html" }

// Summary is "52 chats".
func (y seriesYear) Summary() string { return plural(len(y.Chats), "chat", "chats") }

// yearPagePattern matches the names of these files.
var yearPagePattern = regexp.MustCompile(`^year-[0-9]{4}\.html$`)

// groupByYear groups the chats by year. A chat in another time zone may have been in a later year than the next one:
// it is then listed with the next one's year.
func (s *series) groupByYear() {
	var years []seriesYear
	for _, c := range slices.Backward(s.chats) {
		year := c.Starts.Format("2006")
		if n := len(years); n == 0 || year < years[n-1].Year {
			years = append(years, seriesYear{Year: year})
		}
		at := &years[len(years)-1]
		at.Chats = append(at.Chats, c.row)
	}
	shown, chats := 0, 0
	for _, y := range years {
		if chats += len(y.Chats); chats > maxIndexChats && shown > 0 {
			break
		}
		shown++
	}
	s.Years, s.Earlier = years[:shown], years[shown:]
}

// writeIndex writes the pages of the years, then the index that links to them, and removes pages that are no longer
// linked.
func (s *series) writeIndex(root *os.Root) error {
	written := map[string]bool{}
	for i := range s.Earlier {
		p := s.yearPage(i)
		name := s.Earlier[i].Page()
		written[name] = true
		if p.isUpToDate(root, name) {
			continue
		}
		if err := replaceFile(root, name, func(w io.Writer) error { return pageTemplates.ExecuteTemplate(w, "year page", p) }); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	err := replaceFile(root, seriesIndex, func(w io.Writer) error {
		return pageTemplates.ExecuteTemplate(w, "series", struct {
			*series
			Heading  string
			Pager    *pager
			Metadata template.HTML
		}{series: s})
	})
	if err != nil {
		return fmt.Errorf("%s: %w", seriesIndex, err)
	}
	for _, name := range s.pages {
		if !written[name] {
			err = errors.Join(err, ignoreError(root.Remove(name), fs.ErrNotExist))
		}
	}
	return err
}

// A yearPage is what the template of a year's page shows.
type yearPage struct {
	seriesYear
	Title, Heading  string
	Previous, Later *pageLink
	Pager           *pager
	Metadata        template.HTML
	Digest          string // a digest of all the others and of the template: a page that has it reads as it should
}

// yearPage is the page of the ith year that has one.
func (s *series) yearPage(i int) yearPage {
	y := s.Earlier[i]
	p := yearPage{seriesYear: y, Title: s.Title, Heading: "Chats of " + y.Year}
	if i+1 < len(s.Earlier) {
		p.Previous = &pageLink{s.Earlier[i+1].Page(), s.Earlier[i+1].Year}
	}
	if i > 0 {
		p.Later = &pageLink{s.Earlier[i-1].Page(), s.Earlier[i-1].Year}
	} else {
		later := s.Years[len(s.Years)-1].Year
		p.Later = &pageLink{seriesIndex + "#year-" + later, later}
	}
	sum := sha256.New()
	for _, part := range []string{"shared.html", "series.html"} {
		sum.Write(embeddedFile(part))
	}
	_ = json.NewEncoder(sum).Encode(p) // strings, into a digest
	p.Digest = hex.EncodeToString(sum.Sum(nil)[:16])
	return p
}

// isUpToDate reports whether a file is this page already. For a thousand chats of earlier years, this is faster than
// writing their pages again.
func (p yearPage) isUpToDate(root *os.Root, name string) bool {
	f, err := root.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 4<<10))
	return err == nil && bytes.Contains(head, []byte(p.Digest))
}
