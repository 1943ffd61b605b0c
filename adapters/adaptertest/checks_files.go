package adaptertest

import (
	"bytes"
	"errors"
	"io"

	"github.com/ukmedlibs/catchword/adapters"
)

func checkDownloader(s *fixture) {
	d, ok := s.adapter.(adapters.Downloader)
	if !ok || s.Upload == nil {
		s.Skip("the adapter is no Downloader, or the harness has no files")
	}
	s.startRun(nil)
	want := File{Name: "our poster.png", Type: "image/png", Data: append([]byte("\x89PNG\r\n\x1a\n"), unique()...)}
	m := s.waitMessage(s.Upload(s.TB, "a poster "+unique(), want))
	if len(m.Files) != 1 || m.Files[0].Name != want.Name {
		s.Fatalf("received files %+v, want one called %q", m.Files, want.Name)
	}
	// By an adapter that receives nothing, too: an archive may be written while nobody listens.
	stopped, _ := s.New(s.TB).(adapters.Downloader)
	for _, d := range []adapters.Downloader{d, stopped} {
		got, mediaType, err := download(s, d, m.Files[0])
		if errors.Is(err, errors.ErrUnsupported) {
			s.Skipf("without the permission: %v", err)
		}
		if err != nil || !bytes.Equal(got, want.Data) || mediaType != "" && mediaType != want.Type {
			s.Errorf("Download: got %q of type %q, %v, want %q of type %s", got, mediaType, err, want.Data, want.Type)
		}
	}
	for _, other := range []string{"", "https://127.0.0.1:1/poster.png", "file:///etc/passwd"} {
		stranger := m.Files[0]
		stranger.URL = other
		if got, _, err := download(s, d, stranger); err == nil {
			s.Errorf("Download of %q: got %q, want an error", other, got)
		}
	}
}

func download(s *fixture, d adapters.Downloader, f adapters.File) (data []byte, mediaType string, err error) {
	body, mediaType, err := d.Download(s.Context(), f)
	if err != nil {
		return nil, "", err
	}
	data, err = io.ReadAll(body)
	return data, mediaType, errors.Join(err, body.Close())
}
