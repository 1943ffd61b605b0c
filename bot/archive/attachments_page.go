package archive

import (
	"fmt"

	"github.com/ukmedlibs/catchword/questions"
)

// requested reports whether anybody chose to keep files, as far as a record can tell.
func (s *attachments) requested() bool {
	for _, f := range s.files {
		if f.Kept != nil || f.Lost != lostNotRequested {
			return true
		}
	}
	return false
}

// record is what chat.json says about a file.
func (s *attachments) record(f questions.File) recordFile {
	v, done := s.files[f.URL]
	if !done && s.requested() {
		v.Lost = lostTooMany
	}
	v.Name, v.Type, v.Size, v.Source = f.Name, f.Type, f.Size, f.URL
	return v
}

// summary ends the sentence about how many files were attached.
func (s *attachments) summary() string {
	switch {
	case !s.requested():
		return "none are kept here"
	case s.stored == len(s.files) && len(s.files) < maxFiles:
		return "all are kept here"
	default:
		return plural(s.stored, "is", "are") + " kept here; for the others, a note with the answer says why not"
	}
}

// An attachedFile is a file as pages and transcripts show it.
type attachedFile struct {
	Name string
	Path string // "" if it isn't kept
	Note string // its size, or why it isn't kept
}

func (s *attachments) display(files []questions.File) []attachedFile {
	var all []attachedFile
	for _, f := range files {
		v := s.record(f)
		p := attachedFile{Name: singleLine(v.Name), Note: "not kept"}
		if p.Name == "" {
			p.Name = "a file"
		}
		switch {
		case v.Kept != nil:
			p.Path, p.Note = v.Kept.Path, v.Kept.Type+", "+formatSize(v.Kept.Size)
		case v.Lost != "":
			p.Note = "not kept: " + v.Lost
		}
		all = append(all, p)
	}
	return all
}

func formatSize(n int64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.0f KB", float64(n)/1e3)
	default:
		return plural(int(n), "byte", "bytes")
	}
}

// note is Note and, for a kept file, its path.
func (f attachedFile) note() string {
	if f.Path == "" {
		return f.Note
	}
	return f.Note + ", " + f.Path
}
