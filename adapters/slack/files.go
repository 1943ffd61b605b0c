package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
)

// files converts the files of a message, and of messages that it shares.
func (s *Slack) files(m *slackMessage) (files []adapters.File) {
	all := m.Files
	for _, a := range m.Attachments {
		if a.IsShare {
			all = slices.Concat(all, a.Files)
		}
	}
	for _, f := range all {
		if f.Mode != "tombstone" { // deleted
			files = append(files, s.file(f))
		}
	}
	return files
}

// receiveFile receives the deletion of a file from everywhere. Its ID is part of all its addresses.
func (s *Slack) receiveFile(_ *identity, d eventPayload) (*event, error) {
	var e struct {
		FileID string `json:"file_id"`
		TS     string `json:"event_ts"`
	}
	if err := json.Unmarshal(d.Event, &e); err != nil || e.FileID == "" {
		return nil, err
	}
	return resolvedEvent(&adapters.FileDeleted{URLPart: e.FileID + "/", At: parseTS(e.TS)}, e.FileID), nil
}

// file converts an attached file. If it is at another service, its URL is that service's.
func (s *Slack) file(f slackgo.File) adapters.File {
	received := adapters.File{Name: adapters.CleanFileName(cmp.Or(f.Name, f.Title)), Type: f.Mimetype, Size: int64(f.Size), URL: f.URLPrivate}
	if !s.isSlacks(f.URLPrivate) {
		received.URL = firstHTTPS(f.URLPrivate, f.Permalink)
	}
	return received
}

// isSlacks reports whether the bot token may be sent to an address: only to the host of the Web API and its subdomains,
// such as files.slack.com, with the same scheme.
func (s *Slack) isSlacks(address string) bool {
	api, err := url.Parse(s.config.APIURL)
	if err != nil {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && u.User == nil && u.Scheme == api.Scheme &&
		(u.Host == api.Host || strings.HasSuffix(u.Host, "."+strings.TrimPrefix(api.Host, "www.")))
}

// errSignIn means that the bot may not see a file: Slack then serves an HTML page with status 200.
var errSignIn = errors.New("got a sign-in page instead: check that the scope files:read is granted and the file still exists")

// Download opens a file of the workspace.
func (s *Slack) Download(ctx context.Context, f adapters.File) (io.ReadCloser, string, error) {
	if !s.isSlacks(f.URL) {
		return nil, "", errors.New("slack: the file is at another service")
	}
	fail := func(err error) (io.ReadCloser, string, error) {
		// The chain ends here: it contains the address.
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
	_ = resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusOK:
		return fail(errSignIn)
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode >= http.StatusInternalServerError:
		return nil, "", &adapters.RetryError{Err: errors.New("slack: download a file: " + resp.Status)}
	default:
		return fail(errors.New(resp.Status))
	}
}
