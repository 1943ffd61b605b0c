package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
)

// file is what was attached to a message. Its address is Slack's own where there is one: a file of another service, which
// people can attach as well, has that service's.
func (s *Slack) file(f slackgo.File) adapters.File {
	received := adapters.File{Name: f.Name, Type: f.Mimetype, Size: int64(f.Size), URL: f.URLPrivate}
	if !s.isSlacks(f.URLPrivate) {
		received.URL = firstHTTPS(f.URLPrivate, f.Permalink)
	}
	if received.Name == "" {
		received.Name = f.Title
	}
	return received
}

// isSlacks tells whether the bot's token may be sent to an address: only to the host of the Web API, and to those below
// it, such as files.slack.com, in the same way.
func (s *Slack) isSlacks(address string) bool {
	api, err := url.Parse(s.config.APIURL)
	if err != nil {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && u.User == nil && u.Scheme == api.Scheme &&
		(u.Host == api.Host || strings.HasSuffix(u.Host, "."+strings.TrimPrefix(api.Host, "www.")))
}

// errSignIn is what Slack has for those who may not see a file: it sends them to a page of HTML, with status 200.
var errSignIn = errors.New("got a page to sign in instead: is the scope files:read granted, and the file still there?")

// Download opens a file of the workspace.
func (s *Slack) Download(ctx context.Context, f adapters.File) (io.ReadCloser, string, error) {
	if !s.isSlacks(f.URL) {
		return nil, "", errors.New("slack: the file lies with another service")
	}
	fail := func(err error) (io.ReadCloser, string, error) {
		// The error's own chain is cut off, for it names the address.
		return nil, "", fmt.Errorf("slack: download a file: %s", s.secrets.Mask(err.Error()))
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL, nil)
	if err != nil {
		return fail(errors.New("its address can't be read"))
	}
	r.Header.Set("Authorization", "Bearer "+s.config.BotToken)
	client := *s.config.HTTPClient
	client.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		if !s.isSlacks(next.URL.String()) || len(via) > 3 {
			return errSignIn
		}
		return nil
	}
	resp, err := client.Do(r)
	if errors.Is(err, errSignIn) {
		return fail(errSignIn)
	}
	if err != nil {
		return nil, "", &adapters.RetryError{Err: errors.New("slack: download a file: no connection")}
	}
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode == http.StatusOK && mediaType != "text/html" {
		return resp.Body, mediaType, nil
	}
	_ = resp.Body.Close() // nothing of it is wanted
	switch {
	case resp.StatusCode == http.StatusOK:
		return fail(errSignIn)
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode >= http.StatusInternalServerError:
		return nil, "", &adapters.RetryError{Err: errors.New("slack: download a file: " + resp.Status)}
	default:
		return fail(errors.New(resp.Status))
	}
}
