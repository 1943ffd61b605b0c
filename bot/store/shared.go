package store

import (
	"context"
	"fmt"

	"go.mau.fi/util/dbutil"
)

// maxSharedConns bounds the connections that adapters use for what they keep themselves.
const maxSharedConns = 4

// OpenShared opens the same database once more, for adapters that keep something of their own in it: one backup then
// holds all that the bot knows. Their tables are their own affair, and begin with the name of their platform. What they
// commit is on the disk. With the context of a lease, it is refused once that can't be proven. The caller closes it,
// before the store.
func (db *DB) OpenShared(_ context.Context) (*dbutil.Database, error) {
	raw, err := db.connectShared()
	if err != nil {
		return nil, fmt.Errorf("open store %s for adapters: %w", db.name, err)
	}
	shared, err := dbutil.NewWithDB(raw, db.dialect.driver)
	if err != nil {
		return nil, fmt.Errorf("open store %s for adapters: %w", db.name, err)
	}
	return shared, nil
}
