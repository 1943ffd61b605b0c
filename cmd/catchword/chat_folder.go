package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/ukmedlibs/catchword/questions"
)

const (
	// settleTime is how long a changed file must stay as it is before it is read: editors and copies write in several steps.
	settleTime = 300 * time.Millisecond
	// pollInterval is how often the folder is looked at in any case: network drives and containers often tell of no change.
	pollInterval = 10 * time.Second
)

// A chatFolder has the chats of a folder scheduled: those that lie there at first, and whatever is new or changed later.
type chatFolder struct {
	path         string
	schedule     func(context.Context, questions.Chat) error // of a good file
	log          *slog.Logger
	settleTime   time.Duration
	pollInterval time.Duration
	files        map[string]*chatFile // by name
	readError    string               // why the folder could not be read at the last look
}

// A chatFile is what is known of one file.
type chatFile struct {
	text      string // what it read at the last look
	loaded    string // what was last scheduled, or found at fault
	scheduled bool   // whether it was ever scheduled
	missing   bool   // whether it was missing at the last look
	readError string // why it could not be read at the last look
}

func newChatFolder(path string, log *slog.Logger, schedule func(context.Context, questions.Chat) error) *chatFolder {
	return &chatFolder{path: path, schedule: schedule, log: log, settleTime: settleTime, pollInterval: pollInterval, files: map[string]*chatFile{}}
}

// openDatabase takes the files that are there. Faults in them are logged; the error is that there is no such folder.
func (f *chatFolder) open(ctx context.Context) error {
	switch info, err := os.Stat(f.path); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no folder of chat files at %s: make it, or have CATCHWORD_CHATS say where it is", f.path)
	case err != nil:
		return fmt.Errorf("read chat files: %w", err)
	case !info.IsDir():
		return fmt.Errorf("%s is no folder: CATCHWORD_CHATS names the folder of chat files", f.path)
	}
	f.scan(ctx, false)
	if len(f.files) == 0 {
		f.log.Warn("no chat file yet", "folder", f.path)
	}
	return nil
}

// watch takes what is new or changed until ctx is done.
func (f *chatFolder) watch(ctx context.Context) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		f.log.Warn("chat files are looked at now and then alone", "every", f.pollInterval, "error", err)
		watcher = &fsnotify.Watcher{} // which tells of nothing
	} else {
		defer watcher.Close()
	}
	for ctx.Err() == nil {
		if err == nil {
			// Repeated, as a folder that was put in the place of the old one isn't watched. If it fails, we look by ourselves.
			_ = watcher.Add(f.path)
		}
		wait, events := f.pollInterval, watcher.Events
		if !f.scan(ctx, true) {
			wait, events = f.settleTime, nil
		}
		select {
		case <-ctx.Done():
		case <-events:
		case err := <-watcher.Errors:
			f.log.Warn("cannot watch chat files", "error", err)
		case <-time.After(wait):
		}
	}
}

// look takes the files that have changed; if patient, those alone that were the same at the look before. It returns
// false if it has to look again soon.
func (f *chatFolder) scan(ctx context.Context, patient bool) (settled bool) {
	settled = true
	files, err := f.list()
	if err != nil {
		if f.readError != err.Error() {
			f.log.Error("cannot read chat files", "error", err)
		}
		f.readError = err.Error()
		return true
	}
	f.readError = ""
	for _, name := range files {
		file, known := f.files[name]
		if !known {
			file = new(chatFile)
			f.files[name] = file
		}
		text, err := f.readFile(name, file)
		if err != nil {
			continue
		}
		file.missing = false
		if patient && (!known || text != file.text) {
			file.text, settled = text, false
			continue
		}
		if file.text = text; text != file.loaded {
			f.load(ctx, name, file)
		}
	}
	for name, file := range f.files {
		if slices.Contains(files, name) {
			continue
		}
		if !file.missing { // an editor may be about to put a new one in its place
			file.missing, settled = true, false
			continue
		}
		delete(f.files, name)
		if file.scheduled {
			f.log.Warn("chat file is gone, and its chat goes on: to call it off, have its host end it", "file", f.filePath(name))
		}
	}
	return settled
}

// list names the chat files: those that end in .md, but for what editors put beside them.
func (f *chatFolder) list() (names []string, err error) {
	entries, err := os.ReadDir(f.path)
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".md") && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "#") && !e.IsDir() {
			names = append(names, name)
		}
	}
	return names, err
}

// readFile reads a file, and logs once why it can't be read.
func (f *chatFolder) readFile(name string, file *chatFile) (string, error) {
	text, err := os.ReadFile(f.filePath(name))
	switch {
	case err == nil:
		file.readError = ""
	case !errors.Is(err, fs.ErrNotExist) && file.readError != err.Error():
		f.log.Error("cannot read a chat file", "error", err)
		file.readError = err.Error()
	}
	return string(text), err
}

func (f *chatFolder) filePath(name string) string { return filepath.Join(f.path, name) }

// load schedules a file's chat. A file with faults changes nothing: the last good version stays.
func (f *chatFolder) load(ctx context.Context, name string, file *chatFile) {
	chat, err := questions.ParseChat(strings.TrimSuffix(name, ".md"), []byte(file.text))
	if faults, faulty := errors.AsType[questions.Faults](err); faulty {
		for _, fault := range faults {
			f.log.Error("fault in a chat file", "at", fmt.Sprintf("%s:%d:%d", f.filePath(name), fault.Line, fault.Column), "fault", fault.Message)
		}
		if file.scheduled {
			f.log.Warn("the chat stays as it was before these faults", "file", f.filePath(name))
		}
		file.loaded = file.text
		return
	}
	if err := f.schedule(ctx, chat); err != nil {
		if ctx.Err() == nil {
			f.log.Error("cannot schedule", "file", f.filePath(name), "error", err) // and is tried again at the next look
		}
		return
	}
	file.loaded, file.scheduled = file.text, true
}
