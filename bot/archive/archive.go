// Package archive writes a chat as a folder that can be read without a server: pages by question (index.html) and in
// time order (time.html), chat.json and answers.csv for programs, transcripts, and a bag for repositories. FORMAT.md
// describes each file.
//
// The two orders are separate pages, because a permalink needs an answer to be on its page once, and because a phone
// should not load a long chat twice.
//
// Participants' texts are untrusted Markdown. Pages and transcripts are written anew from what was parsed, the table
// is safe for spreadsheets, and chat.json has the text as it was typed.
//
// The chat is never held in memory: the answers are streamed three times. The same transcript gives the same bytes.
package archive

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// Options are the settings of an archive. The zero value is ready to use.
type Options struct {
	SeriesTitle string           // the name of the series; "" for a plain heading
	URL         string           // the web address of the folder of all archives; "" if it has none
	Chats       []questions.Chat // every known chat, also upcoming ones, in any order; nil if unknown
	Now         time.Time        // planned chats that would have ended before are no longer listed; zero if unknown
	Leaderboard bool             // name those who answered most
	Fetch       Fetch            // opens attached files to keep them; nil to keep none
	OnWait      func()           // called once if Rebuild waits for another writer of the same archive; may be nil
}

// Open opens the folder of all archives, and creates it if it doesn't exist. The caller closes it.
func Open(folder string) (*os.Root, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	return os.OpenRoot(folder)
}

// ChatDir is the folder of a chat's archive within the folder of all archives.
func ChatDir(all, slug string) string { return filepath.Join(all, slug) }

// Write writes the archive of a chat to the folder t.Chat.Slug below root and replaces the folder that is there, with
// everything in it. At every moment readers find the old or the new folder, complete; a reader that has opened the old
// folder may find it emptied. If Write fails or crashes, the old archive stays as it was, and the next Write below the
// same root removes what a crash left. (This holds on Linux, on a filesystem that can exchange names. Elsewhere there
// is a moment without an archive, and a crash leaves its files.)
//
// Write may be called again, and several calls may run at once, also in several processes; of two for the same chat
// the last to finish wins. If others may archive the chat at the same time, take it with Lock before reading it. Every
// pass over the transcript must give the same answers. Write ends soon after ctx is done.
func Write(ctx context.Context, root *os.Root, t questions.Transcript, o Options) error {
	return write(ctx, root, t, o, nil)
}

func write(ctx context.Context, root *os.Root, t questions.Transcript, o Options, from *earlierArchive) error {
	d, err := newStagingDir(root, t.Chat.Slug)
	if err == nil {
		err = writeFiles(ctx, d, normaliseTranscript(t), o, from)
		if err == nil {
			err = d.publish()
		}
		err = errors.Join(err, d.discard())
	}
	if err != nil {
		return fmt.Errorf("write the archive of %.150q: %w", t.Chat.Slug, err)
	}
	seriesMu.Lock()
	defer seriesMu.Unlock()
	return writeSeries(ctx, root, o)
}

// writeFiles writes every file of the folder: it counts the answers, then reads them again in each of the two orders.
func writeFiles(ctx context.Context, d *stagingDir, t questions.Transcript, o Options, from *earlierArchive) error {
	files := newAttachments(d, o.Fetch, from)
	defer files.close()
	reader := &transcriptReader{t: t, fromRecord: from != nil, keepFiles: files.keep}
	pages := newPagination(t.Pages, from != nil && from.hasPages)
	stats := newChatStats(t)
	err := reader.each(ctx, questions.OrderByTime, func(a questions.Answer) error {
		stats.add(a, pages.add(a)+1)
		return nil
	})
	if err == nil && t.SavePages != nil {
		err = t.SavePages(ctx, pages.allPages())
	}
	if err != nil {
		return err
	}
	stats.compact()
	next := findNextChat(t.Chat, o)
	if from != nil {
		next = from.next
	}
	view, err := newChatView(t, stats, pages, files, next, o)
	if err != nil {
		return err
	}

	markdown, err1 := newMarkdownTranscript(d, view)
	text, err2 := newTextTranscript(d, view)
	index, err3 := newIndex(d, view)
	if err := errors.Join(err1, err2, err3, writeStaticFiles(d, view)); err != nil {
		return err
	}
	if err := (writers{index, newSearch(d, view), newResources(d, view), markdown, text}).writeBySection(ctx, reader); err != nil {
		return err
	}
	if err := errors.Join(writeNumbers(d, view), writeSummary(d, view)); err != nil {
		return err
	}
	timeline, err1 := newTimeline(d, view)
	record, err2 := newRecordWriter(d, view)
	table, err3 := newCSVTable(d, view)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	if err := (writers{timeline, record, table, markdown, text}).writeByTime(ctx, reader); err != nil {
		return err
	}
	return writeBag(ctx, d, view)
}

// writeStaticFiles writes the files that no answer changes.
func writeStaticFiles(d *stagingDir, view *chatView) error {
	core, err := view.about.dublinCore()
	if err != nil {
		return err
	}
	linked, err := view.about.jsonLD()
	if err != nil {
		return err
	}
	files := map[string]string{"dublin-core.xml": core, "chat.jsonld": string(linked) + "\n", "chat.schema.json": chatSchema}
	for _, name := range pageAssets {
		files[name] = string(embeddedFile(name))
	}
	for name, content := range files {
		f, err := d.create(name)
		if err != nil {
			return err
		}
		if _, err := f.WriteString(content); err != nil {
			return err
		}
	}
	return nil
}
