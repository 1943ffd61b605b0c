package announcement

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// An event is what a page says of itself in schema.org's words, in JSON-LD.
type event struct {
	Start, End time.Time
	Name       string
}

// ChatFileProperty names the property of an event that holds the whole chat file, as `catchword announce` writes it.
const ChatFileProperty = "catchword chat file"

var jsonBlock = regexp.MustCompile(`(?is)<script[^>]*application/ld\+json[^>]*>(.*?)</script>`)

// readBlocks reads the machine-readable blocks of a text.
func (d *document) readBlocks(text string) {
	for _, m := range jsonBlock.FindAllStringSubmatch(text, 8) {
		var any struct {
			Type       any    `json:"@type"`
			Name       string `json:"name"`
			Start      string `json:"startDate"`
			End        string `json:"endDate"`
			Properties []struct {
				Name  string `json:"name"`
				Value any    `json:"value"`
			} `json:"additionalProperty"`
		}
		if json.Unmarshal([]byte(m[1]), &any) != nil {
			continue
		}
		kind, _ := any.Type.(string)
		if !strings.HasSuffix(kind, "Event") {
			continue
		}
		start, err := time.Parse(time.RFC3339, any.Start)
		if err != nil {
			continue
		}
		end, _ := time.Parse(time.RFC3339, any.End)
		d.event = &event{start, end, any.Name}
		slug := ""
		for _, p := range any.Properties {
			value, _ := p.Value.(string)
			if p.Name == "catchword slug" {
				slug = value
			}
			if p.Name == ChatFileProperty {
				if chat, err := questions.ParseChat(slug, []byte(value)); err == nil {
					d.exact = &chat
				}
			}
		}
	}
}
