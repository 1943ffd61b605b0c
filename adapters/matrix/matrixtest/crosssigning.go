//go:build goolm && linux

package matrixtest

import (
	"context"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/id"
)

// SetUpCrossSigning gives an account the keys that sign its devices, with a device of its own that is not used again,
// as an owner does with a first client. It returns the recovery key. It may be called once for each account.
func (s *Server) SetUpCrossSigning(a Account) (recoveryKey string) {
	s.t.Helper()
	c := s.Client(s.Login(a))
	c.StateStore = mautrix.NewMemoryStateStore()
	keys := crypto.NewOlmMachine(c, nil, crypto.NewMemoryStore(nil), c.StateStore.(crypto.StateStore))
	defer keys.Destroy()
	ctx := context.Background()
	err := keys.Load(ctx)
	if err == nil {
		err = keys.ShareKeys(ctx, -1)
	}
	if err == nil {
		recoveryKey, err = keys.GenerateAndVerifyWithRecoveryKey(ctx)
	}
	if err != nil {
		s.t.Fatalf("sign the account %s: %v", a.ID, err)
	}
	return recoveryKey
}

// TrustsDevice tells whether the person's client trusts a device as its user's own: whether it is signed.
func (p *Person) TrustsDevice(user id.UserID, device id.DeviceID) bool {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	ctx := context.Background()
	p.sync(ctx)
	devices, err := p.keys.FetchKeys(ctx, []id.UserID{user}, true)
	p.must(err, "fetch keys")
	d := devices[user][device]
	return d != nil && p.keys.IsDeviceTrusted(ctx, d)
}

// RequireVerified has the person's client share keys with signed devices alone, as some clients can be told to.
func (p *Person) RequireVerified() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys.SendKeysMinTrust = id.TrustStateCrossSignedTOFU
}
