package archive

import (
	_ "embed"
	"errors"

	"github.com/ukmedlibs/catchword/questions"
)

//go:embed schema/chat.schema.json
var chatSchema string

// documents are every file of a chat's folder that isn't a page: the record, the table, the transcripts, and what
// describes them to catalogues. They are written as the answers go by: first by sections, then in time order.
type documents struct {
	record   *recordWriter
	table    *csvTable
	markdown *markdownTranscript
	text     *textTranscript
}

// newDocuments writes what needs no answers, and begins what does.
func newDocuments(d *stagingDir, t questions.Transcript, l chatView, m metadata, done completeness, files *attachments) (*documents, error) {
	linked, err := m.jsonLD()
	if err != nil {
		return nil, err
	}
	core, err := m.dublinCore()
	if err != nil {
		return nil, err
	}
	for _, f := range [][2]string{
		{"dublin-core.xml", core}, {"chat.jsonld", string(linked) + "\n"}, {"chat.schema.json", chatSchema},
	} {
		out, err := d.create(f[0])
		if err != nil {
			return nil, err
		}
		if _, err := out.WriteString(f[1]); err != nil {
			return nil, err
		}
	}
	var out [5]*stagedFile
	for i, name := range []string{"chat.json", "answers.jsonl", "answers.csv", "transcript.md", "transcript.txt"} {
		if out[i], err = d.create(name); err != nil {
			return nil, err
		}
	}
	return &documents{
		record: newRecordWriter(out[0], out[1], t, l, done, files), table: newCSVTable(out[2], files),
		markdown: newMarkdownTranscript(out[3], l, files), text: newTextTranscript(out[4], l, files),
	}, nil
}

// beginSection begins a section.
func (d *documents) beginSection(s questions.Section) error {
	return errors.Join(d.markdown.section(s), d.text.section(s))
}

// addBySection takes an answer of the section at hand.
func (d *documents) addBySection(a questions.Answer, words markdownText) error {
	return errors.Join(d.markdown.answer(a, words), d.text.answer(a))
}

// turn ends the sections.
func (d *documents) endSections() error {
	return errors.Join(d.markdown.beginByTime(), d.text.beginByTime())
}

// inTime takes every answer once more, in time order.
func (d *documents) addByTime(a questions.Answer, words markdownText) error {
	return errors.Join(d.record.answer(a), d.table.answer(a), d.markdown.answer(a, words), d.text.answer(a))
}

func (d *documents) end() error {
	return errors.Join(d.record.end(), d.table.end(), d.markdown.end(), d.text.end())
}
