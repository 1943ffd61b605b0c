//go:build goolm

package matrix

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ukmedlibs/catchword/adapters/calls"
	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// canEncrypt says that this build has end-to-end encryption.
const canEncrypt = true

// keys are the device's keys, and those that it was given to decrypt messages. Only one process may use them: two would
// corrupt them.
type keys struct {
	mach  *crypto.OlmMachine
	store *crypto.SQLCryptoStore
	state crypto.StateStore
	me    id.UserID
}

// upgradeKeys creates or upgrades the tables for keys.
func upgradeKeys(ctx context.Context, db *dbutil.Database) error {
	if err := crypto.NewSQLCryptoStore(db, nil, "", "", nil).DB.Upgrade(ctx); err != nil {
		return fmt.Errorf("upgrade key tables: %w", err)
	}
	return nil
}

// openKeys loads the device's keys, or creates those of a new device. It forgets the keys of a device that this one has
// replaced, except for what decrypts earlier messages. fresh says that the login is new.
func (m *Matrix) openKeys(ctx context.Context, s *session, d device, fresh bool) (*keys, error) {
	k := &keys{store: crypto.NewSQLCryptoStore(m.config.Database, nil, m.config.Name, d.id, []byte(d.pickleKey)), state: s.state, me: s.me}
	if err := k.store.DB.Upgrade(ctx); err != nil {
		return nil, fmt.Errorf("upgrade key tables: %w", err)
	}
	stored, err := k.store.FindDeviceID(ctx)
	if err != nil {
		return nil, err
	}
	if stored != "" && stored != d.id {
		if err := k.reset(ctx); err != nil {
			return nil, err
		}
	}
	log := s.client.Log
	k.mach = crypto.NewOlmMachine(s.client, &log, k.store, s.state)
	// A message that the library can't parse must still be counted, and its edits read.
	k.mach.IgnorePostDecryptionParseErrors = true
	k.mach.SessionReceived = func(context.Context, id.RoomID, id.SessionID, uint32) { m.wakeHousekeeping() }
	if err := k.mach.Load(ctx); err != nil {
		k.close()
		if strings.Contains(err.Error(), "pickle") { // not an error of the database
			err = m.deviceError(fmt.Errorf("the stored keys can't be read (%w)", err))
		}
		return nil, err
	}
	if err := m.publish(ctx, k, s, d, fresh); err != nil {
		k.close()
		return nil, err
	}
	if err := m.verify(ctx, k); err != nil {
		k.close()
		return nil, err
	}
	return k, nil
}

// reset forgets the device's own keys, but not what decrypts earlier messages.
func (k *keys) reset(ctx context.Context) error {
	k.store.Account = nil
	k.store.InitFields()
	return k.store.DB.DoTxn(ctx, nil, func(ctx context.Context) error {
		for _, table := range []string{"crypto_olm_message_hash", "crypto_olm_session", "crypto_megolm_outbound_session", "crypto_account"} {
			if _, err := k.store.DB.Exec(ctx, `DELETE FROM `+table+` WHERE account_id = $1`, k.store.AccountID); err != nil {
				return err
			}
		}
		return nil
	})
}

// publish uploads the device's keys, or checks that the homeserver and the database agree about them.
func (m *Matrix) publish(ctx context.Context, k *keys, s *session, d device, fresh bool) error {
	resp, err := s.client.QueryKeys(ctx, &mautrix.ReqQueryKeys{DeviceKeys: map[id.UserID]mautrix.DeviceIDList{s.me: {d.id}}})
	if err != nil {
		return err
	}
	existing, published := resp.DeviceKeys[s.me][d.id], k.mach.GetAccount().Shared
	switch {
	case len(existing.Keys) == 0 && !published:
		return k.mach.ShareKeys(ctx, -1)
	case len(existing.Keys) == 0 && fresh:
		// The login has ended because somebody removed the device; the new login has created it again.
		m.log.Warn("the bot's device was removed from the account; created new keys")
		if err := k.reset(ctx); err != nil {
			return err
		}
		if err := k.mach.Load(ctx); err != nil {
			return err
		}
		return k.mach.ShareKeys(ctx, -1)
	}
	return m.compareKeys(existing, k.mach.GetAccount(), d)
}

// compareKeys compares the keys of a device on the homeserver with those in the database. At least one side has some.
func (m *Matrix) compareKeys(existing mautrix.DeviceKeys, local *crypto.OlmAccount, d device) error {
	switch {
	case len(existing.Keys) == 0:
		return m.deviceError(errors.New("the homeserver no longer has the keys of the bot's device: somebody has removed it from the account"))
	case local == nil || !local.Shared:
		return m.deviceError(errors.New("the keys of the bot's device are not in this database: the database is new, or an old copy"))
	case existing.Keys.GetEd25519(d.id) != local.SigningKey():
		return m.deviceError(errors.New("the keys of the bot's device in this database differ from those on the homeserver: the database is an old copy, or another process uses the same device"))
	}
	return nil
}

// deviceError adds the remedy to an error of the device's keys.
func (m *Matrix) deviceError(err error) error {
	remedy := "run `catchword run --new-device " + m.config.Name + "` once, which creates a new device"
	if m.config.AccessToken != "" {
		remedy = "configure the account's password instead of its access token, and run `catchword run --new-device " + m.config.Name +
			"` once, which creates a device of its own; or configure an access token from a login that no other client uses"
	}
	return calls.Errorf("%w: %s", err, remedy)
}

// verify signs the device with the account's keys, so that it works with clients that accept only verified devices.
func (m *Matrix) verify(ctx context.Context, k *keys) error {
	exist, signed, err := k.mach.GetOwnVerificationStatus(ctx)
	if err != nil {
		return err
	}
	log := m.log
	switch {
	case signed:
	case m.config.RecoveryKey == "":
		log.Warn("the bot's device isn't verified: some clients may not let it read messages, or show a warning; configure the account's recovery key")
	case !exist:
		log.Error("a recovery key is configured, but the account has none yet: set up its secure backup with another client, such as Element, and configure the key that it shows")
	default:
		if err := k.mach.VerifyWithRecoveryKey(ctx, m.config.RecoveryKey); err != nil {
			if _, passes := errors.AsType[mautrix.HTTPError](err); passes {
				return err
			}
			log.Error("the recovery key does not fit the account, so the bot's device stays unverified: copy it again, or reset the account's secure backup and configure the new one",
				"error", m.secrets.Mask(err.Error()))
			return nil
		}
		log.Info("the bot's device is verified")
	}
	return nil
}

// processSync processes the devices and keys of a sync. It comes before the messages that these keys decrypt.
func (k *keys) processSync(ctx context.Context, resp *mautrix.RespSync, since string) {
	k.mach.ProcessSyncResponse(ctx, resp, since)
	// All workspaces of this database share one table of devices. The first to learn of a change updates it, and the
	// others would see no change and leave the new device out.
	for _, user := range resp.DeviceLists.Changed {
		if user != k.me {
			k.mach.OnDevicesChanged(ctx, user)
		}
	}
}

func (k *keys) processMember(ctx context.Context, e *event.Event) { k.mach.HandleMemberEvent(ctx, e) }

func (k *keys) decrypt(ctx context.Context, e *event.Event) (*event.Event, error) {
	return k.mach.DecryptMegolmEvent(ctx, e)
}

// encrypt encrypts for all devices that are now in a room. A sync that sees a device come or go meanwhile drops the
// session that was just shared; so it is shared again, a few times.
func (k *keys) encrypt(ctx context.Context, room id.RoomID, kind event.Type, content any) (any, error) {
	for tries := 1; ; tries++ {
		encrypted, err := k.mach.EncryptMegolmEvent(ctx, room, kind, content)
		if err == nil || !crypto.IsShareError(err) || tries == 5 {
			return encrypted, err
		}
		users, err := k.mach.Client.StateStore.GetRoomJoinedOrInvitedMembers(ctx, room)
		if err != nil {
			return nil, err
		}
		if err := k.mach.ShareGroupSession(ctx, room, users); err != nil {
			return nil, err
		}
	}
}

// requestKeys asks the sender's devices, and the account's own, for the keys of an event.
func (k *keys) requestKeys(ctx context.Context, e *event.Event) error {
	content := e.Content.AsEncrypted()
	return k.mach.SendRoomKeyRequest(ctx, e.RoomID, content.SenderKey, content.SessionID, "",
		map[id.UserID][]id.DeviceID{e.Sender: {"*"}, k.me: {"*"}})
}

// canDecrypt reports whether somebody has a device with keys.
func (k *keys) canDecrypt(ctx context.Context, user id.UserID) (bool, error) {
	resp, err := k.mach.Client.QueryKeys(ctx, &mautrix.ReqQueryKeys{DeviceKeys: map[id.UserID]mautrix.DeviceIDList{user: {}}})
	if err != nil {
		return false, err
	}
	return len(resp.DeviceKeys[user]) > 0, nil
}

func (k *keys) close() {
	if k != nil && k.mach != nil {
		k.mach.Destroy()
	}
}
