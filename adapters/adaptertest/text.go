package adaptertest

import (
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// The platform's native text is CommonMark in which @here, @everyone, @channel and @room call everybody in the room,
// in code as well, but not within a word or an address. A word joiner behind the @ takes the life out of them.
const wordJoiner = "\u2060"

var (
	massMention    = regexp.MustCompile(`(?i)(^|[^\w/])@(here|everyone|channel|room)\b`)
	defusedMention = regexp.MustCompile(`(?i)@` + wordJoiner + `(here|everyone|channel|room)\b`)
	timeTag        = regexp.MustCompile(`^<(time(\s[^>]*)?|/time)>$`)
)

func hasMassMention(native string) bool { return massMention.MatchString(native) }

// toNative converts what the bot says: instants become their words, and mass mentions stay words.
func toNative(commonMark string) string {
	return massMention.ReplaceAllString(withoutTimeTags(commonMark), "${1}@"+wordJoiner+"${2}")
}

// fromNative converts what people say.
func fromNative(native string) string { return defusedMention.ReplaceAllString(native, "@${1}") }

// withoutTimeTags drops the tags of <time> and leaves the words between them, but not in code, where they are text.
func withoutTimeTags(commonMark string) string {
	if !strings.Contains(commonMark, "<time") {
		return commonMark
	}
	source := []byte(commonMark)
	var cuts []text.Segment
	// The error is always nil: the walker returns none.
	_ = ast.Walk(goldmark.New().Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if raw, ok := n.(*ast.RawHTML); ok && entering && timeTag.Match(raw.Segments.Value(source)) {
			for i := range raw.Segments.Len() {
				cuts = append(cuts, raw.Segments.At(i))
			}
		}
		return ast.WalkContinue, nil
	})
	for _, c := range slices.Backward(cuts) {
		source = slices.Delete(source, c.Start, c.Stop)
	}
	return string(source)
}
