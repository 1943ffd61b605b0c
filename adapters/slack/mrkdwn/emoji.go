package mrkdwn

import (
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	slackgo "github.com/slack-go/slack"
)

//go:embed emoji.txt
var emojiTable string

// emoji maps both ways: from each name to its characters, and from characters to Slack's own name for them. The
// characters have no variation selectors, which some keyboards add and others don't.
var emoji = sync.OnceValue(func() (t struct{ characters, names map[string]string }) {
	t.characters, t.names = map[string]string{}, map[string]string{}
	for line := range strings.Lines(emojiTable) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] == "#" {
			continue
		}
		characters := codePoints(fields[0])
		t.names[strings.ReplaceAll(characters, variationSelector, "")] = fields[1]
		for _, name := range fields[1:] {
			t.characters[name] = characters
		}
	}
	return t
})

const (
	variationSelector = "\ufe0f"
	skinTones         = "🏻🏼🏽🏾🏿" // skin-tone-2 to skin-tone-6
)

var (
	shortcode   = regexp.MustCompile(`^([^\s:]+?)(?:::skin-tone-([2-6]))?$`)
	customEmoji = regexp.MustCompile(`^:([^\s:]+(?:::skin-tone-[2-6])?):$`)
)

// EmojiFromName is the emoji of a shortcode without its outer colons, such as "+1" or "+1::skin-tone-2". It is the
// characters, or ":name:" for a workspace's own emoji.
func EmojiFromName(name string) string {
	if m := shortcode.FindStringSubmatch(name); m != nil {
		if characters, ok := emoji().characters[m[1]]; ok {
			return withSkinTone(characters, m[2])
		}
	}
	return ":" + name + ":"
}

// withSkinTone adds a skin tone, "2" to "6" or "", after the first character.
func withSkinTone(characters, tone string) string {
	if tone == "" {
		return characters
	}
	n, _ := strconv.Atoi(tone) // it is a digit
	first := []rune(characters)[0]
	rest := strings.TrimPrefix(characters[len(string(first)):], variationSelector)
	return string(first) + string([]rune(skinTones)[n-2]) + rest
}

// emojiElement is an emoji in rich_text. The code points that Slack sends include the skin tone.
func emojiElement(e *slackgo.RichTextSectionEmojiElement) string {
	if characters := codePoints(e.Unicode); characters != "" {
		return characters
	}
	name := e.Name
	if e.SkinTone >= 2 && e.SkinTone <= 6 && !strings.Contains(name, "::") {
		name += "::skin-tone-" + string(rune('0'+e.SkinTone))
	}
	return EmojiFromName(name)
}

// EmojiName is the shortcode of an emoji without its outer colons, as a reaction needs it, and whether Slack has one.
func EmojiName(character string) (string, bool) {
	if m := customEmoji.FindStringSubmatch(character); m != nil {
		return m[1], true
	}
	plain, tone := strings.ReplaceAll(character, variationSelector, ""), ""
	if name, ok := emoji().names[plain]; ok {
		return name, true
	}
	for i, t := range []rune(skinTones) {
		if strings.ContainsRune(plain, t) {
			plain, tone = strings.ReplaceAll(plain, string(t), ""), fmt.Sprintf("::skin-tone-%d", i+2)
			break
		}
	}
	name, ok := emoji().names[plain]
	return name + tone, ok
}

// codePoints converts "1f44d-1f3fb" to characters. It leaves out what is not a code point.
func codePoints(hex string) string {
	var b strings.Builder
	for h := range strings.SplitSeq(hex, "-") {
		if r, err := strconv.ParseUint(h, 16, 21); err == nil {
			b.WriteRune(rune(r))
		}
	}
	return b.String()
}
