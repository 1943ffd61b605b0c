package matrix

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/attachment"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
)

// fileOf is the file of a message that has one.
func fileOf(e *event.Event, c *event.MessageEventContent) (adapters.File, bool) {
	if !c.MsgType.IsMedia() && e.Type.Type != event.EventSticker.Type {
		return adapters.File{}, false
	}
	file := adapters.File{Name: adapters.CleanFileName(c.GetFileName())}
	switch {
	case c.File != nil && isOnHomeserver(c.File.URL):
		file.URL = encryptedURL(c.File)
	case c.File == nil && isOnHomeserver(c.URL):
		file.URL = string(c.URL)
	}
	if c.Info != nil {
		file.Type, file.Size = c.Info.MimeType, max(0, int64(c.Info.Size))
	}
	return file, true
}

// isOnHomeserver reports whether a URL is of a file on a homeserver, and not on any other machine.
func isOnHomeserver(address id.ContentURIString) bool {
	uri, err := address.Parse()
	return err == nil && !uri.IsEmpty()
}

// encryptedURL is the URL of an encrypted file, with its key after a "#".
func encryptedURL(f *event.EncryptedFileInfo) string {
	keyInfo, err := json.Marshal(f.EncryptedFile)
	if err != nil { // can't happen: there are only strings
		return string(f.URL)
	}
	return string(f.URL) + "#" + base64.RawURLEncoding.EncodeToString(keyInfo)
}

// Download opens a file through the account's homeserver, wherever it was uploaded:
// https://spec.matrix.org/latest/client-server-api/#get_matrixclientv1mediadownloadservernamemediaid
func (m *Matrix) Download(ctx context.Context, f adapters.File) (io.ReadCloser, string, error) {
	const what = "download a file"
	address, keyInfo, encrypted := strings.Cut(f.URL, "#")
	uri, err := id.ContentURIString(address).Parse()
	if err != nil || uri.IsEmpty() {
		return nil, "", errors.New("matrix: the file is not on a homeserver")
	}
	var key attachment.EncryptedFile
	if encrypted {
		raw, err := base64.RawURLEncoding.DecodeString(keyInfo)
		if err == nil {
			err = json.Unmarshal(raw, &key)
		}
		if err == nil {
			err = key.PrepareForDecryption()
		}
		if err != nil {
			return nil, "", errors.New("matrix: the file is encrypted in an unknown way")
		}
	}
	client, err := m.downloadClient(ctx)
	if err != nil {
		return nil, "", err
	}
	resp, err := client.Download(ctx, uri)
	if err != nil {
		return nil, "", m.classify(what, "", err)
	}
	if encrypted {
		return &decryptedFile{key.DecryptStream(resp.Body), resp.Body}, "", nil
	}
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return resp.Body, mediaType, nil
}

// downloadClient is a client with the account's token. If this adapter has no session, another process may have one, so
// it does not touch the keys of the device.
func (m *Matrix) downloadClient(ctx context.Context) (*mautrix.Client, error) {
	if s := m.currentSession(); s != nil {
		return s.client, nil
	}
	token := m.config.AccessToken
	if token == "" {
		if err := m.tables.upgrade(ctx); err != nil {
			return nil, err
		}
		d, err := m.tables.device(ctx)
		if err != nil {
			return nil, err
		}
		if token = d.token; token == "" {
			return nil, errors.New("matrix: the account has not logged in yet; it will when the bot runs")
		}
		m.secrets.Add(token)
	}
	address, err := m.findHomeserver(ctx)
	if err != nil {
		return nil, err
	}
	return &mautrix.Client{
		HomeserverURL: address, UserAgent: "catchword " + mautrix.DefaultUserAgent, Client: m.config.HTTPClient, Log: zerologFor(m.log), AccessToken: token,
	}, nil
}

// A decryptedFile decrypts a file as it is read. It ends with an error if the file was changed.
type decryptedFile struct {
	plain  io.ReadSeekCloser
	source io.Closer
}

func (u *decryptedFile) Read(p []byte) (int, error) {
	n, err := u.plain.Read(p)
	if errors.Is(err, io.EOF) {
		if bad := u.plain.Close(); errors.Is(bad, attachment.ErrHashMismatch) {
			return n, fmt.Errorf("matrix: the file was changed: %w", bad)
		}
	}
	return n, err
}

func (u *decryptedFile) Close() error { return u.source.Close() }
