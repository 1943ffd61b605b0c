package archive

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/ukmedlibs/catchword/questions"
)

// A table is answers.csv: one answer a row, as https://www.rfc-editor.org/rfc/rfc4180 has it.
type table struct {
	w     *csv.Writer
	files *attachments
	err   error // of the header, which is written before anybody can be told
}

var columns = []string{
	"id", "at", "section", "question", "workspace", "room", "author", "person", "how", "text", "edited", "late", "gone", "reactions",
	"newcomer", "reply_to", "files",
}

func newTable(w io.Writer, files *attachments) *table {
	t := &table{w: csv.NewWriter(w), files: files}
	t.w.UseCRLF = true
	t.err = t.w.Write(columns)
	return t
}

func (t *table) answer(a questions.Answer) error {
	if t.err != nil {
		return t.err
	}
	question, who, edited := "", "", ""
	if n := a.Section.QuestionNumber(); n > 0 {
		question = strconv.Itoa(n)
	}
	if !a.Withdrawn {
		who = person(a)
	}
	if !a.Edited.IsZero() {
		edited = a.Edited.UTC().Format(time.RFC3339)
	}
	var reactions []string
	for _, r := range a.Reactions {
		reactions = append(reactions, line(r.Emoji)+" "+strconv.Itoa(r.Count))
	}
	replyTo := ""
	if to := a.ReplyTo; to != (questions.AnswerID{}) {
		replyTo = Anchor(to.Workspace, to.Room, to.Message)
	}
	var files []string
	for _, f := range t.files.page(a.Files) {
		files = append(files, f.Name+" ("+f.note()+")")
	}
	row := []string{
		Anchor(a.Workspace, a.Room, a.Message), a.At.UTC().Format(time.RFC3339), line(string(a.Section)), question,
		line(a.Workspace), line(a.RoomName), line(a.Author), who, string(a.MatchedBy), readable(a.Text), edited,
		yes(a.Late), yes(a.Withdrawn), strings.Join(reactions, ", "),
		yes(a.Newcomer), replyTo, strings.Join(files, ", "),
	}
	for i, cell := range row {
		row[i] = neutral(cell)
	}
	return t.w.Write(row)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

// neutral puts an apostrophe before what a spreadsheet would take for a formula: it then shows the words. Some skip
// white space and invisible characters before the sign, some take the full-width signs of Chinese and Japanese for it.
// See https://owasp.org/www-community/attacks/CSV_Injection.
func neutral(cell string) string {
	if cell == "" {
		return ""
	}
	sign := strings.TrimLeftFunc(cell, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.C, r) || r == unicode.ReplacementChar
	})
	first := ""
	for _, r := range sign {
		first = norm.NFKC.String(string(r))
		break
	}
	if strings.ContainsAny(cell[:1], "\t\r\n") || first != "" && strings.ContainsAny(first, "=+-@\u2212") {
		return "'" + cell
	}
	return cell
}

func (t *table) end() error {
	t.w.Flush()
	return t.w.Error()
}
