package matrix

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"maunium.net/go/mautrix/crypto/attachment"
	"maunium.net/go/mautrix/event"

	"github.com/ukmedlibs/catchword/adapters"
)

// Reading an encrypted file gives what was encrypted, or an error before its end: readers needn't wait for Close.
func TestDecryptedFile(t *testing.T) {
	want := bytes.Repeat([]byte("our poster "), 10_000)
	sealing := attachment.NewEncryptedFile()
	cipher := bytes.Clone(want)
	sealing.EncryptInPlace(cipher)
	key := attachment.EncryptedFile{Key: sealing.Key, InitVector: sealing.InitVector, Hashes: sealing.Hashes, Version: sealing.Version}
	if err := key.PrepareForDecryption(); err != nil {
		t.Fatal(err)
	}
	read := func(sent []byte) ([]byte, error) {
		source := io.NopCloser(bytes.NewReader(sent))
		f := &decryptedFile{key.DecryptStream(source), source}
		got, err := io.ReadAll(f)
		return got, errors.Join(err, f.Close())
	}
	if got, err := read(cipher); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %d bytes, %v, want the %d that were encrypted", len(got), err, len(want))
	}
	changed := bytes.Clone(cipher)
	changed[len(changed)/2] ^= 1
	for name, sent := range map[string][]byte{"changed": changed, "cut off": cipher[:len(cipher)/2], "empty": nil} {
		if _, err := read(sent); !errors.Is(err, attachment.ErrHashMismatch) {
			t.Errorf("%s: got error %v, want one that says so", name, err)
		}
	}
}

// Addresses that are not files on a homeserver, and unknown encryption, are refused before any request is made.
func TestDownloadRejectsForeignURLs(t *testing.T) {
	m := &Matrix{}
	unknown := event.EncryptedFileInfo{EncryptedFile: *attachment.NewEncryptedFile(), URL: "mxc://example.org/abc"}
	unknown.Version = "v9"
	for _, address := range []string{"", "mxc://", "mxc://example.org", "https://example.org/a.png", "file:///etc/passwd", "mxc://example.org/abc#!", "mxc://example.org/abc#e30", encryptedURL(&unknown)} {
		if body, _, err := m.Download(t.Context(), adapters.File{URL: address}); err == nil {
			t.Errorf("%q: got %v, want an error", address, body)
		}
	}
}
