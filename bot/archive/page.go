package archive

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strconv"

	"github.com/ukmedlibs/catchword/questions"
)

//go:embed pages
var pageFiles embed.FS

var pageTemplates = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// pageAssets are the files that every page loads. Pages contain no styles or scripts of their own, so that their
// content security policy can forbid them.
var pageAssets = []string{"archive.js", "style.css"}

func embeddedFile(part string) []byte {
	b, err := pageFiles.ReadFile("pages/" + part)
	if err != nil {
		panic(err) // embedded: it is there or the program isn't
	}
	return b
}

// A pageWriter writes an HTML page, one template after another.
type pageWriter struct {
	w        io.Writer
	view     *chatView
	listOpen bool // an <ol> of answers is open
}

// A pageHead is what the template of a page's head shows.
type pageHead struct {
	*chatView
	Page    string // "numbers": which view this is, for the links between them
	Heading string // of the page, where that isn't the chat's title
	Pager   *pager
}

// A pager links one page of a long view to the others. "" means none.
type pager struct {
	Page, Pages    int
	Previous, Next string
}

// A pageAnswer is what the template of an answer shows.
type pageAnswer struct {
	ID, Person    string
	Author, Where string
	Workspace     string
	SectionLabel  string // the section's label, by which answers are filtered
	At            displayTime
	Edited        *displayTime
	Late, Gone    bool
	Text          template.HTML
	Reactions     []questions.Reaction
	ReplyTo       *pageLink
	Files         []attachedFile
	// Section leads to where the answer's section begins, on pages that are not divided into sections.
	Section *pageLink
}

// A pageLink is a link within the archive.
type pageLink struct{ Href, Text string }

func (p *pageWriter) write(name string, data any) error {
	if err := pageTemplates.ExecuteTemplate(p.w, name, data); err != nil {
		return fmt.Errorf("write the page's %s: %w", name, err)
	}
	return nil
}

func (p *pageWriter) writeString(s string) error {
	_, err := io.WriteString(p.w, s)
	return err
}

// answer writes one answer into the current list, and begins one if there is none.
func (p *pageWriter) answer(a questions.Answer, words markdownText, withSection bool) error {
	if !p.listOpen {
		p.listOpen = true
		if err := p.writeString("<ol class=\"answers\" role=\"list\">\n"); err != nil {
			return err
		}
	}
	v := pageAnswer{
		ID:           Anchor(a.Workspace, a.Room, a.Message),
		Author:       singleLine(a.Author),
		Where:        p.view.where(a),
		Workspace:    singleLine(a.Workspace),
		SectionLabel: p.view.label(a.Section),
		At:           p.view.timeOfDay(a.At),
		Late:         a.Late,
		Gone:         a.Withdrawn,
	}
	if !a.Withdrawn {
		v.Text, v.Person = words.HTML(), a.AuthorID
		v.ReplyTo = p.view.replyLink(a.ReplyTo)
		v.Files = p.view.attachments.display(a.Files)
	}
	for _, r := range a.Reactions {
		v.Reactions = append(v.Reactions, questions.Reaction{Emoji: singleLine(r.Emoji), Count: r.Count})
	}
	if !a.Edited.IsZero() {
		at := p.view.timeOfDay(a.Edited)
		v.Edited = &at
	}
	if withSection {
		v.Section = &pageLink{"index.html#" + string(a.Section), p.view.label(a.Section)}
	}
	return p.write("answer", v)
}

func (p *pageWriter) endList() error {
	if !p.listOpen {
		return nil
	}
	p.listOpen = false
	return p.writeString("</ol>\n")
}

// pageName is the file of the nth page of a view.
func pageName(view string, n int) string {
	if n <= 1 {
		return view + ".html"
	}
	return view + "-page-" + strconv.Itoa(n) + ".html"
}

// sectionPageName is the file of the nth page of a section.
func sectionPageName(s questions.Section, n int) string {
	if n <= 1 {
		return "index.html"
	}
	name := string(s)
	if !sectionNamePattern.MatchString(name) {
		name = "part-" + digest(name) // a name from a record that isn't ours leads nowhere but into its own folder
	}
	return pageName(name, n)
}

// sectionNamePattern matches the sections whose pages are named after them.
var sectionNamePattern = regexp.MustCompile(`^(introductions|general|q[1-9][0-9]{0,5})$`)

// newPager is the pager of page n of pages; name gives the file of each.
func newPager(n, pages int, name func(int) string) *pager {
	if pages <= 1 {
		return nil
	}
	t := &pager{Page: n, Pages: pages}
	if n > 1 {
		t.Previous = name(n - 1)
	}
	if n < pages {
		t.Next = name(n + 1)
	}
	return t
}
