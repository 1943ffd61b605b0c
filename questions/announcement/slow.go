package announcement

import (
	"regexp"
	"strings"
)

// dayBefore is the label of a daily question.
func dayBefore(b block) string {
	return strings.TrimRight(strings.TrimSpace(strings.TrimSuffix(b.source, b.text)), " :–—-")
}

var dayHead = regexp.MustCompile(`(?i)^(?:day (?:\d{1,2}|` + numberWords + `)|(?:mon|tues|wednes|thurs|fri|satur|sun)day(?:,? (?:the )?\d{1,2}(?:st|nd|rd|th)?(?: (?:of )?[a-z]{3,9})?)?)\s*[:–—-]?$`)

// dayHead tells whether a block is no more than a day, over the question of that day.
func (p *reader) dayHead(b block) (string, bool) {
	if m := dayHead.FindString(b.source); m != "" {
		return strings.TrimRight(m, " :–—-"), true
	}
	return "", false
}

// dayOf is the day that stands over, before or in a slow chat's question.
func (p *reader) dayOf(i int) string {
	if i > 0 {
		if day, ok := p.dayHead(p.blocks[i-1]); ok {
			return day
		}
	}
	if m := dailyLabel.FindString(p.blocks[i].source); m != "" {
		return strings.TrimRight(m, " :–—-")
	}
	if m := dayInside.FindStringSubmatch(p.blocks[i].source); m != nil {
		return m[1]
	}
	return ""
}

var slowChat = regexp.MustCompile(`(?i)\bslow[- ](?:burn(?:ing)? )?(?:twitter )?(?:chat\b|#\w+)|\b(?:one|a|new) question (?:a|each|every|per) (?:week)?day\b|\bquestion of the day\b|\b(?:one|a) (?:new )?question (?:will be )?(?:posted |asked |tweeted )?(?:each|every) (?:day|morning)\b|#\w*slow\w*`)

// isSlow tells whether the chat is held over days.
func (p *reader) isSlow() bool {
	for i, b := range p.blocks {
		if !p.isAsked(i) && slowChat.MatchString(b.source) {
			return true
		}
	}
	return false
}
