package archive

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/ukmedlibs/catchword/questions"
)

// answersPerSearchFile is how many answers one search file has: about half a megabyte, which a phone can read one by
// one.
const answersPerSearchFile = 2000

// A search writes search-1.js, search-2.js and so on: the text of all answers in a chat with several pages, so that
// each page's search finds answers on the others. They are scripts, because pages that are opened as files may read
// nothing else. They only pass a list of strings to archive.js.
type search struct {
	d           *stagingDir
	view        *chatView
	fileCount   int // of all
	file        *stagedFile
	answerCount int // answers so far
}

func newSearch(d *stagingDir, view *chatView) *search {
	return &search{d: d, view: view, fileCount: view.SearchFiles()}
}

// SearchFiles is the number of search files. A chat with a single page needs none.
func (view *chatView) SearchFiles() int {
	if !view.pages.hasMultiplePages() {
		return 0
	}
	return (view.stats.Answers + answersPerSearchFile - 1) / answersPerSearchFile
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
	// In JSON, "<", ">", "&" and the line ends of scripts are escaped, so that no text means anything to a browser.
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
