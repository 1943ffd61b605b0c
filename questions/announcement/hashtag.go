package announcement

import (
	"regexp"
	"strings"
)

var (
	hashtagPat  = regexp.MustCompile(`(?:^|[\s("“‘'\[/,:;–—-]|[\p{L}\d]#?)(#[\p{L}\d_]*\p{L}[\p{L}\d_]*)`)
	ownTag      = regexp.MustCompile(`(?i)^(?:\s+(?:[Tt]witter\s+|[Tt]weet\s?|[Ss]lack\s+|[Ff]estive\s+|[Jj]ournal\s+|[Ss]low\s+|online\s+|monthly\s+)*(?:chats?|tweetchats?|quiz|club|hour)\b|\s*[:,])`)
	useTag      = regexp.MustCompile(`(?i)\b(?:next|use|using|used|tag|tags|hashtag|hashtags?:?|join|joining|follow|following|on|via|with|search|searching for|add|adding|include|including|under|tweet|the|at|our|this week on|questions for|facilitating for|for)\s+(?:the\s+|our\s+)?(?:hashtag:?\s+|tag\s+)?["“‘']?$`)
	eventBefore = regexp.MustCompile(`(?i)\b(?:part of|during|ahead of|before|warm up for|preparation for|prepare for|celebrat\w+|mark|marking|for|coincid\w+ with|to support|see also|like|as well as|similar to|such as|inspired by|modelled on|clash\w* with|at|alongside)\s+(?:the\s+)?$`)
	eventTag    = regexp.MustCompile(`(?i)(?:week|month|day|conf(?:erence)?|fest|awards?|summit|congress|\D\d{2}|20\d{2})$`)
)

// findHashtag finds the chat's own hashtag among all that the text uses.
func (p *reader) findHashtag() {
	type candidate struct {
		first Found[string]
		score int
	}
	var all []*candidate
	byName := map[string]*candidate{}
	for i, b := range p.blocks {
		for _, m := range hashtagPat.FindAllStringSubmatchIndex(b.source, maxMentions) {
			tag := b.source[m[2]:m[3]]
			key := strings.ToLower(tag)
			c := byName[key]
			if c == nil {
				c = &candidate{first: Found[string]{tag, b.evidence(m[2], m[3])}}
				byName[key] = c
				all = append(all, c)
				p.r.Hashtags = append(p.r.Hashtags, tag)
				if eventTag.MatchString(tag) {
					c.score -= 4
				}
			}
			before, after := b.source[max(0, m[2]-80):m[2]], b.source[m[3]:min(len(b.source), m[3]+80)]
			c.score += 2
			if i == p.title {
				c.score++
			}
			if ownTag.MatchString(after) {
				c.score += 3
			}
			switch event := eventBefore.FindString(before); {
			case event != "" && !useTag.MatchString(before):
				c.score -= 4
			case useTag.MatchString(before) && event == "":
				c.score += 3
			case strings.Contains(event, "warm up") || strings.Contains(event, "part of") || strings.Contains(event, "ahead"):
				c.score -= 4
			}
			if strings.TrimSpace(b.source[m[3]:]) == "" && b.isItem() {
				c.score++ // at the end of a question
			}
		}
	}
	var best *candidate
	for _, c := range all {
		if c.score > 0 && (best == nil || c.score > best.score) {
			best = c
		}
	}
	if best == nil {
		p.doubt(noHashtag, 0)
		return
	}
	p.r.Hashtag = best.first
}

// cutHashtag takes the chat's hashtag off the end of a text, where it only files the message.
func (p *reader) cutHashtag(s string) string {
	tag := p.r.Hashtag.Value
	for tag != "" {
		rest := strings.TrimRight(s, " ")
		if len(rest) <= len(tag) || !strings.EqualFold(rest[len(rest)-len(tag):], tag) || rest[len(rest)-len(tag)-1] != ' ' {
			break
		}
		s = strings.TrimRight(rest[:len(rest)-len(tag)], " ")
	}
	return strings.TrimSpace(s)
}

// ownHashtag tells whether a tag is the chat's.
func (p *reader) ownHashtag(tag string) bool { return strings.EqualFold(tag, p.r.Hashtag.Value) }
