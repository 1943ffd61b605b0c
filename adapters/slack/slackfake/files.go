package slackfake

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// A File is what a person uploads.
type File struct {
	Name, Type string // Type is a media type
	Data       []byte
}

type file struct {
	File
	id, user string
	created  int64
	deleted  bool
}

// Upload shares files with some words, which may be "", in the thread of root, or at the top level if root is "".
func (p *Person) Upload(channel, root, text string, files ...File) (ts string) {
	m := &message{thread: root, subtype: "file_share", text: normalise(text)}
	unlock := p.w.lockForRead()
	for _, f := range files {
		stored := &file{File: f, id: p.w.server.id("F"), user: p.id, created: nowMicros() / 1e6}
		p.w.files[stored.id] = stored
		m.files = append(m.files, stored)
	}
	unlock()
	return p.post(channel, m)
}

// DeleteFile deletes the files of a message, and leaves their tombstones in it. Slack reports that as a change of the
// message and as file_deleted, in any order.
func (p *Person) DeleteFile(channel, ts string) {
	defer p.w.lockForWrite()()
	c, m := p.w.mustChannel(channel), p.w.mustMessage(channel, ts)
	before := p.w.render(c, m, inEvent)
	for _, f := range m.files {
		f.deleted = true
	}
	p.w.emitChange(c, m, before)
	for _, f := range m.files {
		p.w.emitFileDeleted(f)
	}
}

// DeleteFileElsewhere deletes the files of a message where only file_deleted tells of it, such as in the list of files.
func (p *Person) DeleteFileElsewhere(channel, ts string) {
	defer p.w.lockForWrite()()
	for _, f := range p.w.mustMessage(channel, ts).files {
		f.deleted = true
		p.w.emitFileDeleted(f)
	}
}

func (w *Workspace) emitFileDeleted(f *file) {
	w.emit(nil, obj{"type": "file_deleted", "file_id": f.id, "event_ts": formatTS(nowMicros())})
}

// Share forwards a message to a channel with some words, which may be "". If hidden is set, the message is from a
// channel whose words the app may not see.
func (p *Person) Share(from, ts, channel, text string, hidden bool) string {
	unlock := p.w.lockForRead()
	m := p.w.mustMessage(from, ts)
	link := fmt.Sprintf("https://%s.slack.com/archives/%s/p%s", p.w.name, p.w.mustChannel(from).id, strings.Replace(ts, ".", "", 1))
	shared := obj{"id": 1, "is_share": true, "is_msg_unfurl": true, "from_url": link, "original_url": link, "footer": "Slack Conversation", "fallback": "[no preview available]"}
	if !hidden {
		shared["ts"], shared["author_id"], shared["text"], shared["mrkdwn_in"] = ts, m.user, m.text, []any{"text"}
		shared["author_name"] = p.w.person(m.user).name
		var files []any
		for _, f := range m.files {
			files = append(files, f.show(p.w))
		}
		if files != nil {
			shared["files"] = files
		}
	}
	unlock()
	return p.post(channel, &message{text: normalise(text), attachments: []any{shared}})
}

func (f *file) show(w *Workspace) obj {
	if f.deleted {
		return obj{"id": f.id, "mode": "tombstone"}
	}
	kind := strings.TrimPrefix(path.Ext(f.Name), ".")
	address := fmt.Sprintf("%s/files-pri/%s-%s/", w.server.URL(), w.teamID, f.id)
	return obj{
		"id": f.id, "created": f.created, "timestamp": f.created, "name": f.Name, "title": f.Name, "mimetype": f.Type, "filetype": kind,
		"pretty_type": strings.ToUpper(kind), "user": f.user, "user_team": w.teamID, "editable": false, "size": len(f.Data), "mode": "hosted",
		"is_external": false, "external_type": "", "is_public": true, "public_url_shared": false, "display_as_bot": false, "username": "",
		"url_private": address + url.PathEscape(f.Name), "url_private_download": address + "download/" + url.PathEscape(f.Name),
		"permalink":   fmt.Sprintf("https://%s.slack.com/files/%s/%s/%s", w.name, f.user, f.id, url.PathEscape(f.Name)),
		"file_access": "visible", "has_rich_preview": false,
	}
}

func (c *call) fileInfo() (obj, *apiError) {
	f := c.files[c.args["file"]]
	switch {
	case f == nil:
		return nil, fail("file_not_found")
	case f.deleted:
		return nil, fail("file_deleted")
	}
	return obj{"file": f.show(c.Workspace), "comments": []any{}}, nil
}

// serveFile sends a file to clients with the token, and the sign-in page with status 200 to all others.
func (s *Server) serveFile(rw http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	team, id, _ := strings.Cut(r.PathValue("file"), "-")
	s.mu.Lock()
	var found *file
	for _, w := range s.workspaces {
		if w.teamID == team && w.botToken == token && w.has("files:read") {
			found = w.files[id]
		}
	}
	s.mu.Unlock()
	if found == nil || found.deleted {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(rw, "<!DOCTYPE html>\n<html><head><title>Sign in | Slack</title></head><body>Sign in to your workspace</body></html>\n")
		return
	}
	rw.Header().Set("Content-Type", found.Type)
	if strings.HasPrefix(r.PathValue("rest"), "download/") {
		rw.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": found.Name}))
	}
	_, _ = rw.Write(found.Data)
}
