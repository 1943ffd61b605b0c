package matrix

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// findHomeserver finds the address of the homeserver's API, if necessary through the server's .well-known file:
// https://spec.matrix.org/latest/client-server-api/#server-discovery
func (m *Matrix) findHomeserver(ctx context.Context) (*url.URL, error) {
	given := m.config.Homeserver
	if given == "" {
		given = id.UserID(m.config.User).Homeserver()
	}
	if given == "" {
		return nil, calls.Errorf("no homeserver is configured")
	}
	if address, err := url.Parse(given); err == nil && address.Host != "" && (address.Scheme == "https" || address.Scheme == "http") {
		if err := m.probe(ctx, address); err == nil {
			return address, nil
		} else if !calls.IsFinal(err) {
			return nil, err
		}
		given = address.Host
	}
	known, err := mautrix.DiscoverClientAPIWithClient(ctx, m.config.HTTPClient, given)
	if err != nil {
		return nil, &adapters.RetryError{Err: fmt.Errorf("ask %s for its homeserver: %w", given, err)}
	}
	address := &url.URL{Scheme: "https", Host: given}
	if known != nil && known.Homeserver.BaseURL != "" {
		if address, err = url.Parse(known.Homeserver.BaseURL); err != nil || address.Host == "" || address.Scheme != "https" {
			return nil, calls.Errorf("%s says that its homeserver is at %q, which is not an https address: ask its admin, or configure the address", given, known.Homeserver.BaseURL)
		}
	}
	if err := m.probe(ctx, address); err != nil {
		return nil, err
	}
	return address, nil
}

// probe checks that there is a homeserver at an address. A *RetryError says that nothing has answered.
func (m *Matrix) probe(ctx context.Context, address *url.URL) error {
	client := &mautrix.Client{HomeserverURL: address, Client: m.config.HTTPClient, Log: zerolog.Nop()}
	_, err := client.Versions(ctx)
	resp, ok := errors.AsType[mautrix.HTTPError](err)
	switch {
	case err == nil:
		return nil
	case ok && resp.Response != nil && resp.Response.StatusCode < http.StatusInternalServerError && resp.Response.StatusCode != http.StatusTooManyRequests:
		return calls.Errorf("there is no homeserver at %s: write its address like https://matrix.example.org", address.Redacted())
	default:
		return &adapters.RetryError{Err: fmt.Errorf("the homeserver at %s does not answer: %s", address.Redacted(), m.secrets.Mask(err.Error()))}
	}
}
