package store

import (
	"context"
	"fmt"
	"iter"
	"strconv"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/questions"
)

// Transcript reads a whole chat. Its answers are streamed from the store each time they are read, as they are then; in
// a Snapshot, as of the snapshot. ok is false if there is no chat with that slug.
func (db *DB) Transcript(ctx context.Context, slug string) (t questions.Transcript, ok bool, err error) {
	if t.Chat, ok, err = db.Chat(ctx, slug); err != nil || !ok {
		return t, ok, err
	}
	t.Rooms, err = queryAll(ctx, db, func(row scannable) (r questions.TranscriptRoom, err error) {
		err = row.Scan(&r.Workspace, &r.Room, &r.Name)
		return r, err
	}, `SELECT workspace, room, name FROM rooms r
		WHERE EXISTS (SELECT 1 FROM posts p WHERE p.chat = $1 AND p.lane = 0 AND p.workspace = r.workspace AND p.room = r.room)
		ORDER BY workspace, name, room`, slug)
	if err != nil {
		return t, false, fmt.Errorf("read rooms of %s: %w", slug, err)
	}
	t.Posted, err = queryAll(ctx, db, func(row scannable) (s questions.PostedStep, err error) {
		var ms, seq int64
		err = row.Scan(&s.Step, &ms, &seq)
		s.At = fromMillis(ms)
		return s, err
	}, `SELECT step, MIN(posted), MIN(seq) FROM posts WHERE chat = $1 AND lane = 0 AND kind NOT IN ($2, $3) AND message <> ''
		GROUP BY step ORDER BY MIN(seq)`, slug, KindRepeat, KindNotice)
	if err != nil {
		return t, false, fmt.Errorf("read steps of %s: %w", slug, err)
	}
	if t.Gaps, err = db.chatGaps(ctx, slug); err != nil {
		return t, false, fmt.Errorf("read gaps of %s: %w", slug, err)
	}
	if t.Undecrypted, err = db.countUndecrypted(ctx, slug); err != nil {
		return t, false, fmt.Errorf("count undecrypted messages of %s: %w", slug, err)
	}
	if t.OptedOut, err = db.countOptedOut(ctx, t.Chat, t.Rooms); err != nil {
		return t, false, fmt.Errorf("count opt-outs of %s: %w", slug, err)
	}
	if t.Pages, err = db.archivePages(ctx, slug); err != nil {
		return t, false, fmt.Errorf("read pages of %s: %w", slug, err)
	}
	t.SavePages = func(ctx context.Context, pages []questions.Page) error { return db.savePages(ctx, slug, pages) }
	returning, err := db.returningAuthors(ctx, t.Chat)
	if err != nil {
		return t, false, fmt.Errorf("read people of %s: %w", slug, err)
	}
	t.Answers = func(ctx context.Context, order questions.Order) iter.Seq2[questions.Answer, error] {
		return db.streamAnswers(ctx, slug, order, returning)
	}
	return t, true, nil
}

// A personKey identifies a person in one workspace.
type personKey struct{ workspace, id string }

// returningAuthors reads which of a chat's authors have answered in an earlier chat.
func (db *DB) returningAuthors(ctx context.Context, c questions.Chat) (map[personKey]bool, error) {
	people, err := queryAll(ctx, db, func(row scannable) (a personKey, err error) {
		err = row.Scan(&a.workspace, &a.id)
		return a, err
	}, `SELECT p.workspace, p.author FROM (SELECT DISTINCT workspace, author FROM answers WHERE chat = $1 AND deleted = 0) p
		WHERE EXISTS (
			SELECT 1 FROM answers b JOIN chats c ON c.slug = b.chat
			WHERE b.workspace = p.workspace AND b.author = p.author AND b.chat <> $1 AND c.ends < $2)`, c.Slug, toMillis(c.Ends))
	returning := map[personKey]bool{}
	for _, a := range people {
		returning[a] = true
	}
	return returning, err
}

// answersPerQuery limits the memory that a transcript takes.
const answersPerQuery = 500

// streamAnswers reads a chat's answers a page at a time. A change in the meantime raises the chat's count of changes,
// so the archive is written again.
func (db *DB) streamAnswers(ctx context.Context, slug string, order questions.Order, returning map[personKey]bool) iter.Seq2[questions.Answer, error] {
	return func(yield func(questions.Answer, error) bool) {
		for after := (cursor{section: -1, at: -1}); ; {
			rows, err := db.answerPage(ctx, slug, order, after)
			if err != nil {
				yield(questions.Answer{}, fmt.Errorf("read answers of %s: %w", slug, err))
				return
			}
			for _, r := range rows {
				r.answer.Newcomer = !r.answer.Withdrawn && !returning[r.author]
				if !yield(r.answer, nil) {
					return
				}
			}
			if len(rows) < answersPerQuery {
				return
			}
			after = rows[len(rows)-1].cursor
		}
	}
}

type answerRow struct {
	cursor
	author personKey
	answer questions.Answer
}

// A cursor is the position of an answer, in either order.
type cursor struct {
	section, at int64 // section is its order
	key         string
}

// args are the values of an order's columns.
func (r cursor) args(order questions.Order) []any {
	if order == questions.OrderBySection {
		return []any{r.section, r.at, r.key}
	}
	return []any{r.at, r.key}
}

func (db *DB) answerPage(ctx context.Context, slug string, order questions.Order, after cursor) ([]answerRow, error) {
	by, above, upTo := "a.at, a.key", "($2, $3)", "($4, $5)"
	if order == questions.OrderBySection {
		by, above, upTo = "a.section_order, a.at, a.key", "($2, $3, $4)", "($5, $6, $7)"
	}
	args := append([]any{slug}, after.args(order)...)
	rows, err := queryAll(ctx, db, scanAnswerRow, `SELECT a.section_order, a.at, a.key, COALESCE(r.name, a.room),
			COALESCE(o.workspace, ''), COALESCE(o.room, ''), COALESCE(o.message, ''), COALESCE(n.alias, ''), `+answerColumns+`
		FROM answers a LEFT JOIN rooms r ON r.workspace = a.workspace AND r.room = a.room
			LEFT JOIN answers o ON o.key = a.reply_to AND o.chat = a.chat
			LEFT JOIN pseudonyms n ON n.workspace = a.workspace AND n.who = a.author AND n.name <> ''
		WHERE a.chat = $1 AND (`+by+`) > `+above+` ORDER BY `+by+` LIMIT `+strconv.Itoa(answersPerQuery), args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	reactions := map[string][]questions.Reaction{}
	_, err = queryAll(ctx, db, func(row scannable) (_ struct{}, err error) {
		var key string
		var r questions.Reaction
		if err = row.Scan(&key, &r.Emoji, &r.Count); err == nil {
			reactions[key] = append(reactions[key], r)
		}
		return struct{}{}, err
	}, `SELECT a.key, r.emoji, COUNT(*) FROM answers a JOIN reactions r ON r.answer = a.key
		WHERE a.chat = $1 AND (`+by+`) > `+above+` AND (`+by+`) <= `+upTo+` GROUP BY a.key, r.emoji ORDER BY a.key, r.emoji`,
		append(args, rows[len(rows)-1].args(order)...)...)
	for i := range rows {
		if !rows[i].answer.Withdrawn {
			rows[i].answer.Reactions = reactions[rows[i].key]
		}
	}
	return rows, err
}

func scanAnswerRow(row scannable) (r answerRow, err error) {
	var room string
	var to struct {
		RoomRef
		message adapters.MessageID
	}
	var alias string
	a, err := scanAnswer(prefixScanner{row, []any{&r.section, &r.at, &r.key, &room, &to.Workspace, &to.Room, &to.message, &alias}})
	if a.Excluded() {
		// Treated as withdrawn, so that replies to it keep their place.
		a.Author, a.Text, a.Files, a.Deleted = adapters.User{}, "", nil, a.At
	}
	r.author = personKey{a.Workspace, string(a.Author.ID)}
	if alias != "" && !a.Excluded() {
		a.Author.ID = adapters.UserID(alias)
	}
	r.answer = questions.Answer{
		Workspace: a.Workspace, Room: string(a.Room), Message: string(a.Message), RoomName: room,
		Author: a.Author.Name, AuthorID: string(a.Author.ID),
		Section: a.Section, MatchedBy: a.MatchedBy, Text: a.Text, At: a.At, Edited: a.Edited, Late: a.Late, Withdrawn: !a.Deleted.IsZero(),
	}
	for _, f := range a.Files {
		r.answer.Files = append(r.answer.Files, questions.File(f))
	}
	r.answer.ReplyTo = questions.AnswerID{Workspace: to.Workspace, Room: string(to.Room), Message: string(to.message)}
	return r, err
}

// prefixScanner scans some columns before those of another scanner.
type prefixScanner struct {
	scannable
	first []any
}

func (p prefixScanner) Scan(dest ...any) error { return p.scannable.Scan(append(p.first, dest...)...) }
