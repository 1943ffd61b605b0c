package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/ukmedlibs/catchword/questions"
)

// archivePages reads where the archives of a chat are divided into pages.
func (db *DB) archivePages(ctx context.Context, slug string) ([]questions.Page, error) {
	return queryAll(ctx, db, func(row scannable) (p questions.Page, err error) {
		var since, last int64
		err = row.Scan(&p.View, &since, &last)
		p.From, p.Last = fromMillis(since), fromMillis(last)
		return p, err
	}, `SELECT view, since, last FROM pages WHERE chat = $1 ORDER BY view, since`, slug)
}

// savePages stores where an archive is divided into pages, before it is published. pages are all of them, old and new.
// If another archive of the chat was divided differently in the meantime, it fails and stores nothing.
func (db *DB) savePages(ctx context.Context, slug string, pages []questions.Page) error {
	err := db.Transact(ctx, func(ctx context.Context) error {
		for _, p := range pages {
			_, err := db.exec(ctx, `
				INSERT INTO pages (chat, view, since, last) VALUES ($1, $2, $3, $4)
				ON CONFLICT (chat, view, since) DO UPDATE SET last = excluded.last WHERE excluded.last > pages.last`,
				slug, p.View, toMillis(p.From), toMillis(p.Last))
			if err != nil {
				return err
			}
		}
		known, _, err := queryOne(ctx, db, func(row scannable) (n int, err error) {
			err = row.Scan(&n)
			return n, err
		}, `SELECT COUNT(*) FROM pages WHERE chat = $1`, slug)
		if err == nil && known != len(pages) {
			err = errors.New("another archive of it is being written")
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("store pages of %s: %w", slug, err)
	}
	return nil
}
