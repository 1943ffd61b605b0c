package announcement

import (
	"bytes"
	"errors"
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jhillyerd/enmime/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/ukmedlibs/catchword/questions"
)

// A document is an announcement as text, and what its wrapping says of it.
type document struct {
	lines     []line
	published time.Time // of a mail, a page, a front matter
	guessed   bool      // the encoding had to be guessed
	marked    bool      // HTML or a mail: the lines are not those of the file
	event     *event    // what a machine-readable block says
	exact     *questions.Chat
}

// foreign are the first bytes of files that are no text, and what to do instead.
var foreign = []struct{ magic, remedy string }{
	{"%PDF", "this is a PDF: open it, copy its text, and paste that"},
	{"PK\x03\x04", "this is a ZIP or Word file: open it, copy its text, and paste that"},
	{"\xD0\xCF\x11\xE0", "this is an old Word or Outlook file: open it, copy its text, and paste that"},
	{"{\\rtf", "this is an RTF file: open it, copy its text, and paste that"},
	{"\x89PNG", "this is an image: type its text, or paste it"},
	{"\xFF\xD8\xFF", "this is an image: type its text, or paste it"},
}

// decode makes text of what people save and paste. It fails, with what to do instead, if there is no text in it.
func decode(src []byte) (document, error) {
	for _, f := range foreign {
		if bytes.HasPrefix(bytes.TrimLeft(src, " \r\n\t"), []byte(f.magic)) {
			return document{}, errors.New(f.remedy)
		}
	}
	text, guessed := toUTF8(src)
	d := document{guessed: guessed}
	if s := strings.TrimSpace(text); strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") {
		if !strings.ContainsAny(s, " \n") {
			return d, errors.New("this is only an address: save the page, or paste its text")
		}
	}
	if len(text) > maxAnnouncement {
		text = text[:maxAnnouncement]
	}
	text = stripQuoting(text)
	if mailHead.MatchString(text) {
		if body, ok := d.openMail(text); ok {
			text = body
		}
	}
	text = d.frontMatter(text)
	d.readBlocks(text)
	if looksLikeHTML(text) {
		d.marked = true
		d.htmlPage(text)
	} else {
		d.lines = append(d.lines, plainLines(scriptBlock.ReplaceAllStringFunc(text, func(s string) string {
			return strings.Repeat("\n", strings.Count(s, "\n"))
		}))...)
	}
	return d, nil
}

// toUTF8 reads UTF-8, UTF-16, and otherwise Windows-1252, with line feeds alone.
func toUTF8(src []byte) (text string, guessed bool) {
	wide := len(src) >= 2 && (src[0] == 0xFF && src[1] == 0xFE || src[0] == 0xFE && src[1] == 0xFF)
	if !wide && len(src) > 3 && len(src)%2 == 0 {
		head := src[:min(len(src), 400)]
		wide = bytes.Count(head, []byte{0})*3 > len(head)
	}
	if wide {
		endian := unicode.LittleEndian
		if src[0] == 0 || src[0] == 0xFE {
			endian = unicode.BigEndian
		}
		if out, err := unicode.UTF16(endian, unicode.UseBOM).NewDecoder().Bytes(src); err == nil {
			src = out
		}
	}
	src = bytes.TrimPrefix(src, []byte("\xEF\xBB\xBF"))
	if !utf8.Valid(src) {
		guessed = true
		if out, err := charmap.Windows1252.NewDecoder().Bytes(src); err == nil {
			src = out
		}
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u2028", "\n", "\u2029", "\n\n").Replace(string(src)), guessed
}

var (
	mailHead    = regexp.MustCompile(`(?im)\A\s*(?:[-\s]*(?:begin )?(?:forwarded|original|weitergeleitete) (?:message|nachricht):?[-\s]*\n)?(?:[A-Za-z][A-Za-z-]*:.*\n(?:[ \t]+\S.*\n)*)+`)
	mailField   = regexp.MustCompile(`(?i)^\s*[*_]{0,2}(from|sent|to|cc|subject|date|reply-to|list-id|message-id|mime-version|content-type|content-transfer-encoding|return-path|received|delivered-to|x-[a-z-]+|betreff|von|an|gesendet|datum|de|para|asunto|fecha|objet|envoye)\s*:[*_]{0,2}\s*(.*)$`)
	scriptBlock = regexp.MustCompile(`(?is)<script\b[^>]*>.*?</script>`)
)

// openMail decodes a mail, or takes the pasted head off one. Its subject becomes the first line.
func (d *document) openMail(text string) (string, bool) {
	text = strings.TrimLeft(text, "\n ")
	if first, rest, _ := strings.Cut(text, "\n"); !strings.Contains(strings.TrimSuffix(strings.TrimSpace(first), ":"), ":") {
		text = strings.TrimLeft(rest, "\n ")
	}
	head, _, _ := strings.Cut(text, "\n\n")
	fields := map[string]string{}
	for row := range strings.Lines(head) {
		if m := mailField.FindStringSubmatch(strings.TrimRight(row, "\n")); m != nil && fields[strings.ToLower(m[1])] == "" {
			fields[strings.ToLower(m[1])] = m[2]
		}
	}
	if fields["subject"] == "" && fields["asunto"] == "" && fields["betreff"] == "" && fields["objet"] == "" || len(fields) < 2 && !strings.HasPrefix(strings.ToLower(text), "subject:") {
		return "", false
	}
	envelope, err := enmime.ReadEnvelope(strings.NewReader(text))
	if err != nil {
		return "", false
	}
	subject := envelope.GetHeader("Subject")
	for _, name := range []string{"Betreff", "Asunto", "Objet"} {
		if subject == "" {
			subject = envelope.GetHeader(name)
		}
	}
	for _, name := range []string{"Date", "Sent"} {
		if sent, err := mail.ParseDate(envelope.GetHeader(name)); err == nil && d.published.IsZero() {
			d.published = sent
		} else if found := findDates(tokens(envelope.GetHeader(name))); len(found) > 0 && found[0].full() && found[0].Year > 0 && d.published.IsZero() {
			d.published = found[0].time(found[0].Year)
		}
	}
	body := envelope.Text
	if envelope.HTML != "" && (strings.TrimSpace(body) == "" || strings.Contains(envelope.HTML, "ld+json")) {
		body = envelope.HTML
	}
	d.marked = true
	body = strings.ReplaceAll(body, "\r\n", "\n")
	subject = trimReply(subject)
	if looksLikeHTML(body) {
		d.lines = append(d.lines, line{n: 1, text: clean(subject), gap: 1, heading: 1, hint: roleTitle})
		return body, true
	}
	return "# " + clean(subject) + "\n\n" + body, true
}

// trimReply takes "Re:", "Fwd:" and a list's name off a subject.
func trimReply(subject string) string {
	for {
		rest := strings.TrimSpace(subject)
		for _, prefix := range []string{"re:", "fw:", "fwd:", "aw:", "wg:", "tr:", "rv:"} {
			if len(rest) >= len(prefix) && strings.EqualFold(rest[:len(prefix)], prefix) {
				rest = rest[len(prefix):]
			}
		}
		if strings.HasPrefix(rest, "[") && strings.Contains(rest, "]") {
			rest = rest[strings.Index(rest, "]")+1:]
		}
		if rest = strings.TrimSpace(rest); rest == subject || rest == "" {
			return strings.TrimSpace(subject)
		}
		subject = rest
	}
}

// stripQuoting takes off the "> " that mail puts before each line of a quoted text, if that is most of the text.
func stripQuoting(text string) string {
	rows := strings.Split(text, "\n")
	quoted, full := 0, 0
	for _, l := range rows {
		if l = strings.TrimSpace(l); l != "" {
			full++
			if strings.HasPrefix(l, ">") {
				quoted++
			}
		}
	}
	if quoted*10 < full*6 || quoted < 3 {
		return text
	}
	for i, l := range rows {
		for rest, ok := strings.CutPrefix(strings.TrimLeft(l, " \t"), ">"); ok; rest, ok = strings.CutPrefix(strings.TrimLeft(l, " \t"), ">") {
			l = strings.TrimPrefix(rest, " ")
		}
		rows[i] = l
	}
	return strings.Join(rows, "\n")
}

// frontMatter reads the facts before a post of a static site, and keeps its title as a line.
func (d *document) frontMatter(text string) string {
	matter, body, ok := questions.SplitFrontMatter(text)
	if !ok || !strings.Contains(matter, ":") {
		return text
	}
	out := make([]string, strings.Count(text[:body], "\n"))
	for i, l := range strings.Split(text[:body], "\n") {
		if title, ok := strings.CutPrefix(l, "title:"); ok && i < len(out) {
			out[i] = "# " + strings.Trim(strings.TrimSpace(title), `"'`)
		}
		if day, ok := strings.CutPrefix(l, "date:"); ok {
			if found := findDates(tokens(strings.Trim(strings.TrimSpace(day), `"'`))); len(found) > 0 && found[0].full() && found[0].Year > 0 {
				d.published = found[0].time(found[0].Year)
			}
		}
	}
	return strings.Join(out, "\n") + "\n" + text[body:]
}
