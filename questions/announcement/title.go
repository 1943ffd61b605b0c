package announcement

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

const anyMonth = `(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)`

var (
	greeting    = regexp.MustCompile(`(?i)^(?:hi|hello|dear|hey|good (?:morning|afternoon|evening)|greetings|hallo|liebe|hola|bonjour|kia ora|(?:edit|update|updated)\b)`)
	boilerplate = regexp.MustCompile(`(?i)^(?:(?:the|our|this|a|an)\s+)?(?:(?:questions|preparing|getting ready|join us|details|announcement|announcing|introduction(?: and questions)?|reminder|reminder:|invitation|einladung)\s+(?:for|of|to|zum|zur)\s+)?(?:(?:the|our|this|tonight’s|tonight's|tomorrow’s|next tuesday’s|next week’s|next week's|next|nächster|prochain|próximo|sgwrs nesaf|upcoming|forthcoming|slow|first|(?:mon|tues|wednes|thurs|fri|satur|sun)day(?:[’']s)?|\d+(?:st|nd|rd|th)|live|special)\s+)*(?:(?:twitter|tweet|slack|matrix|online|monthly|weekly)\s+)*(?:(?:` + anyMonth + `(?:’s|'s)?)\s+)?(?:(?:twitter|tweet|slack|matrix|online|monthly)\s+)*\s*(?:chats?|tweetchats?)\b(?:\s+(?:planning|agenda|topic)\b)?(?:\s+(?:on|about)\b|\s+(?:is|will be) (?:on|about)\b)?[\s:,;–—|-]*|^` + anyMonth + `(?:’s|'s)?(?:\s*[:,–—-])+\s*|^(?:reminder|reminder to all|save the date|tonight|today|einladung|ankündigung|invitation)\b\s*(?:zum|to|[:!,–—-])\s*|^(?:próximo|prochain|nächster|sgwrs nesaf)\b\s*[:,–—-]?\s*`)
	shortcodes  = regexp.MustCompile(`:[a-z][\w+-]+:`)
	toFollow    = regexp.MustCompile(`(?i)\b(?:date )?(?:tb[ca]\b|to be (?:announced|confirmed))!?`)
	joiners     = regexp.MustCompile(`(?i)^(?:(?:join|join us|join in)\s+(?:on|at|for)?\s*)?(?:to|as we) (?:discuss|talk about)\b\s*|^(?:on|at|about|is on|is back|from|for|and|am|le|el|um|de|du|à|a las|with|von|till)\b\s*|^[\s,;:.!?–—|/()&@-]+`)
	saysNothing = regexp.MustCompile(`(?i)^(?:(?:charla|tertulia|plausch|sgwrs|rappel|prochain|tl|dr|blog|save|chats?|questions?|the|next|and|&|our|announcement|announcing|twitter|details|introduction|tweetchat|tonight|this|evening|join|us|is|are|will|be|on|or|held|date|week|in|for|to|a|an|we|back|live|thursday|reminder|upcoming|topic|coming|up|slack|online|nos|van|tot|bis|uhr|einladung|zum|first|ever|of|\d{4}|next|weeks?[’']?s?|jan\w*|feb\w*|march|april|may|june|july|august|sep\w*|october|nov\w*|dec\w*|second|third|fourth|monday|tuesday|wednesday|friday)[\s:;,.!?–-]*)+$`)
	topicField  = regexp.MustCompile(`(?i)^\W*(?:topic|theme|subject|what|title|tweet ?chat|this week|this month|thema|thème|tema|sujet|titel|titre|título|título|onderwerp|pwnc)\s*[:=|–-]\s*["“„]?(\S.{2,140}?)["”“]?$`)
	topicSaid   = regexp.MustCompile(`(?i)\b(?:the (?:topic|theme|subject) (?:is|will be)(?: going to be)?|this time(?: we(?:’|')?re)?|(?:topic|theme)\s*[=:]|discussion of|(?:chat|discussion|session) (?:is |will be )?(?:on|about)|(?:to|we(?:’|'| wi)ll) (?:talk|chat) about|to discuss)[:,…. ]+["“‘]?([^.!?;"”]{3,90})`)
	placeOnly   = regexp.MustCompile(`(?i)^\W*(?:in|on|at)\s+(?:the\s+)?#\S+\W*$`)
	trailers    = regexp.MustCompile(`(?i)(?:\s+(?:week (?:of|beginning|commencing)|on|at|from|is|for|and|the questions|am|um|le|el|van|nos|in two sittings|de|du|to)|[\s,;:–—|/(@&-]+|^\)|\.\s*\.*)$`)
	emptyPairs  = regexp.MustCompile(`\(\s*[,;–-]*\s*\)`)
	titleCredit = regexp.MustCompile(`(?i)[\s,;–—-]*\b(?:(?:led|hosted|chaired|moderated) by\b|(?:leader|host)s?\s*[:=]).*$`)
	theChat     = regexp.MustCompile(`(?i)\s*[:,–—|-]\s*(?:(?:the|our|a|live|next|this|twitter|tweet|slack)\s+)*(?:tweet ?|twitter )?chats?(?:\s+for)?$`)
	spoken      = regexp.MustCompile(`(?i)^(?:has|have|is|are|was|will|that[’']?s|it[’']?s|asks?|she|he|they|we|i|ok|bring|come|see|to take part|what we|hi|hello|dear|evening|morning|apologies|a reminder|just a|log on|everyone|hey|thanks|don[’']?t)\b`)
	doubled     = regexp.MustCompile(`\s*[,;]\s*([,;:–—|-])`)
	leadingNext = regexp.MustCompile(`(?i)^(?:the |our )?next\b\s*|^(?:mon|tues|wednes|thurs|fri|satur|sun)day(?:[’']s)?\s*[:,–—-]\s*|^week[’']s\s*:\s*`)
	invitation  = regexp.MustCompile(`(?i)^(?:join us|join|come and join|come along|don’t forget|don't forget|we(?:’|')?re|we are|please|you are|this is|just a|it(?:’|')?s)\b`)
)

// findTitleBlock finds the block that is the title: what markup says, else the first line that is short enough.
func (p *reader) findTitleBlock() {
	for i, b := range p.blocks {
		if b.role == roleTitle {
			p.title = i
			return
		}
	}
	for i, b := range p.blocks[:min(len(p.blocks), 4)] { // a blog: its name, its motto, the day of publication, the title
		if k := i + 1; b.heading == 0 && p.dateOnly(b) && b.dates[0].Year > 0 && k < len(p.blocks) && len(p.blocks) > k+2 {
			if o := p.blocks[k]; o.short() && len(o.clocks) == 0 && !p.dateOnly(o) && !o.isItem() && !dateField.MatchString(o.source) && !timeField.MatchString(o.source) && !strings.HasSuffix(o.source, ".") && !greeting.MatchString(o.source) {
				p.title = k
				return
			}
		}
	}
	for i, b := range p.blocks[:min(len(p.blocks), 8)] {
		if b.heading > 0 && b.heading < 4 && !p.dateOnly(b) && !b.isItem() {
			p.title = i
			return
		}
	}
	for i, b := range p.blocks[:min(len(p.blocks), 4)] {
		switch {
		case greeting.MatchString(b.source) && len(b.source) < 60, p.dateOnly(b) && i == 0:
		case b.kind != unlabelled && !strings.HasPrefix(b.source, "*"), topicField.MatchString(b.source) && i == 0:
			return
		case utf8.RuneCountInString(b.source) <= 140 || i == 0 && !strings.Contains(b.source, ". ") && utf8.RuneCountInString(b.source) <= 200:
			p.title = i
			if k := i + 1; k < len(p.blocks) && i == 0 && len(b.dates) == 0 && !strings.Contains(b.source, "#") { // the site's name, and the title below it
				if o := p.blocks[k]; o.kind == unlabelled && o.role != rolePosted && o.short() && len(o.dates) > 0 && !fieldLine.MatchString(o.source) && !strings.HasSuffix(o.source, ".") && !invitation.MatchString(o.source) && strings.Contains(p.cleanTitle(o.source), " ") && !(k+1 < len(p.blocks) && len(p.blocks[k+1].dates) > 0) {
					p.titleRival = !strings.Contains(o.source, "#")
					p.title = k
				}
			}
			return
		default:
			return
		}
	}
}

// dateOnly tells a block that is nothing but a date.
func (p *reader) dateOnly(b block) bool {
	return len(b.dates) > 0 && b.dates[0].full() && len(strings.Trim(b.source[:b.dates[0].from]+b.source[b.dates[0].to:], " .,:;-–—")) < 4
}

// findTitle chooses the chat's title: a line that says so, the title of the post, or what a sentence calls the topic.
// What is not plainly a title is doubted.
func (p *reader) findTitle() {
	set := func(text string, e Evidence, source string, sure bool) bool {
		if text == "" || utf8.RuneCountInString(text) > 150 {
			return false
		}
		p.r.Title, p.r.TitleSource = Found[string]{text, e}, source
		if !sure {
			p.doubt(titleUnsure, e.Line, text)
		}
		return true
	}
	for i, b := range p.blocks { // of several posts, the one that gives the date
		if b.role == roleTitle && p.chosen >= 0 && i <= p.dates[p.chosen].block {
			p.title = i
		}
	}
	for i, b := range p.blocks {
		if m := topicField.FindStringSubmatch(b.source); m != nil && !p.isAsked(i) && !p.has(SeveralChats) && len(b.dates) == 0 {
			topic, _, _ := strings.Cut(m[1], ". ")
			if set(upperFirst(strings.TrimRight(p.cleanPart(topic), ".")), b.whole(), "label", true) {
				return
			}
		}
	}
	var marked, weak string
	if p.title >= 0 {
		b := p.blocks[p.title]
		source := "heading"
		if p.doc.marked && b.role != roleTitle && b.heading == 1 {
			source = "subject"
		}
		t := p.cleanTitle(b.source)
		marked = t
		old := p.recap >= 0 && p.recap <= p.title+1 && p.chosen >= 0 && p.dates[p.chosen].block > p.title // the title of the chat that was held
		plain := t != "" && !old && !spoken.MatchString(t) && !invitation.MatchString(t) && !strings.HasPrefix(t, "Http")
		if plain && (b.role == roleTitle || b.heading > 0 || !strings.ContainsAny(t, ".!") && !invitation.MatchString(b.source)) && set(t, b.whole(), source, !strings.Contains(t, ". ") && !p.titleRival) {
			return
		}
		if plain {
			weak = t
		}
		for k := p.title + 1; k < min(p.title+4, len(p.blocks)) && weak == ""; k++ { // "Next #x chat", and the topic below it
			o := p.blocks[k]
			t := strings.Trim(p.cleanTitle(o.source), "‘’“”\"'")
			if p.isAsked(k) || o.role == rolePosted || o.isItem() || !o.short() || strings.HasSuffix(o.source, ".") || strings.HasSuffix(o.source, ":") || fieldLine.MatchString(o.source) || len(o.clocks) > 0 ||
				invitation.MatchString(o.source) || spoken.MatchString(o.source) || greeting.MatchString(o.source) || p.credited(o) || questionCue.MatchString(o.source) || len(strings.Fields(o.source)) > 13 {
				continue
			}
			if set(t, o.whole(), "heading", o.heading > 0 || o.strong) {
				return
			}
		}
	}
	for i, b := range p.blocks {
		if m := topicSaid.FindStringSubmatchIndex(b.source); m != nil && !p.isAsked(i) && (p.recap < 0 || i < p.recap) {
			if t := p.cleanTitle(b.source[m[2]:m[3]]); !spoken.MatchString(t) && set(t, b.evidence(m[2], m[3]), "sentence", false) {
				return
			}
		}
	}
	if e := p.doc.event; e != nil && set(p.cleanTitle(e.Name), Evidence{-1, e.Name}, "heading", true) {
		return
	}
	if weak == "" && p.r.Hashtag.Value == "" {
		weak = marked
	}
	if weak != "" && set(weak, p.blocks[p.title].whole(), "heading", false) {
		return
	}
	p.r.TitleSource = "assumed"
	p.r.Assumed = append(p.r.Assumed, "title")
}

func (p *reader) credited(b block) bool { return len(credits(b.source)) > 0 }

var (
	numbering    = regexp.MustCompile(`^#?\d{1,4}\s*[–—:-]\s*["“„]?([^"“”]{3,}?)["”“]?$`)
	startsBoiler = regexp.MustCompile(`(?i)^\W*(?:(?:questions|details|announcement|introduction|reminder|agenda|join us)\s+(?:for|of|to|on)|join|tonight[’']s|next)\s*(?:the|our)?\s*$`)
	needed       = regexp.MustCompile(`(?i)^\s*(?:and|&|\+|is|are|will|has|goes)\s+\S`)
)
