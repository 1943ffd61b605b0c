package archive

import (
	"errors"

	"github.com/ukmedlibs/catchword/questions"
)

// A site is every page of a chat's folder, written as the answers go by: first by sections, then in time order.
type site struct {
	d         *stagingDir
	view      *chatView
	index     *index
	timeline  *timeline
	resources *resources
	search    *search
}

// newSite begins the pages.
func newSite(d *stagingDir, view *chatView) (*site, error) {
	index, err := newIndex(d, view)
	if err != nil {
		return nil, err
	}
	return &site{d: d, view: view, index: index, resources: newResources(view), search: newSearch(d, view)}, nil
}

// beginSection begins a section.
func (s *site) beginSection(section questions.Section) error { return s.index.beginSection(section) }

// addBySection takes an answer of the section at hand.
func (s *site) addBySection(a questions.Answer, words markdownText) error {
	s.resources.answer(a, words, s.view.pageOf(a))
	return errors.Join(s.index.answer(a, words), s.search.answer(a, words))
}

// turn ends the pages by question, before inTime takes every answer once more in time order.
func (s *site) endSections() (err error) {
	if err := errors.Join(s.index.end(), s.search.endFile(), s.resources.write(s.d), writeNumbers(s.d, s.view), writeRecap(s.d, s.view, s.resources), writeSummary(s.d, s.view)); err != nil {
		return err
	}
	s.resources = nil // of a long chat they are much
	s.timeline, err = newTimeline(s.d, s.view)
	return err
}

func (s *site) addByTime(a questions.Answer, words markdownText) error {
	return s.timeline.answer(a, words)
}

func (s *site) end() error {
	if err := s.timeline.end(); err != nil {
		return err
	}
	for _, name := range pageAssets {
		f, err := s.d.create(name)
		if err != nil {
			return err
		}
		if _, err := f.Write(embeddedFile(name)); err != nil {
			return err
		}
	}
	return nil
}
