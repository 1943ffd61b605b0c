package commonmark

import (
	"regexp"
	"strings"
)

var (
	// entity is what CommonMark reads as the name or number of a character.
	entity        = regexp.MustCompile(`&(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{0,31};)`)
	leadingEntity = regexp.MustCompile(`^` + entity.String())
	// blockStart matches a line that begins a block other than a paragraph. The last character of the group is to be
	// escaped.
	blockStart = regexp.MustCompile(`^(#)#{0,5}(?:[ \t]|$)|^([-+])(?:[ \t]|$)|^(-)[- \t]*$|^(=)=*[ \t]*$|^(>)|^(\d{1,9}[.)])(?:[ \t]|$)`)
	// tableDelimiter matches a line that turns the line above it into a table.
	tableDelimiter = regexp.MustCompile(`^[-:| \t]+$`)
	// bareLink is what becomes a link where more than CommonMark is known.
	bareLink = regexp.MustCompile(`(?i)(https?|ftp)(://)|\b(www)(\.)|([a-z0-9._+-])(@)([a-z0-9-]+\.[a-z])`)
)

// Escape writes words so that no character means anything to CommonMark or to its common extensions: bare links,
// ~~strike~~ and tables. What needs no backslash gets none, because people read the source too. start says that the
// words begin a line.
func Escape(words string, start bool) string {
	also := map[int]bool{} // characters that need a backslash only where they stand
	for _, m := range bareLink.FindAllStringSubmatchIndex(words, -1) {
		for g := 4; g < len(m); g += 4 {
			also[m[g]] = true
		}
	}
	if m := blockStart.FindStringSubmatchIndex(words); start && m != nil {
		for g := 3; g < len(m); g += 2 {
			also[m[g]-1] = true
		}
	}
	if start && tableDelimiter.MatchString(words) {
		also[0] = true
	}
	var b strings.Builder
	for i := range len(words) {
		if words[i] == '\\' && i == len(words)-1 {
			b.WriteString("&#92;") // goldmark and other parsers disagree on a backslash before a line break's own
			break
		}
		if needsEscape(words, i) || also[i] {
			b.WriteByte('\\')
		}
		b.WriteByte(words[i])
	}
	return b.String()
}

// needsEscape tells whether words[i] needs a backslash anywhere in a line.
func needsEscape(words string, i int) bool {
	switch words[i] {
	case '\\', '*', '`', '[', ']', '~':
		return true
	case '_':
		return i == 0 || i == len(words)-1 || !alphanumeric(words[i-1]) || !alphanumeric(words[i+1])
	case '<':
		return i == len(words)-1 || alphanumeric(words[i+1]) || strings.IndexByte("/!?", words[i+1]) >= 0
	case '&':
		return i == len(words)-1 || leadingEntity.MatchString(words[i:])
	}
	return false
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
