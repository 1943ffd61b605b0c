// Package archive writes a chat as a folder that needs no service to be read: index.html (by question) and time.html
// (in time order), which need no script and fetch nothing; chat.json and answers.csv for machines; and transcript.md.
// FORMAT.md, beside this file, describes each to those who read them.
//
// The two orders are two pages because each answer has one permalink, which a page that held it twice could not give,
// and because a long chat read on a phone should not be fetched twice at once.
//
// What participants wrote is Markdown from strangers. It reaches a page parsed, tamed and sanitised, the transcript
// written anew from what was parsed, a table neutralised, and chat.json as it is.
//
// Nothing here holds the chat in memory: answers go by as a stream, three times. The same transcript gives the same
// bytes.
package archive

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/ukmedlibs/catchword/questions"
)

// attempts is how often Write begins again because answers came in, or were edited, between its readings.
const attempts = 3

// errChanged says that two readings of the transcript differed, so that numbers and answers would not agree.
var errChanged = errors.New("the answers kept changing while they were read")

// Write writes the archive of a chat as the folder t.Chat.Slug below root, in place of the one that is there, which is
// the archive's own: whatever else lies in it goes. Readers find the old or the new folder, whole, at every moment;
// whoever has opened the old folder may find it emptied. A failed or crashed Write leaves the old archive as it was; what
// a crash leaves beside it is removed by the next Write below the same root. (That much on Linux, on a filesystem that
// can exchange names; elsewhere there is a moment without an archive, and what a crash leaves stays.)
//
// Write may be called again, and several may run at once, also in several processes; of two for the same chat the last
// to finish wins. It ends soon after ctx is done.
func Write(ctx context.Context, root *os.Root, t questions.Transcript) error {
	var err error
	for range attempts {
		if err = writeOnce(ctx, root, t); !errors.Is(err, errChanged) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("write the archive of %.150q: %w", t.Chat.Slug, err)
	}
	return nil
}

func writeOnce(ctx context.Context, root *os.Root, t questions.Transcript) error {
	d, err := newFolder(root, t.Chat.Slug)
	if err != nil {
		return err
	}
	err = fill(ctx, d, t)
	if err == nil {
		err = d.publish()
	}
	return errors.Join(err, d.discard())
}

// fill writes every file of the folder.
func fill(ctx context.Context, d *folder, t questions.Transcript) error {
	readings := readings{t: t}
	var n numbers
	err := readings.each(ctx, questions.InTime, n.add)
	if err != nil {
		return err
	}
	var files [5]*file
	for i, name := range []string{"index.html", "time.html", "chat.json", "answers.csv", "transcript.md"} {
		if files[i], err = d.create(name); err != nil {
			return err
		}
	}
	look := newLook(t, n)
	index, clock := newIndex(files[0], look), newTimeline(files[1], look)
	record, table, transcript := newRecord(files[2], t, n), newTable(files[3]), newTranscript(files[4], look)

	order := sectionOrder{left: t.Chat.Sections()}
	begin := func(sections []questions.Section) error {
		for _, s := range sections {
			if err := errors.Join(index.section(s), transcript.section(s)); err != nil {
				return err
			}
		}
		return nil
	}
	err = readings.each(ctx, questions.BySections, func(a questions.Answer) error {
		sections, err := order.until(a.Section)
		if err != nil {
			return err
		}
		if err := begin(sections); err != nil {
			return err
		}
		words := parse(a.Text)
		return errors.Join(index.answer(a, words), transcript.answer(a, words))
	})
	if err != nil {
		return err
	}
	if err := errors.Join(begin(order.rest()), index.end(), transcript.inTime()); err != nil {
		return err
	}

	err = readings.each(ctx, questions.InTime, func(a questions.Answer) error {
		words := parse(a.Text)
		return errors.Join(clock.answer(a, words), record.answer(a), table.answer(a), transcript.answer(a, words))
	})
	if err != nil {
		return err
	}
	return errors.Join(clock.end(), record.end(), table.end(), transcript.end())
}
