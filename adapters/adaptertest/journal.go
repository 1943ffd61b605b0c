package adaptertest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ukmedlibs/catchword/adapters"
)

// A journal is the log of a platform on disk. Processes that may be killed at any moment share it. The caller of its
// methods holds its lock, except for grewPast.
type journal struct {
	file   *os.File
	offset int64 // up to where this process has read
}

func openJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &journal{file: f}, nil
}

func (j *journal) Close() error  { return j.file.Close() }
func (j *journal) lock() error   { return lockFile(j.file) }
func (j *journal) unlock() error { return unlockFile(j.file) }

// read returns the new events. It cuts off half a line: because this process holds the lock, its writer has died.
func (j *journal) read() ([]Event, error) {
	unread, err := io.ReadAll(io.NewSectionReader(j.file, j.offset, 1<<62))
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	whole := bytes.LastIndexByte(unread, '\n') + 1
	if whole < len(unread) {
		if err := j.file.Truncate(j.offset + int64(whole)); err != nil {
			return nil, fmt.Errorf("cut half a line off the journal: %w", err)
		}
	}
	var events []Event
	for line := range bytes.Lines(unread[:whole]) {
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("read journal: line %q: %w", line, err)
		}
		events = append(events, e)
	}
	j.offset += int64(whole)
	return events, nil
}

func (j *journal) write(e Event) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	n, err := j.file.Write(append(line, '\n'))
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	j.offset += int64(n)
	return nil
}

// grewPast tells, without the lock, whether there may be new events.
func (j *journal) grewPast(offset int64) bool {
	info, err := j.file.Stat()
	return err != nil || info.Size() != offset
}

// loadCursor reads the cursor of a platform's adapter. If there is no file, nothing was received yet.
func (j *journal) loadCursor() (map[adapters.RoomID]int64, error) {
	received := map[adapters.RoomID]int64{}
	data, err := os.ReadFile(j.cursorPath())
	if errors.Is(err, os.ErrNotExist) {
		return received, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &received)
	}
	if err != nil {
		return nil, fmt.Errorf("read cursor: %w", err)
	}
	return received, nil
}

// saveCursor replaces the whole file of the cursor, so that a kill leaves either the old one or the new one.
func (j *journal) saveCursor(received map[adapters.RoomID]int64) error {
	data, err := json.Marshal(received)
	if err != nil {
		return fmt.Errorf("write cursor: %w", err)
	}
	fresh := j.cursorPath() + ".new"
	if err := os.WriteFile(fresh, data, 0o600); err != nil {
		return fmt.Errorf("write cursor: %w", err)
	}
	if err := os.Rename(fresh, j.cursorPath()); err != nil {
		return fmt.Errorf("write cursor: %w", err)
	}
	return nil
}

func (j *journal) cursorPath() string { return filepath.Clean(j.file.Name()) + ".cursor" }
