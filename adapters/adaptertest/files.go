package adaptertest

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/ukmedlibs/catchword/adapters"
)

// A File is what a person uploads.
type File struct {
	Name string `json:"name"`
	Type string `json:"type,omitzero"` // media type
	Data []byte `json:"data,omitzero"`
}

// fileScheme begins the addresses of a platform's files, which are no web addresses.
const fileScheme = "fake://"

// files are those of an event as adapters hear of them.
func (e Event) files() (all []adapters.File) {
	for i, f := range e.Files {
		all = append(all, adapters.File{Name: f.Name, Type: f.Type, Size: int64(len(f.Data)), URL: fmt.Sprintf("%s%d/%d", fileScheme, e.N, i)})
	}
	return all
}

// Download opens a file for as long as its message is there.
func (f *Fake) Download(ctx context.Context, wanted adapters.File) (body io.ReadCloser, mediaType string, err error) {
	p := f.platform
	p.mu.Lock()
	latency := p.faults.RequestLatency
	p.mu.Unlock()
	if err := sleep(ctx, latency); err != nil {
		return nil, "", err
	}
	err = p.withLock(func() error {
		var n, i int
		_, _ = fmt.Sscanf(wanted.URL, fileScheme+"%d/%d", &n, &i) // what it doesn't read names no file
		if n < 1 || n > len(p.log) {
			return fmt.Errorf("download: %s has no file %q", p.name, wanted.URL)
		}
		e := p.log[n-1]
		known := e.files()
		if i >= len(known) || known[i].URL != wanted.URL || p.mustRoom(string(e.Room)).byID[e.ID].Deleted {
			return fmt.Errorf("download: %s has no file %q", p.name, wanted.URL)
		}
		body, mediaType = io.NopCloser(bytes.NewReader(e.Files[i].Data)), known[i].Type
		return nil
	})
	return body, mediaType, err
}
