package archive

import (
	"embed"
	"fmt"
	"html/template"
	"io"

	"github.com/ukmedlibs/catchword/questions"
)

//go:embed pages
var pageFiles embed.FS

var (
	pageTemplates = template.Must(template.ParseFS(pageFiles, "pages/*.html"))
	stylesheet    = func() template.CSS {
		css, err := pageFiles.ReadFile("pages/style.css")
		if err != nil {
			panic(err) // embedded: it is there or the program isn't
		}
		return template.CSS(css) //nolint:gosec // our own
	}()
)

// A page is an HTML page in the making: a template for each piece, written one after another.
type page struct {
	w    io.Writer
	look look
	list bool // an <ol> of answers is open
}

// A pageAnswer is what the template of an answer shows.
type pageAnswer struct {
	ID            string
	Author, Where string
	At            moment
	Edited        *moment
	Late, Gone    bool
	Text          template.HTML
	Reactions     []questions.Reaction
	// Section is the answer's section where the page doesn't say it anyway.
	Section, SectionLabel string
}

func (p *page) write(name string, data any) error {
	if err := pageTemplates.ExecuteTemplate(p.w, name, data); err != nil {
		return fmt.Errorf("write the page's %s: %w", name, err)
	}
	return nil
}

func (p *page) text(s string) error {
	_, err := io.WriteString(p.w, s)
	return err
}

func (p *page) head(name string) error {
	return p.write(name, struct {
		look
		Style template.CSS
	}{p.look, stylesheet})
}

// answer writes one answer into the list at hand, which it begins if there is none.
func (p *page) answer(a questions.Answer, words text, withSection bool) error {
	if !p.list {
		p.list = true
		if err := p.text("<ol class=\"answers\" role=\"list\">\n"); err != nil {
			return err
		}
	}
	v := pageAnswer{
		ID:     Anchor(a.Workspace, a.Room, a.Message),
		Author: line(a.Author),
		Where:  p.look.where(a),
		At:     p.look.clock(a.At),
		Late:   a.Late,
		Gone:   a.Gone,
	}
	if !a.Gone {
		v.Text = words.HTML()
	}
	for _, r := range a.Reactions {
		v.Reactions = append(v.Reactions, questions.Reaction{Emoji: line(r.Emoji), Count: r.Count})
	}
	if !a.Edited.IsZero() {
		at := p.look.clock(a.Edited)
		v.Edited = &at
	}
	if withSection {
		v.Section, v.SectionLabel = string(a.Section), p.look.label(a.Section)
	}
	return p.write("answer", v)
}

// endList ends the list at hand.
func (p *page) endList() error {
	if !p.list {
		return nil
	}
	p.list = false
	return p.text("</ol>\n")
}
