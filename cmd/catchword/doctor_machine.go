package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

const (
	// leastDisk is what a chat of an hour with its archive and a backup may need, many times over; below goodDisk somebody
	// should look where the rest went.
	leastDisk = 100 << 20
	goodDisk  = 1 << 30
	askMost   = 5 * time.Second
)

// A machine is what there is to check that is not a platform's.
type machine struct {
	config
	workspaces []workspaceConfig
	now        time.Time
}

func (m machine) check(ctx context.Context) []adapters.Finding {
	findings := []adapters.Finding{m.environment(), m.database(ctx)}
	if path, ok := strings.CutPrefix(m.Database, "sqlite:"); ok {
		findings = append(findings, disk("disk for the database", filepath.Dir(path)))
	}
	findings = append(findings, m.folder("archive folder", m.Archive), disk("disk for the archive", m.Archive))
	findings = append(findings, m.chats()...)
	return append(findings, m.zone(), m.listening(ctx))
}

func (m machine) environment() adapters.Finding {
	f := adapters.Finding{Check: "environment", Detail: fmt.Sprintf("%d workspaces", len(m.workspaces))}
	switch len(m.workspaces) {
	case 0:
		f.Verdict, f.Detail = adapters.Warning, "no workspace is configured"
		f.Remedy = "CATCHWORD_SLACK and CATCHWORD_MATRIX name workspaces; without one, catchword run holds the chat in its own terminal"
	case 1:
		f.Detail = "1 workspace"
	}
	return f
}

// database looks at SQLite's file, without making one, or asks PostgreSQL.
func (m machine) database(ctx context.Context) adapters.Finding {
	f := adapters.Finding{Check: "database"}
	path, ok := strings.CutPrefix(m.Database, "sqlite:")
	if !ok {
		f.Detail = "PostgreSQL is there, and fit for catchword"
		if err := store.CheckPostgres(ctx, m.Database); err != nil {
			f.Verdict, f.Detail, f.Remedy = adapters.Failed, err.Error(), "CATCHWORD_DATABASE says where it is"
		}
		return f
	}
	f.Detail = path
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Detail += " will be made by the first run"
		if folder, err := existing(filepath.Dir(path)); err != nil || !writable(folder) {
			f.Verdict, f.Remedy = adapters.Failed, mayWrite(folder)
		}
	case err != nil:
		f.Verdict, f.Detail, f.Remedy = adapters.Failed, err.Error(), "CATCHWORD_DATABASE names the file"
	case !info.Mode().IsRegular():
		f.Verdict, f.Detail, f.Remedy = adapters.Failed, path+" is no file", "CATCHWORD_DATABASE names the file"
	case !writable(path):
		f.Verdict, f.Remedy = adapters.Failed, mayWrite(path)
	case !writable(filepath.Dir(path)): // where SQLite keeps its log
		f.Verdict, f.Remedy = adapters.Failed, mayWrite(filepath.Dir(path))
	case info.Mode().Perm()&0o077 != 0:
		f.Verdict, f.Detail = adapters.Warning, path+" can be read by others on this machine"
		f.Remedy = "chmod 600 " + path
	default:
		f.Detail += ", " + size(info.Size())
	}
	return f
}

func mayWrite(path string) string {
	return fmt.Sprintf("the user who runs catchword (now %d) has to be able to write to %s", os.Getuid(), path)
}

// folder looks at one that is made when it is first needed.
func (m machine) folder(what, path string) adapters.Finding {
	f := adapters.Finding{Check: what, Detail: path}
	there, err := existing(path)
	switch {
	case err != nil:
		f.Verdict, f.Detail, f.Remedy = adapters.Failed, err.Error(), "name another folder"
	case !writable(there):
		f.Verdict, f.Remedy = adapters.Failed, mayWrite(there)
	case there != filepath.Clean(path):
		f.Detail += " will be made by the first archive"
	}
	return f
}

// existing is path, or the nearest folder above it that is there.
func existing(path string) (string, error) {
	for path = filepath.Clean(path); ; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		switch {
		case err == nil && !info.IsDir():
			return path, fmt.Errorf("%s is no folder", path)
		case err == nil || !errors.Is(err, fs.ErrNotExist) || path == filepath.Dir(path):
			return path, err
		}
	}
}

func disk(what, path string) adapters.Finding {
	f := adapters.Finding{Check: what}
	there, err := existing(path)
	if err != nil {
		f.Verdict, f.Detail = adapters.Warning, err.Error()
		return f
	}
	free, known := freeSpace(there)
	if !known {
		f.Detail = "how much is free can't be told on this system"
		return f
	}
	f.Detail = size(free) + " free"
	switch {
	case free < leastDisk:
		f.Verdict, f.Remedy = adapters.Failed, "make room: a chat needs "+size(leastDisk)+" to be safe"
	case free < goodDisk:
		f.Verdict, f.Remedy = adapters.Warning, "look what fills it"
	}
	return f
}

func size(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%d MB", bytes>>20)
	default:
		return fmt.Sprintf("%d kB", bytes>>10)
	}
}

// chats reads all chat files, and says which chat is next.
func (m machine) chats() (findings []adapters.Finding) {
	folder := newChatFolder(m.Chats, nil, nil)
	names, err := folder.list()
	if err != nil {
		return []adapters.Finding{{
			Check: "chat files", Verdict: adapters.Failed, Detail: err.Error(),
			Remedy: "make the folder, or have CATCHWORD_CHATS say where it is",
		}}
	}
	all := adapters.Finding{Check: "chat files", Detail: fmt.Sprintf("%d in %s, none of them to come", len(names), m.Chats)}
	var next questions.Chat
	for _, name := range names {
		chat, err := checkFile(folder.file(name))
		if err != nil {
			findings = append(findings, adapters.Finding{
				Check: "chat file " + folder.file(name), Verdict: adapters.Failed, Detail: strings.ReplaceAll(err.Error(), "\n", "; "),
				Remedy: "catchword check " + folder.file(name) + " lists every fault",
			})
			continue
		}
		if strangers := (service{config: m.config, workspaces: m.workspaces}).strangers(chat); len(strangers) > 0 && m.now.Before(chat.Ends) {
			findings = append(findings, adapters.Finding{
				Check: "chat file " + folder.file(name), Verdict: adapters.Warning, Detail: "it names what isn't configured: " + strings.Join(strangers, ", "),
				Remedy: "configure that workspace, or take it out of the file",
			})
		}
		if m.now.Before(chat.Ends) && (next.Slug == "" || chat.Starts.Before(next.Starts)) {
			next = chat
		}
	}
	if next.Slug != "" {
		all.Detail = fmt.Sprintf("%d in %s; the next chat is %s, on %s", len(names), m.Chats, next.Title, next.Starts.Format("Monday 2 January 2006 at 15:04 MST"))
	} else if len(findings) == 0 {
		all.Verdict, all.Remedy = adapters.Warning, "catchword import makes a chat file of an announcement"
	}
	return append([]adapters.Finding{all}, findings...)
}

func (m machine) zone() adapters.Finding {
	return adapters.Finding{Check: "time zone", Detail: fmt.Sprintf("%s, where it is %s now", m.Zone, m.now.In(m.Zone).Format("Monday 2 January 2006, 15:04 MST"))}
}

// listening tries the address, which catchword itself may have taken.
func (m machine) listening(ctx context.Context) adapters.Finding {
	f := adapters.Finding{Check: "listen address", Detail: m.Listen}
	if m.Listen == "" {
		f.Detail = "switched off"
		return f
	}
	l, err := listen(m.Listen)
	if err == nil {
		f.Detail += " is free"
		l.Close()
		return f
	}
	if healthy(ctx, m.Listen) == nil {
		f.Detail += ", where catchword runs already"
		return f
	}
	f.Verdict, f.Detail, f.Remedy = adapters.Failed, err.Error(), "see which program has it: ss -ltnp"
	return f
}

// healthy asks whether a catchword at work at an address says that it is well.
func healthy(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, askMost)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+dialable(address)+"/healthz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", req.URL, answer.Status)
	}
	return nil
}

// dialable is the address at which one that is listened at is reached from this machine.
func dialable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
