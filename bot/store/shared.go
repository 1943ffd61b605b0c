package store

import (
	"context"
	"fmt"

	"go.mau.fi/util/dbutil"
)

// maxSharedConns limits the connections that adapters use for their own tables.
const maxSharedConns = 4

// OpenShared opens a second handle to the database, for adapters that keep tables of their own in it: one backup then
// holds everything. The names of these tables begin with the name of the platform. A commit is on the disk when it
// returns. With the context of a lease, PostgreSQL connections are refused once the lease can't be proven. The caller
// closes the handle, before the store.
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
