package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"time"
)

// webDownloadTimeout limits how long a client may take to download a file of the archive, over a slow connection.
const webDownloadTimeout = 15 * time.Minute

// contentTypes lists the files that browsers may show. All others are offered as downloads. We don't use the system's
// table of types, which differs between machines.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8", ".md": "text/markdown; charset=utf-8",
	".csv": "text/csv; charset=utf-8", ".json": "application/json", ".jsonld": "application/ld+json", ".jsonl": "application/jsonl", ".xml": "application/xml",
	".atom": "application/atom+xml", ".ics": "text/calendar; charset=utf-8", ".zip": "application/zip",
	".jpg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif",
	".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".wav": "audio/wav", ".m4a": "audio/mp4",
	".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime",
}

// serveArchive serves the folder of archives. It lists no folders, and hides names that begin with a dot, which are
// unfinished archives. A chat's folder is replaced in one step, so every file is complete.
func serveArchive(folder string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, info, err := openArchiveFile(folder, r.URL.Path)
		if err != nil {
			writeArchiveError(w, r, err)
			return
		}
		defer f.Close()
		h := w.Header()
		h.Set("Content-Type", "application/octet-stream")
		if t, ok := contentTypes[path.Ext(info.Name())]; ok {
			h.Set("Content-Type", t)
		} else {
			h.Set("Content-Disposition", "attachment")
		}
		// A rewritten file has a new time, even if its size is the same.
		h.Set("ETag", fmt.Sprintf(`"%x-%x"`, info.ModTime().UnixNano(), info.Size()))
		h.Set("Cache-Control", "no-cache") // ask each time whether it has changed
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(webDownloadTimeout))
		http.ServeContent(w, r, info.Name(), info.ModTime(), f)
	})
}

// errIsFolder reports a request for a folder without the slash at its end.
var errIsFolder = errors.New("is a folder")

// openArchiveFile opens a file of the archive, or a folder's index.html. For everything hidden it returns
// fs.ErrNotExist.
func openArchiveFile(folder, name string) (*os.File, fs.FileInfo, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' || strings.ContainsAny(part, "\\\x00") {
			return nil, nil, fs.ErrNotExist
		}
	}
	// Check the type first: opening a pipe would wait for a writer.
	switch info, err := root.Stat(name); {
	case err != nil:
		return nil, nil, err
	case info.IsDir():
		return nil, nil, errIsFolder
	case !info.Mode().IsRegular():
		return nil, nil, fs.ErrNotExist
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

func writeArchiveError(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, errIsFolder):
		// Relative, because the prefix was stripped, and a proxy may have stripped another.
		w.Header().Set("Location", path.Base(r.URL.Path)+"/")
		w.WriteHeader(http.StatusMovedPermanently)
	case errors.Is(err, fs.ErrPermission):
		http.Error(w, "the archive can't be read", http.StatusInternalServerError)
	default:
		http.Error(w, "no such page", http.StatusNotFound)
	}
}
