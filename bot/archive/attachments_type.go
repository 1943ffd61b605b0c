package archive

import (
	"bytes"
	"mime"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// sniffLen is how many bytes of a file tell its kind, which is as many as the library looks at.
const sniffLen = 3072

// A fileType is a kind of file that is kept: none that a browser would run. Its extension is ours, so that whoever
// serves the archive serves it as what it is.
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

// detectFileType finds out what a file is by how it begins, and holds that against what it was said to be, which only those
// that lie and those that a browser would run fail: a platform knows no more than the name it was uploaded under.
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

// isExecutable tells whether a browser or a computer may run what is of this type.
func isExecutable(mediaType string) bool {
	for _, word := range []string{"html", "xml", "svg", "script", "executable", "msdownload", "x-sh", "java", "wasm", "flash", "php"} {
		if strings.Contains(mediaType, word) && !strings.Contains(mediaType, "openxmlformats") {
			return true
		}
	}
	return false
}

// looksLikeMarkup is stricter than browsers, which take no text for HTML that is served as text; but not everybody who
// serves files says what they are.
func looksLikeMarkup(head []byte) bool {
	lower := bytes.ToLower(head)
	for _, tag := range []string{"<html", "<!doctype", "<script", "<svg", "<iframe", "<?xml", "<?php", "<body", "<img", "<a href"} {
		if bytes.Contains(lower, []byte(tag)) {
			return true
		}
	}
	return bytes.HasPrefix(head, []byte("#!"))
}

// typeFamily is as closely as the guesses of platforms and of the library agree.
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
