//go:build goolm

package matrix

import (
	"context"
	"errors"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/crypto/ssss"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// checkKeys checks the keys of the device, without loading them, and whether the device is verified.
func (c *checkup) checkKeys(ctx context.Context, s *session, d device) {
	if d.id == "" {
		c.add(adapters.Finding{Check: "device", Detail: "it will create one when it runs"})
		c.checkVerification(ctx, s, nil, nil)
		return
	}
	var resp *mautrix.RespQueryKeys
	err := c.callRetrying(ctx, "look up keys", func(ctx context.Context) (err error) {
		resp, err = s.client.QueryKeys(ctx, &mautrix.ReqQueryKeys{DeviceKeys: map[id.UserID]mautrix.DeviceIDList{s.me: {d.id}}})
		return err
	})
	if err != nil {
		c.addError("", "device", err)
		return
	}
	existing := resp.DeviceKeys[s.me][d.id]
	local, err := c.storedKeys(ctx, d)
	if err == nil && (len(existing.Keys) > 0 || local != nil && local.Shared) {
		err = c.compareKeys(existing, local, d)
	}
	if err != nil {
		c.addError("", "device", err)
		return
	}
	c.add(adapters.Finding{Check: "device", Detail: string(d.id)})
	c.checkVerification(ctx, s, resp, &existing)
}

// storedKeys are the keys of a device; nil if the database has none.
func (c *checkup) storedKeys(ctx context.Context, d device) (*crypto.OlmAccount, error) {
	upgradeMu.Lock()
	defer upgradeMu.Unlock()
	store := crypto.NewSQLCryptoStore(c.config.Database, nil, c.config.Name, d.id, []byte(d.pickleKey))
	if err := store.DB.Upgrade(ctx); err != nil {
		return nil, calls.Errorf("%w", err)
	}
	stored, err := store.FindDeviceID(ctx)
	if err != nil || stored != d.id {
		return nil, err
	}
	local, err := store.GetAccount(ctx)
	if err != nil {
		return nil, c.deviceError(err)
	}
	return local, nil
}

// checkVerification checks that the account's keys have signed the device, or that they can.
func (c *checkup) checkVerification(ctx context.Context, s *session, resp *mautrix.RespQueryKeys, existing *mautrix.DeviceKeys) {
	if resp != nil {
		for key := range resp.SelfSigningKeys[s.me].Keys {
			if existing.Signatures[s.me][key] != "" {
				c.add(adapters.Finding{Check: "verification", Detail: "the bot's device is verified"})
				return
			}
		}
	}
	f := adapters.Finding{Check: "verification", Verdict: adapters.Warning, Remedy: "copy the recovery key again, or reset the account's secure backup with another client and configure the new one"}
	if c.config.RecoveryKey == "" {
		f.Detail = "the bot's device isn't verified: some clients don't let it read messages, or show a warning"
		f.Remedy = "configure the account's recovery key"
		c.add(f)
		return
	}
	err := c.callRetrying(ctx, "look up secure backup", func(ctx context.Context) error {
		keyID, metadata, err := ssss.NewSSSSMachine(s.client).GetDefaultKeyData(ctx)
		if err == nil {
			_, err = metadata.VerifyRecoveryKey(keyID, c.config.RecoveryKey)
		}
		if _, answered := errors.AsType[mautrix.HTTPError](err); err != nil && !answered && !errors.Is(err, ssss.ErrUnverifiableKey) {
			return calls.Errorf("%w", err)
		}
		if errors.Is(err, ssss.ErrUnverifiableKey) {
			return nil
		}
		return err
	})
	switch {
	case err == nil:
		f = adapters.Finding{Check: "verification", Detail: "the recovery key fits; the bot will verify its device when it runs"}
	case errors.Is(err, ssss.ErrNoDefaultKeyID), calls.HasCode(err, "M_NOT_FOUND"):
		f.Detail, f.Remedy = "a recovery key is configured, but the account has none yet", "set up its secure backup with another client, such as Element, and configure the key that it shows"
	case calls.IsFinal(err):
		f.Detail = "the recovery key does not fit the account"
	default:
		c.addError("", "verification", err)
		return
	}
	c.add(f)
}
