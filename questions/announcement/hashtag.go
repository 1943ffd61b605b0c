package announcement

import (
	"regexp"
	"strings"
)

var (
	hashtagPat  = regexp.MustCompile(`(?:^|[\s("“‘'\[/,:;–—|*-]|[\p{L}\d]#?)(#[\p{L}\d_]*\p{L}[\p{L}\p{M}\d_]*)(-[\p{L}\d]+)*`)
	ownTag      = regexp.MustCompile(`(?i)^(?:\s+(?:(?:twitter|tweet|slack|festive|journal|slow|online|monthly)\s+)*(?:chats?|tweetchats?|quiz|club|hour)\b|\s*[:,])`)
	useTag      = regexp.MustCompile(`(?i)\b(?:next|use|using|used|tags?|hashtags?:?|join|joining|follow|following|on|via|with|search|searching for|add|adding|include|including|under|tweet|at|our|questions for|facilitating for|for|dem|unter)\s+(?:the\s+|our\s+|dem\s+)?(?:hashtag:?\s+|tag\s+)?["“‘']?$`)
	tagField    = regexp.MustCompile(`(?i)^\W*(?:hash\s?tags?|tag|where|wo|où|dónde)\s*[:|=]`)
	eventBefore = regexp.MustCompile(`(?i)\b(?:part of|during|ahead of|before|warm up for|preparation for|prepare for|celebrat\w+|mark|marking|for|coincid\w+ with|to support|see also|like|as well as|similar to|such as|inspired by|modelled on|vorbild war|clash\w* with|at|alongside|by|related)\s+(?:the\s+|fine\s+)*$`)
	eventTag    = regexp.MustCompile(`(?i)(?:week|wk|month|day|conf(?:erence)?|fest|awards?|summit|congress|\D\d{2}|20\d{2})$`)
	inChannel   = regexp.MustCompile(`(?i)\b(?:channels?(?: is| called|:)?|room(?: is|:)?|in(?: the| our)?|irc|to the|ask(?: for help)? in|help in|at)\s+$`)
	inSlack     = regexp.MustCompile(`(?i)\b(?:slack|discord|irc|teams|zulip|matrix)\b[\s,:(]*$`)
	isChannel   = regexp.MustCompile(`(?i)^\s*(?:channel|room|on (?:slack|irc|matrix|discord|freenode|libera)|in (?:our )?(?:slack|discord))\b`)
)

// findHashtag finds the chat's own hashtag among all that the text uses. Channels are none.
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
			ahead, after := b.source[max(0, m[2]-80):m[2]], b.source[m[1]:min(len(b.source), m[1]+80)]
			if m[4] >= 0 && !strings.EqualFold(b.source[m[4]:m[5]], "-chat") || inSlack.MatchString(ahead) || inChannel.MatchString(ahead) || isChannel.MatchString(after) { // "#reading-group", "in #general"
				continue
			}
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
			c.score += 2
			if i == p.title {
				c.score++
			}
			if ownTag.MatchString(after) && !b.isItem() {
				c.score += 3
			}
			if len(b.dates) > 0 || len(b.clocks) > 0 {
				c.score++
			}
			if tagField.MatchString(b.source) {
				c.score += 4
			}
			event := eventBefore.FindString(ahead)
			if b.isItem() {
				event = ""
			}
			switch {
			case event != "" && !useTag.MatchString(ahead):
				c.score -= 4
			case useTag.MatchString(ahead) && event == "":
				c.score += 3
			case strings.Contains(event, "warm up") || strings.Contains(event, "part of") || strings.Contains(event, "ahead"):
				c.score -= 4
			}
			if strings.TrimSpace(after) == "" && b.isItem() {
				c.score++ // at the end of a question
			}
		}
	}
	own := strings.ToLower(p.opts.Series.Hashtag)
	var best, second *candidate
	for _, c := range all {
		switch {
		case best == nil || c.score > best.score:
			best, second = c, best
		case second == nil || c.score > second.score:
			second = c
		}
	}
	if c := byName[own]; c != nil && own != "" {
		best, second = c, nil
	}
	if best == nil || best.score <= 0 {
		if own != "" {
			p.r.Hashtag = Found[string]{Value: p.opts.Series.Hashtag, Evidence: Evidence{Line: -1, Words: "as in earlier chats"}}
			p.r.Assumed = append(p.r.Assumed, "hashtag")
			return
		}
		p.doubt(noHashtag, 0)
		return
	}
	p.r.Hashtag = best.first
	switch {
	case own != "" && byName[own] == nil && p.opts.Series.Chats > 1:
		p.doubt(unusualHashtag, best.first.Line, best.first.Value, p.opts.Series.Hashtag)
	case second != nil && second.score >= best.score-1 && second.score > 2:
		p.doubt(severalHashtags, second.first.Line, best.first.Value, second.first.Value)
	}
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
