package archive

import (
	"errors"

	"github.com/ukmedlibs/catchword/questions"
)

// A site is every page of a chat's folder, written as the answers go by: first by sections, then in time order.
type site struct {
	d         *folder
	look      *look
	index     *index
	clock     *timeline
	resources *resources
	search    *search
}

// newSite begins the pages.
func newSite(d *folder, look *look) (*site, error) {
	index, err := newIndex(d, look)
	if err != nil {
		return nil, err
	}
	return &site{d: d, look: look, index: index, resources: newResources(look), search: newSearch(d, look)}, nil
}

// section begins a section.
func (s *site) section(section questions.Section) error { return s.index.begin(section) }

// bySection takes an answer of the section at hand.
func (s *site) bySection(a questions.Answer, words text) error {
	s.resources.answer(a, words, s.look.pageOf(a))
	return errors.Join(s.index.answer(a, words), s.search.answer(a, words))
}

// turn ends the pages by question, before inTime takes every answer once more in time order.
func (s *site) turn() (err error) {
	if err := errors.Join(s.index.end(), s.search.turn(), s.resources.write(s.d), writeNumbers(s.d, s.look), writeRecap(s.d, s.look, s.resources), writeSummary(s.d, s.look)); err != nil {
		return err
	}
	s.resources = nil // of a long chat they are much
	s.clock, err = newTimeline(s.d, s.look)
	return err
}

func (s *site) inTime(a questions.Answer, words text) error { return s.clock.answer(a, words) }

func (s *site) end() error {
	if err := s.clock.end(); err != nil {
		return err
	}
	for _, name := range pageParts {
		f, err := s.d.create(name)
		if err != nil {
			return err
		}
		if _, err := f.Write(embedded(name)); err != nil {
			return err
		}
	}
	return nil
}
