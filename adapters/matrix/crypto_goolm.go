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

// canEncrypt says that this build knows end-to-end encryption.
const canEncrypt = true

// checkKeys are the device's, and all that it was ever given to decrypt what others say. One device is one process: two
// that share these keys would spoil them.
type keys struct {
	mach  *crypto.OlmMachine
	store *crypto.SQLCryptoStore
	state crypto.StateStore
	me    id.UserID
}

// upgradeKeys makes the tables in which devices' keys are kept.
func upgradeKeys(ctx context.Context, db *dbutil.Database) error {
	if err := crypto.NewSQLCryptoStore(db, nil, "", "", nil).DB.Upgrade(ctx); err != nil {
		return fmt.Errorf("tables of keys: %w", err)
	}
	return nil
}

// openKeys opens the device's keys, and makes them if it is new. If it took another's place, that one's are forgotten, but
// for what decrypts earlier messages. A fresh login is one that was made just now.
func (m *Matrix) openKeys(ctx context.Context, s *session, d device, fresh bool) (*keys, error) {
	k := &keys{store: crypto.NewSQLCryptoStore(m.config.Database, nil, m.config.Name, d.id, []byte(d.pickleKey)), state: s.state, me: s.me}
	if err := k.store.DB.Upgrade(ctx); err != nil {
		return nil, fmt.Errorf("tables of keys: %w", err)
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
	// What has a content that the library can't read is still to be counted, and edits of it are still to be understood.
	k.mach.IgnorePostDecryptionParseErrors = true
	k.mach.SessionReceived = func(context.Context, id.RoomID, id.SessionID, uint32) { m.wakeHousekeeping() }
	if err := k.mach.Load(ctx); err != nil {
		k.close()
		if strings.Contains(err.Error(), "pickle") { // and not the database's
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

// reset forgets the device's own keys. What it was given to decrypt earlier messages stays.
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

// publish makes sure that the homeserver and the database agree about the device's keys.
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
		// The login had ended because somebody removed the device; now there is one of the same name.
		m.log.Warn("the bot's device had been removed from the account: it has new keys now")
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

// compareKeys compares the keys of a device as the homeserver knows them with those of the database, of which one side at least
// has some.
func (m *Matrix) compareKeys(existing mautrix.DeviceKeys, local *crypto.OlmAccount, d device) error {
	switch {
	case len(existing.Keys) == 0:
		return m.deviceError(errors.New("the homeserver has lost the keys of the bot's device: somebody has removed it from the account"))
	case local == nil || !local.Shared:
		return m.deviceError(errors.New("the keys of the bot's device are not in this database: it is a new one, or an old copy"))
	case existing.Keys.GetEd25519(d.id) != local.SigningKey():
		return m.deviceError(errors.New("the keys of the bot's device in this database are not those that the homeserver knows: it is an old copy, or another process uses the same device"))
	}
	return nil
}

// deviceError adds to what is wrong with a device what mends it.
func (m *Matrix) deviceError(err error) error {
	remedy := "run `catchword run --new-device " + m.config.Name + "` once, which makes a new device"
	if m.config.AccessToken != "" {
		remedy = "configure the account's password instead of its access token, and run `catchword run --new-device " + m.config.Name +
			"` once, which makes a device of its own; or configure an access token of a login that no other client uses"
	}
	return calls.Errorf("%w: %s", err, remedy)
}

// verify signs the device with the account's own keys, so that clients which heed only signed devices can read what the
// bot says, and let it read what they say.
func (m *Matrix) verify(ctx context.Context, k *keys) error {
	exist, signed, err := k.mach.GetOwnVerificationStatus(ctx)
	if err != nil {
		return err
	}
	log := m.log
	switch {
	case signed:
	case m.config.RecoveryKey == "":
		log.Warn("the bot's device is not verified, so that some clients may keep their messages from it, or show a warning: configure the account's recovery key")
	case !exist:
		log.Error("the account has no recovery key yet, whatever is configured: set up its secure backup with another client, such as Element, and configure the key that it shows")
	default:
		if err := k.mach.VerifyWithRecoveryKey(ctx, m.config.RecoveryKey); err != nil {
			if _, passes := errors.AsType[mautrix.HTTPError](err); passes {
				return err
			}
			log.Error("the recovery key does not fit the account, so that the bot's device stays unverified: copy it again, or reset the account's secure backup and configure the new one",
				"error", m.secrets.Mask(err.Error()))
			return nil
		}
		log.Info("the bot's device is verified")
	}
	return nil
}

// processSync takes what a sync tells of devices and keys. It comes before the messages that these keys decrypt.
func (k *keys) processSync(ctx context.Context, resp *mautrix.RespSync, since string) {
	k.mach.ProcessSyncResponse(ctx, resp, since)
	// Devices are stored once for all workspaces of this database: the one that hears of a change first leaves none for the
	// others to see, and they would go on without the new device.
	for _, user := range resp.DeviceLists.Changed {
		if user != k.me {
			k.mach.OnDevicesChanged(ctx, user)
		}
	}
}

// processMember takes a change of who is in a room.
func (k *keys) processMember(ctx context.Context, e *event.Event) { k.mach.HandleMemberEvent(ctx, e) }

func (k *keys) decrypt(ctx context.Context, e *event.Event) (*event.Event, error) {
	return k.mach.DecryptMegolmEvent(ctx, e)
}

// encrypt encrypts for all devices that are in a room now.
func (k *keys) encrypt(ctx context.Context, room id.RoomID, kind event.Type, content any) (any, error) {
	encrypted, err := k.mach.EncryptMegolmEvent(ctx, room, kind, content)
	if !errors.Is(err, crypto.ErrSessionExpired) && !errors.Is(err, crypto.ErrNoGroupSession) && !errors.Is(err, crypto.ErrSessionNotShared) {
		return encrypted, err
	}
	users, err := k.mach.Client.StateStore.GetRoomJoinedOrInvitedMembers(ctx, room)
	if err != nil {
		return nil, err
	}
	if err := k.mach.ShareGroupSession(ctx, room, users); err != nil {
		return nil, err
	}
	return k.mach.EncryptMegolmEvent(ctx, room, kind, content)
}

// requestKeys asks the sender's devices, and the account's own, for the keys of an event.
func (k *keys) requestKeys(ctx context.Context, e *event.Event) error {
	content := e.Content.AsEncrypted()
	return k.mach.SendRoomKeyRequest(ctx, e.RoomID, content.SenderKey, content.SessionID, "",
		map[id.UserID][]id.DeviceID{e.Sender: {"*"}, k.me: {"*"}})
}

// canDecrypt tells whether somebody has a device with keys.
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
