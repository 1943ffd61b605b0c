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
	// minDisk is many times what a chat of an hour needs, with its archive and a backup. Below lowDisk, something
	// probably fills the disk.
	minDisk       = 100 << 20
	lowDisk       = 1 << 30
	healthTimeout = 5 * time.Second
)

// A machineCheck checks everything except the platforms.
type machineCheck struct {
	config
	workspaces []workspaceConfig
	now        time.Time
}

func (m machineCheck) run(ctx context.Context) []adapters.Finding {
	findings := []adapters.Finding{m.environment(), m.database(ctx)}
	if path, ok := strings.CutPrefix(m.Database, "sqlite:"); ok {
		findings = append(findings, checkDisk("disk for the database", filepath.Dir(path)))
	}
	findings = append(findings, m.folder("archive folder", m.Archive), checkDisk("disk for the archive", m.Archive))
	findings = append(findings, m.chats()...)
	return append(findings, m.zone(), m.listenAddress(ctx))
}

func (m machineCheck) environment() adapters.Finding {
	f := adapters.Finding{Check: "environment", Detail: fmt.Sprintf("%d workspaces", len(m.workspaces))}
	switch len(m.workspaces) {
	case 0:
		f.Verdict, f.Detail = adapters.Warning, "no workspace is configured"
		f.Remedy = "list workspaces in CATCHWORD_SLACK or CATCHWORD_MATRIX; without one, catchword run runs the chat in its own terminal"
	case 1:
		f.Detail = "1 workspace"
	}
	return f
}

// database checks SQLite's file, without creating it, or connects to PostgreSQL.
func (m machineCheck) database(ctx context.Context) adapters.Finding {
	f := adapters.Finding{Check: "database"}
	path, ok := strings.CutPrefix(m.Database, "sqlite:")
	if !ok {
		f.Detail = "PostgreSQL is available and suitable"
		if err := store.CheckPostgres(ctx, m.Database); err != nil {
			f.Verdict, f.Detail, f.Remedy = adapters.Failed, err.Error(), "check CATCHWORD_DATABASE"
		}
		return f
	}
	f.Detail = path
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Detail += " will be created by the first run"
		if folder, err := nearestExisting(filepath.Dir(path)); err != nil || !writable(folder) {
			f.Verdict, f.Remedy = adapters.Failed, writableRemedy(folder)
		}
	case err != nil:
		f.Verdict, f.Detail, f.Remedy = adapters.Failed, err.Error(), "check CATCHWORD_DATABASE"
	case !info.Mode().IsRegular():
		f.Verdict, f.Detail, f.Remedy = adapters.Failed, path+" is not a file", "check CATCHWORD_DATABASE"
	case !writable(path):
		f.Verdict, f.Remedy = adapters.Failed, writableRemedy(path)
	case !writable(filepath.Dir(path)): // SQLite keeps its log there
		f.Verdict, f.Remedy = adapters.Failed, writableRemedy(filepath.Dir(path))
	case info.Mode().Perm()&0o077 != 0:
		f.Verdict, f.Detail = adapters.Warning, path+" is readable by other users of this machine"
		f.Remedy = "chmod 600 " + path
	default:
		f.Detail += ", " + formatSize(info.Size())
	}
	return f
}

func writableRemedy(path string) string {
	return fmt.Sprintf("allow the user who runs catchword (now %d) to write to %s", os.Getuid(), path)
}

// folder checks a folder that is created when it is first needed.
func (m machineCheck) folder(what, path string) adapters.Finding {
	f := adapters.Finding{Check: what, Detail: path}
	existing, err := nearestExisting(path)
	switch {
	case err != nil:
		f.Verdict, f.Detail, f.Remedy = adapters.Failed, err.Error(), "name another folder"
	case !writable(existing):
		f.Verdict, f.Remedy = adapters.Failed, writableRemedy(existing)
	case existing != filepath.Clean(path):
		f.Detail += " will be created by the first archive"
	}
	return f
}

// nearestExisting returns path, or its nearest parent that exists.
func nearestExisting(path string) (string, error) {
	for path = filepath.Clean(path); ; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		switch {
		case err == nil && !info.IsDir():
			return path, fmt.Errorf("%s is not a folder", path)
		case err == nil || !errors.Is(err, fs.ErrNotExist) || path == filepath.Dir(path):
			return path, err
		}
	}
}

func checkDisk(what, path string) adapters.Finding {
	f := adapters.Finding{Check: what}
	existing, err := nearestExisting(path)
	if err != nil {
		f.Verdict, f.Detail = adapters.Warning, err.Error()
		return f
	}
	free, known := freeSpace(existing)
	if !known {
		f.Detail = "the free space is unknown on this system"
		return f
	}
	f.Detail = formatSize(free) + " free"
	switch {
	case free < minDisk:
		f.Verdict, f.Remedy = adapters.Failed, "free some space: a chat needs "+formatSize(minDisk)+" to be safe"
	case free < lowDisk:
		f.Verdict, f.Remedy = adapters.Warning, "find out what fills it"
	}
	return f
}

func formatSize(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%d MB", bytes>>20)
	default:
		return fmt.Sprintf("%d kB", bytes>>10)
	}
}

// chats checks all chat files, and tells which chat is next.
func (m machineCheck) chats() (findings []adapters.Finding) {
	folder := newChatFolder(m.Chats, nil, nil)
	names, err := folder.list()
	if err != nil {
		return []adapters.Finding{{
			Check: "chat files", Verdict: adapters.Failed, Detail: err.Error(),
			Remedy: "create the folder, or set CATCHWORD_CHATS",
		}}
	}
	all := adapters.Finding{Check: "chat files", Detail: fmt.Sprintf("%d in %s, no upcoming chat", len(names), m.Chats)}
	var next questions.Chat
	for _, name := range names {
		chat, err := checkFile(folder.filePath(name))
		if err != nil {
			findings = append(findings, adapters.Finding{
				Check: "chat file " + folder.filePath(name), Verdict: adapters.Failed, Detail: strings.ReplaceAll(err.Error(), "\n", "; "),
				Remedy: "catchword check " + folder.filePath(name) + " lists all errors",
			})
			continue
		}
		if unconfigured := (service{config: m.config, workspaces: m.workspaces}).unconfigured(chat); len(unconfigured) > 0 && m.now.Before(chat.Ends) {
			findings = append(findings, adapters.Finding{
				Check: "chat file " + folder.filePath(name), Verdict: adapters.Warning, Detail: "it refers to workspaces that aren't configured: " + strings.Join(unconfigured, ", "),
				Remedy: "configure the workspace, or remove it from the file",
			})
		}
		if m.now.Before(chat.Ends) && (next.Slug == "" || chat.Starts.Before(next.Starts)) {
			next = chat
		}
	}
	if next.Slug != "" {
		all.Detail = fmt.Sprintf("%d in %s; the next chat is %s, on %s", len(names), m.Chats, next.Title, next.Starts.Format("Monday 2 January 2006 at 15:04 MST"))
	} else if len(findings) == 0 {
		all.Verdict, all.Remedy = adapters.Warning, "create one from an announcement with catchword import"
	}
	return append([]adapters.Finding{all}, findings...)
}

func (m machineCheck) zone() adapters.Finding {
	return adapters.Finding{Check: "time zone", Detail: fmt.Sprintf("%s, where it is now %s", m.Zone, m.now.In(m.Zone).Format("Monday 2 January 2006, 15:04 MST"))}
}

// listenAddress checks that the address is free, or used by catchword itself.
func (m machineCheck) listenAddress(ctx context.Context) adapters.Finding {
	f := adapters.Finding{Check: "listen address", Detail: m.Listen}
	if m.Listen == "" {
		f.Detail = "off"
		return f
	}
	l, err := listen(m.Listen)
	if err == nil {
		f.Detail += " is free"
		l.Close()
		return f
	}
	if checkHealth(ctx, m.Listen) == nil {
		f.Detail += ", where catchword is running"
		return f
	}
	f.Verdict, f.Detail, f.Remedy = adapters.Failed, err.Error(), "find the program that uses it: ss -ltnp"
	return f
}

// checkHealth asks the process at an address whether it is healthy.
func checkHealth(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+dialAddress(address)+"/healthz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s responds %s", req.URL, resp.Status)
	}
	return nil
}

// dialAddress returns the address that reaches a listening address from this machine.
func dialAddress(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
