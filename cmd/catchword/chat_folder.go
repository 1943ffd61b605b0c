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
	// settleTime is how long a changed file must stay the same before it is read: editors write files in several steps.
	settleTime = 300 * time.Millisecond
	// pollInterval is how often the folder is read in any case: network drives and containers often don't report
	// changes.
	pollInterval = 10 * time.Second
)

// A chatFolder schedules the chats of a folder: those that exist at first, and new and changed ones later.
type chatFolder struct {
	path         string
	schedule     func(context.Context, questions.Chat) error // called for valid files
	log          *slog.Logger
	settleTime   time.Duration
	pollInterval time.Duration
	files        map[string]*chatFile // by name
	readError    string               // why the last scan could not read the folder
}

// A chatFile is the state of one file.
type chatFile struct {
	text      string // its text at the last scan
	loaded    string // the text that was last scheduled, or had faults
	scheduled bool   // whether it was ever scheduled
	missing   bool   // whether it was missing at the last scan
	readError string // why the last scan could not read it
}

func newChatFolder(path string, log *slog.Logger, schedule func(context.Context, questions.Chat) error) *chatFolder {
	return &chatFolder{path: path, schedule: schedule, log: log, settleTime: settleTime, pollInterval: pollInterval, files: map[string]*chatFile{}}
}

// open schedules the existing files. It logs faults in them, and returns an error if there is no such folder.
func (f *chatFolder) open(ctx context.Context) error {
	switch info, err := os.Stat(f.path); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no folder of chat files at %s: create it, or set CATCHWORD_CHATS", f.path)
	case err != nil:
		return fmt.Errorf("read chat files: %w", err)
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder: set CATCHWORD_CHATS to the folder of chat files", f.path)
	}
	f.scan(ctx, false)
	if len(f.files) == 0 {
		f.log.Warn("the chat folder is empty", "folder", f.path)
	}
	return nil
}

// watch schedules new and changed files until ctx is done.
func (f *chatFolder) watch(ctx context.Context) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		f.log.Warn("cannot watch the chat folder, polling it instead", "every", f.pollInterval, "error", err)
		watcher = &fsnotify.Watcher{} // which reports nothing
	} else {
		defer watcher.Close()
	}
	for ctx.Err() == nil {
		if err == nil {
			// Repeated, because a folder that replaced the old one isn't watched. If it fails, we still poll.
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

// scan schedules the files that have changed; if patient, only those that were the same at the previous scan. It
// returns false if another scan is needed soon.
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
		if !file.missing { // an editor may be about to replace it
			file.missing, settled = true, false
			continue
		}
		delete(f.files, name)
		if file.scheduled {
			f.log.Warn("chat file was removed; its chat still runs. To cancel it, a host sends end", "file", f.filePath(name))
		}
	}
	return settled
}

// list lists the chat files: those that end in .md, without the temporary files of editors.
func (f *chatFolder) list() (names []string, err error) {
	entries, err := os.ReadDir(f.path)
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".md") && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "#") && !e.IsDir() {
			names = append(names, name)
		}
	}
	return names, err
}

// readFile reads a file. If it can't, it logs the reason once.
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

// load schedules a file's chat. If the file has faults, the last valid version stays.
func (f *chatFolder) load(ctx context.Context, name string, file *chatFile) {
	chat, err := questions.ParseChat(strings.TrimSuffix(name, ".md"), []byte(file.text))
	if faults, faulty := errors.AsType[questions.Faults](err); faulty {
		for _, fault := range faults {
			f.log.Error("chat file has an error", "position", fmt.Sprintf("%s:%d:%d", f.filePath(name), fault.Line, fault.Column), "error", fault.Message)
		}
		if file.scheduled {
			f.log.Warn("keeping the last valid version of the chat", "file", f.filePath(name))
		}
		file.loaded = file.text
		return
	}
	if err := f.schedule(ctx, chat); err != nil {
		if ctx.Err() == nil {
			f.log.Error("cannot schedule chat", "file", f.filePath(name), "error", err) // the next scan tries again
		}
		return
	}
	file.loaded, file.scheduled = file.text, true
}
