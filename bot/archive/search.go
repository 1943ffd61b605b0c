package archive

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/ukmedlibs/catchword/questions"
)

// searchAnswers is how many answers one file of the search has: half a megabyte or so, which a phone can read one by one.
const searchAnswers = 2000

// A search is search-1.js, search-2.js …: the words of all answers of a chat that has more than one page, so that a page's
// search finds what is on others. They are scripts, for pages that are opened as files may read nothing else; all that
// they do is hand a list of strings to archive.js.
type search struct {
	d     *folder
	look  *look
	files int // of all
	file  *file
	n     int // answers so far
}

// newSearch prepares for the search of a chat; one that has a single page searches that.
func newSearch(d *folder, look *look) *search {
	return &search{d: d, look: look, files: look.SearchFiles()}
}

// SearchFiles is how many files the search has; 0 for none.
func (l *look) SearchFiles() int {
	if !l.pages.several() {
		return 0
	}
	return (l.n.Answers + searchAnswers - 1) / searchAnswers
}

func (s *search) answer(a questions.Answer, words text) error {
	if s.files == 0 || a.Withdrawn {
		return nil
	}
	if s.n%searchAnswers == 0 {
		if err := s.turn(); err != nil {
			return err
		}
		var err error
		if s.file, err = s.d.create(fmt.Sprintf("search-%d.js", s.n/searchAnswers+1)); err != nil {
			return err
		}
		if _, err := s.file.WriteString("catchword(["); err != nil {
			return err
		}
	} else if err := s.file.WriteByte(','); err != nil {
		return err
	}
	s.n++
	var b bytes.Buffer
	// In JSON "<", ">", "&" and the line ends that scripts know are escapes, so that no text means anything to a browser.
	err := json.NewEncoder(&b).Encode([]string{
		s.look.pageOf(a), Anchor(a.Workspace, a.Room, a.Message), person(a), nameOf(a), line(a.Workspace), s.look.label(a.Section),
		s.look.clock(a.At).Words, words.Words(),
	})
	if err != nil {
		return err
	}
	_, err = s.file.Write(append([]byte{'\n'}, visible(bytes.TrimSuffix(b.Bytes(), []byte{'\n'}))...))
	return err
}

// turn ends the file at hand.
func (s *search) turn() error {
	if s.file == nil {
		return nil
	}
	if _, err := s.file.WriteString("\n]);\n"); err != nil {
		return err
	}
	return s.d.finish(s.file)
}
