package archive

import (
	"encoding/csv"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/ukmedlibs/catchword/questions"
)

// A csvTable writes answers.csv: one answer per row, as in https://www.rfc-editor.org/rfc/rfc4180.
type csvTable struct {
	w     *csv.Writer
	files *attachments
}

var csvColumns = []string{
	"id", "at", "section", "question", "workspace", "room", "author", "person", "how", "text", "edited", "late", "gone", "reactions",
	"newcomer", "reply_to", "files",
}

func newCSVTable(d *stagingDir, view *chatView) (*csvTable, error) {
	f, err := d.create("answers.csv")
	if err != nil {
		return nil, err
	}
	t := &csvTable{w: csv.NewWriter(f), files: view.attachments}
	t.w.UseCRLF = true
	return t, t.w.Write(csvColumns)
}

func (t *csvTable) answer(a questions.Answer, _ markdownText) error {
	question, who, edited := "", "", ""
	if n := a.Section.QuestionNumber(); n > 0 {
		question = strconv.Itoa(n)
	}
	if !a.Withdrawn {
		who = a.AuthorID
	}
	if !a.Edited.IsZero() {
		edited = a.Edited.UTC().Format(time.RFC3339)
	}
	var reactions []string
	for _, r := range a.Reactions {
		reactions = append(reactions, singleLine(r.Emoji)+" "+strconv.Itoa(r.Count))
	}
	replyTo := ""
	if to := a.ReplyTo; to != (questions.AnswerID{}) {
		replyTo = Anchor(to.Workspace, to.Room, to.Message)
	}
	var files []string
	for _, f := range t.files.display(a.Files) {
		files = append(files, f.Name+" ("+f.note()+")")
	}
	row := []string{
		Anchor(a.Workspace, a.Room, a.Message), a.At.UTC().Format(time.RFC3339), singleLine(string(a.Section)), question,
		singleLine(a.Workspace), singleLine(a.RoomName), singleLine(a.Author), who, string(a.MatchedBy), visibleText(a.Text), edited,
		yesOrEmpty(a.Late), yesOrEmpty(a.Withdrawn), strings.Join(reactions, ", "),
		yesOrEmpty(a.Newcomer), replyTo, strings.Join(files, ", "),
	}
	for i, cell := range row {
		row[i] = escapeFormula(cell)
	}
	return t.w.Write(row)
}

func yesOrEmpty(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

// escapeFormula puts an apostrophe before a cell that a spreadsheet could treat as a formula; the spreadsheet then
// shows the text. Some skip white space and invisible characters before the sign, and some accept the full-width signs
// of Chinese and Japanese. See https://owasp.org/www-community/attacks/CSV_Injection.
func escapeFormula(cell string) string {
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

func (t *csvTable) end() error {
	t.w.Flush()
	return t.w.Error()
}
