package archive

import (
	"bytes"
	"mime"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// sniffLen is how many bytes of a file are read to detect its type, which is as many as the library uses.
const sniffLen = 3072

// A fileType is a type of file that is kept; a browser runs none of them. We choose the extension, so that web servers
// send the right type.
type fileType struct{ mediaType, extension string }

var keptFileTypes = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "image/heic": ".heic", "image/avif": ".avif",
	"audio/mpeg": ".mp3", "audio/ogg": ".ogg", "audio/wav": ".wav", "audio/mp4": ".m4a", "audio/x-m4a": ".m4a",
	"video/mp4": ".mp4", "video/webm": ".webm", "video/quicktime": ".mov",
	"application/pdf": ".pdf",
	"text/plain":      ".txt", "text/csv": ".csv",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   ".docx",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         ".xlsx",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
	"application/vnd.oasis.opendocument.text":                                   ".odt",
	"application/vnd.oasis.opendocument.spreadsheet":                            ".ods",
	"application/vnd.oasis.opendocument.presentation":                           ".odp",
}

// detectFileType detects a file's type from its first bytes and compares it with the declared types. It refuses only
// files whose content contradicts them and files that a browser would run: platforms know no more than the file's
// name.
func detectFileType(head []byte, said ...string) (fileType, string) {
	found, _, err := mime.ParseMediaType(mimetype.Detect(head).String())
	extension, ok := keptFileTypes[found]
	if err != nil || !ok || isExecutable(found) || strings.HasPrefix(found, "text/") && looksLikeMarkup(head) {
		return fileType{}, lostTypeNotAllowed
	}
	for _, s := range said {
		s, _, err := mime.ParseMediaType(s)
		if s == "" || err != nil || s == "application/octet-stream" || s == "binary/octet-stream" {
			continue
		}
		if isExecutable(s) {
			return fileType{}, lostTypeNotAllowed
		}
		if typeFamily(s) != typeFamily(found) {
			return fileType{}, lostTypeMismatch
		}
	}
	return fileType{found, extension}, ""
}

// isExecutable reports whether a browser or a computer may run files of this type.
func isExecutable(mediaType string) bool {
	for _, word := range []string{"html", "xml", "svg", "script", "executable", "msdownload", "x-sh", "java", "wasm", "flash", "php"} {
		if strings.Contains(mediaType, word) && !strings.Contains(mediaType, "openxmlformats") {
			return true
		}
	}
	return false
}

// looksLikeMarkup is stricter than browsers, which don't read text as HTML if it is served as text: not every server
// says what it sends.
func looksLikeMarkup(head []byte) bool {
	lower := bytes.ToLower(head)
	for _, tag := range []string{"<html", "<!doctype", "<script", "<svg", "<iframe", "<?xml", "<?php", "<body", "<img", "<a href"} {
		if bytes.Contains(lower, []byte(tag)) {
			return true
		}
	}
	return bytes.HasPrefix(head, []byte("#!"))
}

// typeFamily is as closely as platforms and the library agree on types.
func typeFamily(mediaType string) string {
	major, _, _ := strings.Cut(mediaType, "/")
	switch {
	case major == "audio", major == "video", mediaType == "application/ogg":
		return "media"
	case mediaType == "application/json", mediaType == "application/csv":
		return "text"
	default:
		return major
	}
}
