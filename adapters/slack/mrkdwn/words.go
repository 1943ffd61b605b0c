package mrkdwn

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// readableKeys are the JSON keys of what people can read, in blocks and elements that have no case of their own.
var readableKeys = []string{"text", "title", "name", "label", "fallback", "alt_text", "description", "value", "raw_text"}

// otherElement reads a rare or unknown element of a section: its words, and its link if it has one.
func otherElement(e slackgo.RichTextSectionElement) commonmark.Run {
	var fields struct {
		URL string `json:"url"`
	}
	raw, err := json.Marshal(e)
	if err == nil {
		_ = json.Unmarshal(raw, &fields) // no URL, then
	}
	text := strings.Join(readableText(e), " ")
	if text == "" && fields.URL == "" {
		text = "[" + strings.ReplaceAll(string(e.RichTextSectionElementType()), "_", " ") + "]"
	}
	return linkRun(text, fields.URL, 0)
}

// readableText is the text in a block or element of any kind, in the order of its fields.
func readableText(e any) []string {
	raw, err := json.Marshal(e)
	if err != nil {
		return nil
	}
	return readableStrings(raw, false)
}

// readableStrings walks over JSON in the order of its fields. A string counts if its key is readable.
func readableStrings(raw json.RawMessage, counts bool) (all []string) {
	raw = bytes.TrimSpace(raw)
	d := json.NewDecoder(bytes.NewReader(raw))
	switch {
	case len(raw) == 0:
	case raw[0] == '"':
		var s string
		if json.Unmarshal(raw, &s) == nil && counts && strings.TrimSpace(s) != "" {
			all = append(all, s)
		}
	case raw[0] == '[' || raw[0] == '{':
		_, _ = d.Token()
		for d.More() {
			counts := counts
			if raw[0] == '{' {
				key, _ := d.Token()
				name, _ := key.(string)
				counts = slices.Contains(readableKeys, name)
			}
			var value json.RawMessage
			if d.Decode(&value) != nil {
				break
			}
			all = append(all, readableStrings(value, counts)...)
		}
	}
	return all
}
