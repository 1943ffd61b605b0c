package slackfake

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// maxBlocks is how many characters the texts of all blocks may have together. It is not documented; posts of some
// 13,200 were refused.
const maxBlocks = 13_200

// readBlocks checks blocks as Slack does, and stores them as Slack does: with IDs, and normalised.
// See https://docs.slack.dev/reference/block-kit/blocks.
func (c *call) readBlocks(raw string) ([]any, *apiError) {
	var blocks []any
	if json.Unmarshal([]byte(raw), &blocks) != nil {
		return nil, fail("invalid_blocks_format")
	}
	k := checker{}
	k.maxItems(len(blocks), 50, "/blocks")
	ids := map[string]bool{}
	for i, b := range blocks {
		path := fmt.Sprintf("/blocks/%d", i)
		block, ok := b.(obj)
		if !ok {
			k.addError("must be an object", path)
			continue
		}
		k.block(block, path)
		id, _ := block["block_id"].(string)
		if ids[id] && id != "" {
			k.addError(fmt.Sprintf("block_id already exists: %s", id), path+"/block_id")
		}
		ids[id] = true
		if id == "" {
			block["block_id"] = c.server.id("b")[:5]
		}
		normaliseBlock(block)
	}
	if len(k.errors) > 0 {
		var messages []string
		for _, e := range k.errors {
			messages = append(messages, "[ERROR] "+e)
		}
		return nil, &apiError{"invalid_blocks", obj{"errors": k.errors, "response_metadata": obj{"messages": messages}}}
	}
	if k.size > maxBlocks {
		return nil, fail("msg_blocks_too_long")
	}
	return blocks, nil
}

// normaliseBlock does to mrkdwn in blocks what is done to text.
func normaliseBlock(o obj) {
	if text, ok := o["text"].(string); ok && o["type"] == "mrkdwn" && o["verbatim"] != true {
		o["text"] = normalise(text)
		return
	}
	for _, v := range o {
		switch v := v.(type) {
		case obj:
			normaliseBlock(v)
		case []any:
			for _, e := range v {
				if e, ok := e.(obj); ok {
					normaliseBlock(e)
				}
			}
		}
	}
}

// A checker collects what is wrong with blocks.
type checker struct {
	errors   []string
	size     int
	markdown int
}

func (k *checker) addError(what, path string) {
	k.errors = append(k.errors, fmt.Sprintf("%s [json-pointer:%s]", what, path))
}

func (k *checker) maxItems(n, limit int, path string) {
	if n > limit {
		k.addError(fmt.Sprintf("no more than %d items allowed", limit), path)
	}
}

// text checks the length of a string, in characters.
func (k *checker) text(v any, minimum, maximum int, path string) {
	text, ok := v.(string)
	n := utf8.RuneCountInString(text)
	k.size += n
	switch {
	case v == nil && minimum > 0:
		k.addError("missing required field", path)
	case v != nil && !ok:
		k.addError("must be a string", path)
	case n < minimum:
		k.addError(fmt.Sprintf("must be more than %d characters", minimum-1), path)
	case n > maximum:
		k.addError(fmt.Sprintf("must be less than %d characters", maximum+1), path)
	}
}

// object checks a text object.
func (k *checker) object(v any, maximum int, path string, kinds ...string) {
	o, ok := v.(obj)
	if !ok {
		k.addError("missing required field: text", path)
		return
	}
	if kind, _ := o["type"].(string); !slices.Contains(kinds, kind) {
		k.addError(fmt.Sprintf("must be one of %v", kinds), path+"/type")
	}
	k.text(o["text"], 1, maximum, path+"/text")
}

func (k *checker) block(b obj, path string) {
	if b["block_id"] != nil {
		id, _ := b["block_id"].(string)
		if utf8.RuneCountInString(id) > 255 {
			k.addError("must be less than 256 characters", path+"/block_id")
		}
	}
	elements, _ := b["elements"].([]any)
	switch b["type"] {
	case "section":
		k.section(b, path)
	case "header":
		k.object(b["text"], 150, path+"/text", "plain_text")
	case "context":
		k.list(elements, 10, path)
		for i, e := range elements {
			if e, _ := e.(obj); e["type"] != "image" {
				k.object(e, 3000, fmt.Sprintf("%s/elements/%d", path, i), "plain_text", "mrkdwn")
			}
		}
	case "actions":
		k.list(elements, 25, path)
		for i, e := range elements {
			k.element(e, fmt.Sprintf("%s/elements/%d", path, i))
		}
	case "markdown":
		k.text(b["text"], 1, 12_000, path+"/text")
		text, _ := b["text"].(string)
		if k.markdown += utf8.RuneCountInString(text); k.markdown > 12_000 {
			k.addError("markdown blocks must be less than 12001 characters together", path+"/text")
		}
	case "image":
		k.text(b["alt_text"], 1, 2000, path+"/alt_text")
		if b["image_url"] == nil && b["slack_file"] == nil {
			k.addError("missing required field: image_url", path)
		}
	case "rich_text":
		k.list(elements, 1000, path)
		for i, e := range elements {
			k.rich(e, fmt.Sprintf("%s/elements/%d", path, i))
		}
	case "divider", "input", "file", "video", "table":
	default:
		k.addError(fmt.Sprintf("unsupported type: %v", b["type"]), path+"/type")
	}
}

func (k *checker) list(elements []any, maximum int, path string) {
	if len(elements) == 0 {
		k.addError("no fewer than 1 items allowed", path+"/elements")
	}
	k.maxItems(len(elements), maximum, path+"/elements")
}

func (k *checker) section(b obj, path string) {
	fields, _ := b["fields"].([]any)
	if b["text"] == nil && len(fields) == 0 {
		k.addError("must define either `text` or `fields`", path)
	}
	if b["text"] != nil {
		k.object(b["text"], 3000, path+"/text", "plain_text", "mrkdwn")
	}
	k.maxItems(len(fields), 10, path+"/fields")
	for i, f := range fields {
		k.object(f, 2000, fmt.Sprintf("%s/fields/%d", path, i), "plain_text", "mrkdwn")
	}
	if b["accessory"] != nil {
		k.element(b["accessory"], path+"/accessory")
	}
}

func (k *checker) element(v any, path string) {
	e, _ := v.(obj)
	if e["type"] == "button" {
		k.object(e["text"], 75, path+"/text", "plain_text")
		k.text(e["value"], 0, 2000, path+"/value")
	}
	if e["action_id"] != nil {
		k.text(e["action_id"], 1, 255, path+"/action_id")
	}
	if e["type"] == nil {
		k.addError("missing required field: type", path)
	}
}

// rich checks an element of a rich_text block, and those in it.
func (k *checker) rich(v any, path string) {
	e, _ := v.(obj)
	elements, _ := e["elements"].([]any)
	inline := e["type"] == "rich_text_section" || e["type"] == "rich_text_quote" || e["type"] == "rich_text_preformatted"
	switch {
	case inline:
	case e["type"] == "rich_text_list":
		if e["style"] != "bullet" && e["style"] != "ordered" {
			k.addError("must be one of [bullet ordered]", path+"/style")
		}
	default:
		k.addError(fmt.Sprintf("unsupported type: %v", e["type"]), path+"/type")
		return
	}
	if _, ok := e["elements"].([]any); !ok {
		k.addError("missing required field: elements", path)
	}
	for i, v := range elements {
		at := fmt.Sprintf("%s/elements/%d", path, i)
		child, _ := v.(obj)
		switch {
		case !inline && child["type"] != "rich_text_section":
			k.addError(fmt.Sprintf("unsupported type: %v", child["type"]), at+"/type")
		case !inline:
			k.rich(child, at)
		default:
			k.inline(child, at)
		}
	}
}

// needs of the inline elements.
var requiredFields = map[string]string{
	"text": "text", "link": "url", "emoji": "name", "user": "user_id", "usergroup": "usergroup_id", "channel": "channel_id",
	"broadcast": "range", "color": "value",
}

func (k *checker) inline(e obj, path string) {
	kind, _ := e["type"].(string)
	if kind == "date" {
		if _, ok := e["timestamp"].(float64); !ok {
			k.addError("missing required field: timestamp", path)
		}
		k.text(e["format"], 1, 1000, path+"/format")
		return
	}
	need, ok := requiredFields[kind]
	if !ok {
		k.addError(fmt.Sprintf("unsupported type: %v", e["type"]), path+"/type")
		return
	}
	k.text(e[need], 1, 1<<20, path+"/"+need)
	if style, given := e["style"].(obj); given {
		for name, on := range style {
			if _, isBool := on.(bool); !isBool || !slices.Contains([]string{"bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"}, name) {
				k.addError(fmt.Sprintf("unexpected style: %s", name), path+"/style")
			}
		}
	}
}
