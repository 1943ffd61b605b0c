//go:build !goolm

package matrix

import (
	"context"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// canEncrypt says that this build has no end-to-end encryption.
const canEncrypt = false

type keys struct{}

func upgradeKeys(context.Context, *dbutil.Database) error { return nil }

func (m *Matrix) openKeys(context.Context, *session, device, bool) (*keys, error) {
	return &keys{}, nil
}

func (*keys) processSync(context.Context, *mautrix.RespSync, string) {}

func (*keys) processMember(context.Context, *event.Event) {}

func (*keys) decrypt(context.Context, *event.Event) (*event.Event, error) {
	return nil, errNoEncryption
}

func (*keys) encrypt(context.Context, id.RoomID, event.Type, any) (any, error) {
	return nil, errNoEncryption
}

func (*keys) requestKeys(context.Context, *event.Event) error { return nil }

func (*keys) canDecrypt(context.Context, id.UserID) (bool, error) { return false, nil }

func (*keys) close() {}
