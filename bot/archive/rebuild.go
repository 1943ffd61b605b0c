package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// maxRecordValue is the most bytes of a record that may make up one answer, or everything before the answers. It
// limits what a damaged or hostile record keeps in memory.
const maxRecordValue = 64 << 20

// Rebuild writes an archive from a record: the chat.json of an earlier archive, with the files that were attached to
// its answers next to it. With the same Options the result is the same to the byte. It writes below root, as Write
// does, and returns the chat's slug. It may replace the record that it reads.
func Rebuild(ctx context.Context, root *os.Root, record string, o Options) (slug string, err error) {
	f, err := os.Open(record)
	if err != nil {
		return "", err
	}
	defer f.Close()
	dir, err := os.OpenRoot(filepath.Dir(record))
	if err != nil {
		return "", err
	}
	defer dir.Close()
	r, err := readRecord(f)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", record, err)
	}
	release, err := Lock(ctx, root, r.transcript.Chat.Slug, o.OnWait)
	if err != nil {
		return "", err
	}
	defer release()
	return r.transcript.Chat.Slug, write(ctx, root, r.transcript, o, &earlierArchive{dir: dir, files: r.files, isSource: true, hasPages: r.hasPages, next: r.next})
}

// A recordReader reads a record as a transcript. It keeps the position of each answer and not the answers, so that
// long records take little memory and can be read in both orders.
type recordReader struct {
	f          io.ReaderAt
	transcript questions.Transcript
	files      map[string]recordFile // by source
	rooms      map[questions.TranscriptRoom]string
	hasPages   bool        // it knows its pages
	next       *recordNext // the chat after it
	answers    []recordEntry
}

// A recordEntry is the position of an answer in the record's file, and its section's place in the order.
type recordEntry struct {
	offset       int64
	length, rank int32
}

// readRecord reads everything but the answers, and finds where those are.
func readRecord(f io.ReaderAt) (*recordReader, error) {
	r := &recordReader{f: f, files: map[string]recordFile{}}
	bounded := &boundedReader{r: io.NewSectionReader(f, 0, 1<<62)}
	d := json.NewDecoder(bounded)
	bounded.consumed = d.InputOffset // as far as whole values go
	if err := expectDelim(d, json.Delim('{')); err != nil {
		return nil, err
	}
	head := map[string]json.RawMessage{}
	found := false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		if name == "answers" && !found {
			found = true
			if err := r.indexAnswers(d); err != nil {
				return nil, err
			}
			continue
		}
		if _, twice := head[name]; twice || name == "answers" {
			return nil, fmt.Errorf("it has %.50q twice", name)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		head[name] = value
	}
	if err := expectDelim(d, json.Delim('}')); err != nil {
		return nil, err
	}
	if !found {
		return nil, errors.New("not a chat.json: it has no answers")
	}
	b, err := json.Marshal(head)
	if err != nil {
		return nil, err
	}
	var v recordHead
	if err := json.Unmarshal(b, &v); err != nil {
		return nil, err
	}
	return r, r.readHead(v)
}

func expectDelim(d *json.Decoder, want json.Delim) error {
	got, err := d.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("not a chat.json: got %.50v, want %v", got, want)
	}
	return nil
}

func (r *recordReader) indexAnswers(d *json.Decoder) error {
	if err := expectDelim(d, json.Delim('[')); err != nil {
		return err
	}
	for d.More() {
		var raw json.RawMessage
		var v struct {
			Section questions.Section `json:"section"`
			Files   []recordFile      `json:"files"`
		}
		err := d.Decode(&raw)
		if err == nil {
			err = json.Unmarshal(raw, &v)
		}
		if err == nil && v.Section == "" {
			err = errors.New("it has no section")
		}
		if err != nil {
			return fmt.Errorf("answer %d: %w", len(r.answers)+1, err)
		}
		r.answers = append(r.answers, recordEntry{d.InputOffset() - int64(len(raw)), int32(len(raw)), int32(v.Section.Order())}) //nolint:gosec // maxRecordValue
		for _, f := range v.Files {
			if len(r.files) < maxFiles {
				r.files[f.Source] = f
			}
		}
	}
	return expectDelim(d, json.Delim(']'))
}

// readHead reads what the record says about the chat besides its answers.
func (r *recordReader) readHead(v recordHead) error {
	if v.Version != formatVersion {
		return fmt.Errorf("its format has version %d, and this program reads version %d", v.Version, formatVersion)
	}
	zone, err := time.LoadLocation(v.Chat.Zone)
	if err != nil || v.Chat.Zone == "" {
		return fmt.Errorf("unknown time zone %.100q", v.Chat.Zone)
	}
	series, err := questions.ParseSeries(v.Chat.Series)
	if err != nil && v.Chat.Series != "" {
		return fmt.Errorf("its series: %w", err)
	}
	c := questions.Chat{
		Slug: v.Chat.Slug, Title: v.Chat.Title, Hashtag: v.Chat.Hashtag, Starts: v.Chat.Starts.In(zone), Ends: v.Chat.Ends.In(zone),
		Leader: v.Chat.Leader, Series: series, ArchiveNote: v.Chat.Archive, Licence: v.Chat.Licence, DOI: v.Chat.DOI,
		Introduction: v.Chat.Introduction,
	}
	if !v.Chat.Announced.IsZero() {
		c.Announced = v.Chat.Announced.In(zone)
	}
	for _, q := range v.Chat.Questions {
		c.Questions = append(c.Questions, questions.Question{N: q.Number, Text: q.Text, Points: q.Points})
	}
	t := questions.Transcript{Chat: c, Answers: r.readAnswers, Undecrypted: v.Completeness.Undecrypted, OptedOut: v.Completeness.OptedOut}
	for _, room := range v.Rooms {
		t.Rooms = append(t.Rooms, questions.TranscriptRoom(room))
	}
	for _, s := range v.Posted {
		t.Posted = append(t.Posted, questions.PostedStep(s))
	}
	for _, g := range v.Completeness.Gaps {
		t.Gaps = append(t.Gaps, questions.Gap{Workspace: g.Workspace, Room: g.Room, From: g.From, To: g.To, Filled: g.Filled})
	}
	if r.hasPages = v.Pages != nil; r.hasPages {
		if len(*v.Pages) > 2*len(r.answers) {
			return errors.New("it has more pages than answers")
		}
		for _, p := range *v.Pages {
			t.Pages = append(t.Pages, questions.Page{View: cleanText(p.Section), From: p.From})
		}
	}
	r.transcript, r.rooms, r.next = t, roomNames(t.Rooms), v.Next
	return nil
}

// readAnswers is the transcript's Answers. Accounts and addresses of files are digests in a record.
func (r *recordReader) readAnswers(ctx context.Context, order questions.Order) iter.Seq2[questions.Answer, error] {
	places := r.answers
	if order == questions.OrderBySection {
		places = slices.Clone(places)
		slices.SortStableFunc(places, func(a, b recordEntry) int { return int(a.rank - b.rank) })
	}
	return func(yield func(questions.Answer, error) bool) {
		var raw []byte
		for _, at := range places {
			raw = slices.Grow(raw[:0], int(at.length))[:at.length]
			_, err := r.f.ReadAt(raw, at.offset)
			var a questions.Answer
			if err == nil {
				a, err = r.parseAnswer(raw)
			}
			if err == nil {
				err = ctx.Err()
			}
			if !yield(a, err) || err != nil {
				return
			}
		}
	}
}

var personPattern = regexp.MustCompile(`^p-[0-9a-f]{16}$`)

func (r *recordReader) parseAnswer(raw []byte) (questions.Answer, error) {
	var v recordAnswer
	if err := json.Unmarshal(raw, &v); err != nil {
		return questions.Answer{}, err
	}
	if !v.Gone && !personPattern.MatchString(v.Person) {
		return questions.Answer{}, fmt.Errorf("answer %.20q: %.50q is not a person", v.ID, v.Person)
	}
	a := questions.Answer{
		Workspace: v.Workspace, Room: v.Room, Message: v.Message,
		RoomName: r.rooms[questions.TranscriptRoom{Workspace: v.Workspace, Room: v.Room}],
		Author:   v.Author, AuthorID: v.Person, Newcomer: v.Newcomer, Section: questions.Section(v.Section), MatchedBy: questions.MatchedBy(v.How),
		Text: v.Text, At: v.At, Edited: v.Edited, Late: v.Late, Withdrawn: v.Gone,
	}
	if v.RoomName != nil {
		a.RoomName = *v.RoomName
	}
	if to := v.ReplyTo; to != nil {
		a.ReplyTo = questions.AnswerID{Workspace: to.Workspace, Room: to.Room, Message: to.Message}
	}
	for _, f := range v.Files {
		a.Files = append(a.Files, questions.File{Name: f.Name, Type: f.Type, Size: f.Size, URL: f.Source})
	}
	for _, reaction := range v.Reactions {
		a.Reactions = append(a.Reactions, questions.Reaction(reaction))
	}
	return a, nil
}

// A boundedReader fails when its user holds more than maxRecordValue bytes of what was read.
type boundedReader struct {
	r        io.Reader
	read     int64
	consumed func() int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	held := b.read - b.consumed()
	if held > maxRecordValue {
		return 0, fmt.Errorf("a part of it is longer than %d MB", maxRecordValue>>20)
	}
	n, err := b.r.Read(p[:min(int64(len(p)), maxRecordValue-held+1)])
	b.read += int64(n)
	return n, err
}
