package archive

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/ukmedlibs/catchword/questions"
)

// answersPerSearchFile is how many answers one file of the search has: half a megabyte or so, which a phone can read one by one.
const answersPerSearchFile = 2000

// A search is search-1.js, search-2.js …: the words of all answers of a chat that has more than one page, so that a page's
// search finds what is on others. They are scripts, for pages that are opened as files may read nothing else; all that
// they do is hand a list of strings to archive.js.
type search struct {
	d           *stagingDir
	view        *chatView
	fileCount   int // of all
	file        *stagedFile
	answerCount int // answers so far
}

// newSearch prepares for the search of a chat; one that has a single page searches that.
func newSearch(d *stagingDir, view *chatView) *search {
	return &search{d: d, view: view, fileCount: view.SearchFiles()}
}

// SearchFiles is how many files the search has; 0 for none.
func (l *chatView) SearchFiles() int {
	if !l.pages.hasMultiplePages() {
		return 0
	}
	return (l.stats.Answers + answersPerSearchFile - 1) / answersPerSearchFile
}

func (s *search) answer(a questions.Answer, words markdownText) error {
	if s.fileCount == 0 || a.Withdrawn {
		return nil
	}
	if s.answerCount%answersPerSearchFile == 0 {
		if err := s.endFile(); err != nil {
			return err
		}
		var err error
		if s.file, err = s.d.create(fmt.Sprintf("search-%d.js", s.answerCount/answersPerSearchFile+1)); err != nil {
			return err
		}
		if _, err := s.file.WriteString("catchword(["); err != nil {
			return err
		}
	} else if err := s.file.WriteByte(','); err != nil {
		return err
	}
	s.answerCount++
	var b bytes.Buffer
	// In JSON "<", ">", "&" and the line ends that scripts know are escapes, so that no text means anything to a browser.
	err := json.NewEncoder(&b).Encode([]string{
		s.view.pageOf(a), Anchor(a.Workspace, a.Room, a.Message), a.AuthorID, authorName(a), singleLine(a.Workspace), s.view.label(a.Section),
		s.view.timeOfDay(a.At).Text, words.PlainText(),
	})
	if err != nil {
		return err
	}
	_, err = s.file.Write(append([]byte{'\n'}, escapeInvisible(bytes.TrimSuffix(b.Bytes(), []byte{'\n'}))...))
	return err
}

// end ends the last file.
func (s *search) end() error { return s.endFile() }

func (s *search) endFile() error {
	if s.file == nil {
		return nil
	}
	if _, err := s.file.WriteString("\n]);\n"); err != nil {
		return err
	}
	return s.d.finish(s.file)
}
