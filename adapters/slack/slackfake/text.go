package slackfake

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// markupPattern is all that Slack doesn't escape: what stands in <>, and entities.
	markupPattern = regexp.MustCompile(`<(?:@[UW][A-Z0-9]+(?:\|[^<>]*)?|#[CG][A-Z0-9]+(?:\|[^<>]*)?|!(?:here|channel|everyone)(?:\|[^<>]*)?|` +
		`!subteam\^S[A-Z0-9]+(?:\|[^<>]*)?|!date\^\d+\^[^<>]*\|[^<>]*|(?:https?|mailto|tel|slack):[^<>|]+(?:\|[^<>]*)?)>|&(?:amp|lt|gt);`)
	codePattern      = regexp.MustCompile("(?s)```.*?```|`[^`\n]+`")
	linkPattern      = regexp.MustCompile(`\bhttps?://[^\s<>|` + "`" + `]+|\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b`)
	broadcastPattern = regexp.MustCompile(`@(here|channel|everyone)\b`)

	escaper   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// emoji that Slack stores by their names; it knows some thousands more.
var emoji = map[string]string{
	"👍": "+1", "👎": "-1", "😀": "grinning", "😄": "smile", "🙂": "slightly_smiling_face", "❤️": "heart", "🎉": "tada", "🚀": "rocket",
	"👏": "clap", "👋": "wave", "✅": "white_check_mark", "📚": "books", "🙏": "pray", "🤔": "thinking_face", "🔥": "fire", "💡": "bulb",
	"👀": "eyes", "😂": "joy", "☕": "coffee", "💯": "100", "👍🏽": "+1::skin-tone-4",
}

var emojiNames = func() *strings.Replacer {
	var pairs []string
	var all []string
	for c := range emoji {
		all = append(all, c)
	}
	// The longest first, for those that begin with another.
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	for _, c := range all {
		pairs = append(pairs, c, ":"+emoji[c]+":")
	}
	return strings.NewReplacer(pairs...)
}()

// normalise makes text as Slack stores it of text as an app sends it: what is not marked up is escaped, addresses
// become links, and emoji names. Done twice, it does nothing more.
func normalise(text string) string {
	var b strings.Builder
	last := 0
	for _, at := range codePattern.FindAllStringIndex(text, -1) {
		b.WriteString(normalisePlain(text[last:at[0]], true))
		b.WriteString(normalisePlain(text[at[0]:at[1]], false))
		last = at[1]
	}
	b.WriteString(normalisePlain(text[last:], true))
	return b.String()
}

func normalisePlain(text string, links bool) string {
	var b strings.Builder
	last := 0
	plain := func(s string) {
		if links {
			b.WriteString(linkify(s))
		} else {
			b.WriteString(escaper.Replace(s))
		}
	}
	for _, at := range markupPattern.FindAllStringIndex(text, -1) {
		// An entity may be part of an address: https://example.org/?a=1&amp;b=2.
		if t := text[at[0]:at[1]]; links && t == "&amp;" && linkPattern.MatchString(lastWord(text[last:at[0]])) {
			continue
		}
		plain(text[last:at[0]])
		b.WriteString(text[at[0]:at[1]])
		last = at[1]
	}
	plain(text[last:])
	return b.String()
}

func lastWord(s string) string {
	return s[strings.LastIndexAny(s, " \n\t<>")+1:]
}

// linkify escapes text without tokens, and wraps addresses in <>.
func linkify(s string) string {
	var b strings.Builder
	last := 0
	for _, at := range linkPattern.FindAllStringIndex(s, -1) {
		address := strings.TrimRight(s[at[0]:at[1]], ".,;:!?)]}'\"*_~")
		b.WriteString(emojiNames.Replace(escaper.Replace(s[last:at[0]])))
		last = at[0] + len(address)
		whole := escaper.Replace(unescaper.Replace(address))
		if strings.Contains(address, "://") {
			b.WriteString("<" + whole + ">")
		} else {
			b.WriteString("<mailto:" + whole + "|" + whole + ">")
		}
	}
	b.WriteString(emojiNames.Replace(escaper.Replace(s[last:])))
	return b.String()
}

// linkNames is what link_names does.
func linkNames(text string) string { return broadcastPattern.ReplaceAllString(text, "<!$1>") }

// firstLink is the first web address in stored text, or "".
func firstLink(text string) string {
	for _, t := range markupPattern.FindAllString(text, -1) {
		if strings.HasPrefix(t, "<http") {
			address, _, _ := strings.Cut(strings.Trim(t, "<>"), "|")
			return unescaper.Replace(address)
		}
	}
	return ""
}
