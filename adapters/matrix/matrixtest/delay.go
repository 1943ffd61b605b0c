//go:build goolm && linux

package matrixtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"maunium.net/go/mautrix/id"
)

// A delayTransport carries a person's calls. It can hold back the keys for other people's devices.
type delayTransport struct {
	next http.RoundTripper

	mu      sync.Mutex
	holdFor map[id.UserID]bool
	held    []*http.Request
}

// HoldKeys holds back the keys of the person's messages from somebody, who can't read them until then, as when the
// network or a slow client delays them. It starts a new session, because only new ones are affected.
func (p *Person) HoldKeys(from id.UserID) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.shared)
	p.transport.mu.Lock()
	defer p.transport.mu.Unlock()
	p.transport.holdFor = map[id.UserID]bool{from: true}
}

// ReleaseKeys sends the keys that were held back. Those of later messages are sent at once.
func (p *Person) ReleaseKeys() {
	p.t.Helper()
	p.transport.mu.Lock()
	held := p.transport.held
	p.transport.holdFor, p.transport.held = nil, nil
	p.transport.mu.Unlock()
	for _, r := range held {
		resp, err := p.transport.next.RoundTrip(r)
		p.must(err, "send keys")
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			p.t.Fatalf("%s can't send keys: %s", p.name, resp.Status)
		}
	}
}

func (b *delayTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.holdFor == nil || !strings.Contains(r.URL.Path, "/sendToDevice/m.room.encrypted/") {
		return b.next.RoundTrip(r)
	}
	var sent, kept toDeviceBody
	if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
		return nil, fmt.Errorf("read what is sent to devices: %w", err)
	}
	kept.Messages = map[id.UserID]json.RawMessage{}
	for user := range b.holdFor {
		if m, ok := sent.Messages[user]; ok {
			kept.Messages[user] = m
			delete(sent.Messages, user)
		}
	}
	if len(kept.Messages) > 0 {
		later := r.Clone(context.WithoutCancel(r.Context()))
		later.URL = r.URL.JoinPath() // its own copy
		later.URL.Path += "-held"    // another transaction
		later.URL.RawPath = ""
		b.held = append(b.held, kept.setBody(later))
	}
	return b.next.RoundTrip(sent.setBody(r))
}

// toDeviceBody are the body of a call that sends to devices.
type toDeviceBody struct {
	Messages map[id.UserID]json.RawMessage `json:"messages"`
}

// setBody sets the body of r.
func (l toDeviceBody) setBody(r *http.Request) *http.Request {
	body, _ := json.Marshal(l) // of JSON that was read
	r.Body, r.ContentLength, r.GetBody = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	return r
}
