package archive

import (
	"context"
	_ "embed"

	"github.com/ukmedlibs/catchword/questions"
)

//go:embed schema/chat.schema.json
var chatSchema string

// A writer writes one or more files of a chat's folder while the answers go by.
type writer interface {
	answer(a questions.Answer, text markdownText) error
	// end is called after the last answer. A writer that gets the answers in both orders is called twice.
	end() error
}

// A sectionWriter is a writer that shows where sections begin. Only answers in the order of sections are divided like
// that.
type sectionWriter interface {
	writer
	beginSection(s questions.Section) error
}

// writers get the same answers, each of which is parsed once.
type writers []writer

func (all writers) answer(a questions.Answer) error {
	text := parse(a.Text)
	for _, w := range all {
		if err := w.answer(a, text); err != nil {
			return err
		}
	}
	return nil
}

func (all writers) beginSections(sections []questions.Section) error {
	for _, s := range sections {
		for _, w := range all {
			if w, ok := w.(sectionWriter); ok {
				if err := w.beginSection(s); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (all writers) end() error {
	for _, w := range all {
		if err := w.end(); err != nil {
			return err
		}
	}
	return nil
}

// writeBySection gives them the answers of each section in turn. Every question has its place, also without answers.
func (all writers) writeBySection(ctx context.Context, reader *transcriptReader) error {
	order := sectionOrder{upcoming: reader.t.Chat.Sections()}
	err := reader.each(ctx, questions.OrderBySection, func(a questions.Answer) error {
		sections, err := order.startingBefore(a.Section)
		if err == nil {
			err = all.beginSections(sections)
		}
		if err == nil {
			err = all.answer(a)
		}
		return err
	})
	if err == nil {
		err = all.beginSections(order.remaining())
	}
	if err == nil {
		err = all.end()
	}
	return err
}

// writeByTime gives them the answers in the order in which they were given.
func (all writers) writeByTime(ctx context.Context, reader *transcriptReader) error {
	if err := reader.each(ctx, questions.OrderByTime, all.answer); err != nil {
		return err
	}
	return all.end()
}
