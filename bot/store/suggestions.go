package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/questions"
)

// A Suggestion is a question or an anonymous message that a participant proposes to the hosts.
type Suggestion struct {
	Chat string
	N    int
	Kind SuggestionKind
	Step string // the step that was live when it came in
	Text string // "" once a host has decided
	By   Author // nobody for an anonymous one

	Command string // the key of the command that made it; "" for an anonymous one
}

// An Author is a person and the name that they show; the zero Author is nobody.
type Author struct {
	Workspace string
	User      adapters.UserID
	Name      string
}

// A SuggestionKind tells what is posted if a suggestion is accepted.
type SuggestionKind string

const (
	SuggestedQuestion SuggestionKind = "question"
	AnonymousMessage  SuggestionKind = "anonymous"
)

// AddSuggestion stores a suggestion and returns its number in the chat.
func (db *DB) AddSuggestion(ctx context.Context, s Suggestion) (n int, err error) {
	err = db.Transact(ctx, func(ctx context.Context) error {
		if n, err = db.count(ctx, `SELECT COALESCE(MAX(n), 0) FROM suggestions WHERE chat = $1`, s.Chat); err != nil {
			return err
		}
		n++
		_, err := db.exec(ctx, `INSERT INTO suggestions (chat, n, kind, step, text, workspace, who, name, command, decision)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '')`, s.Chat, n, s.Kind, s.Step, s.Text, s.By.Workspace, s.By.User, s.By.Name, s.Command)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("store suggestion: %w", err)
	}
	return n, nil
}

// PendingSuggestions reads the suggestions of a chat that wait for a decision, by number.
func (db *DB) PendingSuggestions(ctx context.Context, chat string) ([]Suggestion, error) {
	return queryAll(ctx, db, scanSuggestion, `SELECT `+suggestionColumns+` FROM suggestions WHERE chat = $1 AND decision = '' ORDER BY n`, chat)
}

// SuggestionByCommand reads the pending suggestion that a command made; ok is false if there is none.
func (db *DB) SuggestionByCommand(ctx context.Context, command string) (s Suggestion, ok bool, err error) {
	return queryOne(ctx, db, scanSuggestion, `SELECT `+suggestionColumns+` FROM suggestions WHERE command = $1 AND command <> '' AND decision = ''`, command)
}

// PendingSuggestion reads a pending suggestion by its number; ok is false if there is none.
func (db *DB) PendingSuggestion(ctx context.Context, chat string, n int) (s Suggestion, ok bool, err error) {
	return queryOne(ctx, db, scanSuggestion, `SELECT `+suggestionColumns+` FROM suggestions WHERE chat = $1 AND n = $2 AND decision = ''`, chat, n)
}

const suggestionColumns = `chat, n, kind, step, text, workspace, who, name, command`

func scanSuggestion(row scannable) (s Suggestion, err error) {
	err = row.Scan(&s.Chat, &s.N, &s.Kind, &s.Step, &s.Text, &s.By.Workspace, &s.By.User, &s.By.Name, &s.Command)
	return s, err
}

// A Decision is how a suggestion ended.
type Decision string

const (
	Accepted  Decision = "accepted"
	Declined  Decision = "declined"
	Withdrawn Decision = "withdrawn" // by its author
)

// DecideSuggestion stores the decision, and erases the suggestion's text and author, also in messages to hosts that are
// still pending.
func (db *DB) DecideSuggestion(ctx context.Context, s Suggestion, d Decision) error {
	return db.Transact(ctx, func(ctx context.Context) error {
		_, err := db.exec(ctx, `UPDATE suggestions SET decision = $3, text = '', workspace = '', who = '', name = '', command = '' WHERE chat = $1 AND n = $2`, s.Chat, s.N, d)
		if err != nil {
			return err
		}
		keyPrefix := fmt.Sprintf("suggestion/%s/%d>", s.Chat, s.N)
		_, err = db.exec(ctx, `UPDATE ephemerals SET text = '', buttons = '', quoted_user = '', posted = due WHERE posted = 0 AND SUBSTR(key, 1, LENGTH($1)) = $1`, keyPrefix)
		return err
	})
}

// AddQuestion adds a host's question to a chat, and returns it with its number. credit is the person who suggested it,
// if any.
func (db *DB) AddQuestion(ctx context.Context, chat, text string, credit Author, now time.Time) (q questions.Question, err error) {
	err = db.Transact(ctx, func(ctx context.Context) error {
		c, _, err := db.Chat(ctx, chat)
		if err != nil {
			return err
		}
		// The numbers may have gaps: the file can lose a question after a host has asked one.
		q = questions.Question{N: 1, Text: text, AddedAt: now}
		for _, other := range c.Questions {
			q.N = max(q.N, other.N+1)
		}
		added, err := db.addedQuestions(ctx, chat)
		if err != nil {
			return err
		}
		for _, other := range added { // and one that was taken back keeps its number
			q.N = max(q.N, other.N+1)
		}
		_, err = db.exec(ctx, `INSERT INTO added_questions (chat, n, at, text, workspace, who, name) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			chat, q.N, toMillis(now), text, credit.Workspace, credit.User, credit.Name)
		return err
	})
	if err != nil {
		return q, fmt.Errorf("store question: %w", err)
	}
	return q, nil
}

// RewordQuestion gives a host's question a new text. An empty text takes it back: it is no longer in the chat.
func (db *DB) RewordQuestion(ctx context.Context, chat string, n int, text string) error {
	_, err := db.exec(ctx, `UPDATE added_questions SET text = $3 WHERE chat = $1 AND n = $2`, chat, n, text)
	return err
}

type addedQuestion struct {
	questions.Question
	creditName string // of the person who suggested it
}

func (db *DB) addedQuestions(ctx context.Context, chat string) ([]addedQuestion, error) {
	return queryAll(ctx, db, func(row scannable) (q addedQuestion, err error) {
		var at int64
		err = row.Scan(&q.N, &at, &q.Text, &q.creditName)
		q.AddedAt = fromMillis(at)
		return q, err
	}, `SELECT n, at, text, name FROM added_questions WHERE chat = $1 ORDER BY n`, chat)
}

// withAddedQuestions adds to a chat, as its file has it, what was asked beside it.
func (db *DB) withAddedQuestions(ctx context.Context, c questions.Chat) (questions.Chat, error) {
	all, err := db.addedQuestions(ctx, c.Slug)
	for _, q := range all {
		if q.N <= len(c.Questions) || q.Text == "" {
			continue // the file has it by now, or it was taken back
		}
		q.AddedAt = q.AddedAt.In(c.Starts.Location())
		q.Text = questions.WithCredit(q.Text, q.creditName)
		c.Questions = append(slices.Clip(c.Questions), q.Question)
	}
	return c, err
}

// checkQuestionNumbers says which question of a new version of a chat's file would take the number of another that was
// asked on the night.
func (db *DB) checkQuestionNumbers(ctx context.Context, c questions.Chat) error {
	all, err := db.addedQuestions(ctx, c.Slug)
	for _, q := range all {
		if q.Text != "" && q.N <= len(c.Questions) && c.Questions[q.N-1].AddedAt.IsZero() && c.Questions[q.N-1].Text != q.Text {
			return fmt.Errorf("its %s has been asked by a host already, as %q: write that one into the file, and yours after it", questions.Label(q.N), q.Text)
		}
	}
	return err
}

func (db *DB) count(ctx context.Context, query string, args ...any) (int, error) {
	n, _, err := queryOne(ctx, db, func(row scannable) (n int, err error) {
		err = row.Scan(&n)
		return n, err
	}, query, args...)
	return n, err
}
