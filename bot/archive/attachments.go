package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// Limits on the files that people attach to their answers.
const (
	maxFileSize  = 20 << 20  // bytes
	maxFiles     = 500       // in a chat
	maxTotalSize = 500 << 20 // in a chat
	fetchTimeout = time.Minute
)

// filesDir is the folder, within a chat's, of files that were attached to answers.
const filesDir = "files"

// Why a file is not kept. The texts of errors are not published: they may hold an address, or differ each time.
const (
	lostFetchFailed    = "it could not be fetched"
	lostTooLarge       = "it is larger than 20 MB"
	lostTypeNotAllowed = "files of this kind are not kept"
	lostTypeMismatch   = "its content is not what its type says"
	lostTooMany        = "too many files were attached to this chat"
	lostMissing        = "it was not next to chat.json"
	lostNotRequested   = "" // nobody asked for files to be kept
)

// A Fetch opens a file that was attached to an answer, with the bot's access to its platform, and returns the media
// type that the platform gives, "" if none. The archive closes the body, reads no more than 20 MB of it and ends ctx
// after a minute. An error loses that file and nothing else; Fetch logs it if it matters.
type Fetch func(ctx context.Context, a questions.Answer, f questions.File) (body io.ReadCloser, mediaType string, err error)

// An earlierArchive is what the previous archive of a chat has: its files, and, for a rebuild, its record.
type earlierArchive struct {
	dir      *os.Root
	files    map[string]recordFile // by source
	isSource bool                  // the transcript itself was read from its record
	hasPages bool                  // which knows all pages
	next     *recordNext           // the chat after it, as the record has it
}

// attachments keep the files of a chat's answers in the folder, named after their digests, or note why not. Each is
// fetched once. Files that an earlier archive has are copied from there: the platform may have deleted them.
type attachments struct {
	dir     *os.Root // of the folder in the making
	fetch   Fetch    // nil for none
	earlier earlierArchive

	files  map[string]recordFile // by source
	stored int
	bytes  int64
}

// newAttachments uses the earlier archive in the chat's folder, unless one is given.
func newAttachments(d *stagingDir, fetch Fetch, from *earlierArchive) *attachments {
	s := &attachments{dir: d.dir, fetch: fetch, files: map[string]recordFile{}}
	if from != nil {
		s.earlier, s.fetch = *from, nil
		return s
	}
	if _, err := d.root.Stat(d.slug + "/" + filesDir); err != nil {
		return s
	}
	dir, err := d.root.OpenRoot(d.slug)
	if err != nil {
		return s
	}
	s.earlier.dir = dir
	if f, err := dir.Open("chat.json"); err == nil {
		defer f.Close()
		if r, err := readRecord(f); err == nil {
			s.earlier.files = r.files
		}
	}
	return s
}

func (s *attachments) close() {
	if s.earlier.dir != nil && !s.earlier.isSource {
		s.earlier.dir.Close() // it was only read
	}
}

// fileDigest identifies a file without publishing its address.
func fileDigest(f questions.File) string { return "f-" + digest(f.URL, f.Name) }

// keep stores the files of one answer, as the transcript has it.
func (s *attachments) keep(ctx context.Context, a questions.Answer) error {
	if a.Withdrawn {
		return nil
	}
	for _, f := range a.Files {
		source := f.URL
		if !s.earlier.isSource {
			source = fileDigest(f)
		}
		if _, done := s.files[source]; done {
			continue
		}
		if len(s.files) >= maxFiles {
			return nil // what isn't there is one too many
		}
		kept, lost, err := s.copyOrFetch(ctx, a, f, source)
		if err != nil {
			return fmt.Errorf("keep a file: %w", err)
		}
		s.files[source] = recordFile{Kept: kept, Lost: lost}
		if kept != nil {
			s.stored++
			s.bytes += kept.Size
		}
	}
	return nil
}

// copyOrFetch takes a file from the earlier archive, or else from its platform.
func (s *attachments) copyOrFetch(ctx context.Context, a questions.Answer, f questions.File, source string) (*recordKept, string, error) {
	old, had := s.earlier.files[source]
	if had && old.Kept != nil {
		if kept, lost, err := s.copy(*old.Kept); lost == "" || err != nil {
			return kept, lost, err
		}
	}
	switch {
	case s.earlier.isSource && had && old.Kept == nil:
		return nil, old.Lost, nil
	case s.earlier.isSource && had:
		return nil, lostMissing, nil
	case s.fetch == nil:
		return nil, lostNotRequested, nil
	case f.Size > maxFileSize:
		return nil, lostTooLarge, nil
	case s.bytes+f.Size > maxTotalSize:
		return nil, lostTooMany, nil
	}
	limited, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	body, mediaType, err := s.fetch(limited, a, f)
	if err != nil {
		return nil, lostFetchFailed, ctx.Err()
	}
	defer body.Close()
	return s.store(body, f.Type, mediaType)
}

// keptPath matches the paths of kept files. Nothing else is opened, whatever a record says.
var keptPath = regexp.MustCompile(`^` + filesDir + `/[0-9a-f]{64}\.[a-z0-9]{2,4}$`)

func (s *attachments) copy(old recordKept) (*recordKept, string, error) {
	if s.earlier.dir == nil || !keptPath.MatchString(old.Path) {
		return nil, lostMissing, nil
	}
	f, err := s.earlier.dir.Open(old.Path)
	if err != nil {
		return nil, lostMissing, nil //nolint:nilerr // stated in the archive
	}
	defer f.Close()
	kept, lost, err := s.store(f, old.Type)
	if kept != nil && kept.SHA256 != old.SHA256 {
		err = errors.Join(err, s.dir.Remove(kept.Path))
		return nil, lostMissing, err
	}
	return kept, lost, err
}

// store writes a file into the folder, if its type is allowed and matches the declared types.
func (s *attachments) store(body io.Reader, said ...string) (kept *recordKept, lost string, err error) {
	if err := s.dir.Mkdir(filesDir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, "", err
	}
	r := &errorReader{r: body}
	head := make([]byte, sniffLen)
	n, _ := io.ReadFull(r, head) // a short file is one too; r keeps what else went wrong
	if r.err != nil {
		return nil, lostFetchFailed, nil
	}
	head = head[:n]
	kind, lost := detectFileType(head, said...)
	if lost != "" {
		return nil, lost, nil
	}
	const part = filesDir + "/part"
	f, err := s.dir.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, "", err
	}
	sum := sha256.New()
	w := io.MultiWriter(f, sum)
	_, err = w.Write(head)
	size := int64(n)
	if err == nil {
		var more int64
		more, err = io.Copy(w, io.LimitReader(r, maxFileSize+1-size))
		size += more
	}
	if r.err != nil {
		lost, err = lostFetchFailed, nil
	} else if size > maxFileSize {
		lost = lostTooLarge
	} else if s.bytes+size > maxTotalSize {
		lost = lostTooMany
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, "", err
	}
	if lost != "" {
		return nil, lost, s.dir.Remove(part)
	}
	digest := hex.EncodeToString(sum.Sum(nil))
	kept = &recordKept{Path: filesDir + "/" + digest + kind.extension, Type: kind.mediaType, Size: size, SHA256: digest}
	return kept, "", s.dir.Rename(part, kept.Path)
}

// An errorReader remembers its reader's error, to tell it from one of the writer's.
type errorReader struct {
	r   io.Reader
	err error
}

func (f *errorReader) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // readers return it bare
		f.err = err
	}
	return n, err
}
