package commonmark

import (
	"regexp"
	"strings"
)

var (
	// entity is what CommonMark takes for a character's name or number.
	entity        = regexp.MustCompile(`&(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{0,31};)`)
	leadingEntity = regexp.MustCompile(`^` + entity.String())
	// blockStart is what makes something other than a paragraph of a line: the character to escape is the last of the
	// group.
	blockStart = regexp.MustCompile(`^(#)#{0,5}(?:[ \t]|$)|^([-+])(?:[ \t]|$)|^(-)[- \t]*$|^(=)=*[ \t]*$|^(>)|^(\d{1,9}[.)])(?:[ \t]|$)`)
	// tableDelimiter is what makes a table of the line above it.
	tableDelimiter = regexp.MustCompile(`^[-:| \t]+$`)
	// bareLink is what readers of more than CommonMark make a link of.
	bareLink = regexp.MustCompile(`(?i)(https?|ftp)(://)|\b(www)(\.)|([a-z0-9._+-])(@)([a-z0-9-]+\.[a-z])`)
)

// Escape writes words in which no character means anything to CommonMark, nor to the common additions to it: bare
// links, ~~strike~~ and tables. What needs no backslash gets none, as people read the source too. Start says that it
// begins a line.
func Escape(words string, start bool) string {
	also := map[int]bool{} // where a backslash stands that the character alone doesn't call for
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
			b.WriteString("&#92;") // goldmark reads a backslash before the one of a line break otherwise than others do
			break
		}
		if needsEscape(words, i) || also[i] {
			b.WriteByte('\\')
		}
		b.WriteByte(words[i])
	}
	return b.String()
}

// needsEscape tells whether words[i] needs a backslash within a line.
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
