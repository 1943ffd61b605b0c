package slackfake

import (
	"encoding/json"
	"fmt"
	"strings"
)

// fromJSON reads the elements of a rich_text block as a test gives them.
func fromJSON(elements string) (all []any) {
	if err := json.Unmarshal([]byte(elements), &all); err != nil {
		panic(fmt.Sprintf("slackfake: elements of rich text: %v", err))
	}
	return all
}

// flatten is the stored text of rich text.
func flatten(elements []any) string { return writer{markup: true}.all(elements) }

// plainText is a message as people read it, without its formatting.
func plainText(m *message) string {
	if m.autoBlocks || len(m.blocks) == 0 {
		return writer{}.all(parseRichText(m.text))
	}
	return writer{}.all(asRichText(m))
}

// asRichText is a message as rich text, as if it was copied into the message field.
func asRichText(m *message) (all []any) {
	if m.autoBlocks || len(m.blocks) == 0 {
		return clone(parseRichText(m.text))
	}
	for _, b := range m.blocks {
		b := b.(obj)
		switch b["type"] {
		case "rich_text":
			all = append(all, b["elements"].([]any)...)
		case "section", "header":
			all = append(all, textAsRichText(b["text"])...)
			fields, _ := b["fields"].([]any)
			for _, f := range fields {
				all = append(all, textAsRichText(f)...)
			}
		case "context":
			for _, e := range b["elements"].([]any) {
				all = append(all, textAsRichText(e)...)
			}
		case "markdown":
			all = append(all, section(b["text"].(string)))
		case "image":
			all = append(all, section(b["alt_text"].(string)))
		}
	}
	return clone(all)
}

func textAsRichText(v any) []any {
	t, _ := v.(obj)
	text, _ := t["text"].(string)
	switch {
	case text == "":
		return nil
	case t["type"] == "mrkdwn":
		return parseRichText(text)
	}
	return []any{section(text)}
}

func section(text string) obj {
	return obj{"type": "rich_text_section", "elements": []any{obj{"type": "text", "text": text}}}
}

// A writer writes rich text as text.
type writer struct{ markup bool }

func (w writer) all(elements []any) string {
	var parts []string
	for _, e := range elements {
		parts = append(parts, w.block(e.(obj)))
	}
	return strings.Join(parts, "\n")
}

func (w writer) block(e obj) string {
	elements, _ := e["elements"].([]any)
	switch e["type"] {
	case "rich_text_preformatted":
		if w.markup {
			return "```" + w.line(elements) + "```"
		}
	case "rich_text_quote":
		if w.markup {
			return "&gt; " + strings.ReplaceAll(w.line(elements), "\n", "\n&gt; ")
		}
	case "rich_text_list":
		return w.list(e, elements)
	}
	return w.line(elements)
}

func (w writer) list(e obj, items []any) string {
	indent, _ := e["indent"].(float64)
	if n, ok := e["indent"].(int); ok {
		indent = float64(n)
	}
	offset, _ := e["offset"].(float64)
	var lines []string
	for i, item := range items {
		mark := []string{"•", "◦", "▪︎"}[min(int(indent), 2)]
		if e["style"] == "ordered" {
			mark = fmt.Sprintf("%d.", i+1+int(offset))
		}
		lines = append(lines, strings.Repeat("    ", int(indent))+mark+" "+w.block(item.(obj)))
	}
	return strings.Join(lines, "\n")
}

func (w writer) line(elements []any) string {
	var b strings.Builder
	for _, e := range elements {
		b.WriteString(w.inline(e.(obj)))
	}
	return b.String()
}

func (w writer) inline(e obj) string {
	text := func(key string) string {
		s, _ := e[key].(string)
		return s
	}
	if !w.markup {
		switch e["type"] {
		case "link":
			if t := text("text"); t != "" {
				return t
			}
			return text("url")
		case "user":
			return "@" + text("user_id")
		case "channel":
			return "#" + text("channel_id")
		case "usergroup":
			return "@" + text("usergroup_id")
		case "broadcast":
			return "@" + text("range")
		case "emoji":
			if c := characters[text("name")]; c != "" {
				return c
			}
			return ":" + text("name") + ":"
		case "date":
			return text("fallback")
		}
		return text("text")
	}
	return w.style(e, w.marked(e, text))
}

func (w writer) marked(e obj, text func(string) string) string {
	switch e["type"] {
	case "link":
		if t := text("text"); t != "" {
			return "<" + escaper.Replace(text("url")) + "|" + escaper.Replace(t) + ">"
		}
		return "<" + escaper.Replace(text("url")) + ">"
	case "user":
		return "<@" + text("user_id") + ">"
	case "channel":
		return "<#" + text("channel_id") + ">"
	case "usergroup":
		return "<!subteam^" + text("usergroup_id") + ">"
	case "broadcast":
		return "<!" + text("range") + ">"
	case "emoji":
		return ":" + text("name") + ":"
	case "date":
		at, _ := e["timestamp"].(float64)
		link := ""
		if u := text("url"); u != "" {
			link = "^" + u
		}
		return fmt.Sprintf("<!date^%.0f^%s%s|%s>", at, text("format"), link, escaper.Replace(text("fallback")))
	}
	return escaper.Replace(text("text"))
}

// style puts the marks inside of the white space around.
func (w writer) style(e obj, s string) string {
	style, _ := e["style"].(obj)
	words := strings.TrimSpace(s)
	if words == "" {
		return s
	}
	i := strings.Index(s, words)
	before, after := s[:i], s[i+len(words):]
	for _, mark := range []struct{ name, mark string }{{"code", "`"}, {"strike", "~"}, {"italic", "_"}, {"bold", "*"}} {
		if style[mark.name] == true {
			words = mark.mark + words + mark.mark
		}
	}
	return before + words + after
}
