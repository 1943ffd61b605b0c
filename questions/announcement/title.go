package announcement

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const anyMonth = `(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)`

var (
	greeting    = regexp.MustCompile(`(?i)^(?:hi|hello|dear|hey|good (?:morning|afternoon|evening)|greetings|hallo|liebe|hola|bonjour|kia ora|(?:edit|update|updated)\b)`)
	boilerplate = regexp.MustCompile(`(?i)^(?:(?:the|our|this|a|an)\s+)?(?:(?:questions|preparing|getting ready|join us|details|announcement|announcing|introduction(?: and questions)?|reminder|reminder:|invitation|einladung)\s+(?:for|of|to|zum|zur)\s+)?(?:(?:the|our|this|tonight’s|tonight's|tomorrow’s|next tuesday’s|next week’s|next week's|next|nächster|prochain|próximo|sgwrs nesaf|upcoming|forthcoming|\d+(?:st|nd|rd|th)|live|special)\s+)*(?:(?:twitter|tweet|slack|matrix|online|monthly|weekly)\s+)*(?:(?:` + anyMonth + `(?:’s|'s)?)\s+)?(?:(?:twitter|tweet|slack|matrix|online|monthly)\s+)*\s*(?:chats?|tweetchats?)\b(?:\s+(?:planning|agenda|topic)\b)?(?:\s+(?:on|about)\b|\s+(?:is|will be) (?:on|about)\b)?[\s:,;–—|-]*|^` + anyMonth + `(?:’s|'s)?(?:\s*[:,–—-])+\s*|^(?:reminder|reminder to all|save the date|tonight|today|einladung|ankündigung|invitation)\b\s*(?:zum|to|[:!,–—-])\s*|^(?:próximo|prochain|nächster|sgwrs nesaf)\b\s*[:,–—-]?\s*`)
	endplate    = regexp.MustCompile(`(?i)[\s:,;–—|-]+(?:(?:live |twitter |tweet ?|slack )?chat|tweetchat)$`)
	shortcodes  = regexp.MustCompile(`:[a-z][\w+-]+:`)
	toFollow    = regexp.MustCompile(`(?i)\b(?:date )?(?:tb[ca]\b|to be (?:announced|confirmed))!?`)
	joiners     = regexp.MustCompile(`(?i)^(?:(?:join|join us|join in)\s+(?:on|at|for)?\s*)?(?:to|as we) (?:discuss|talk about)\b\s*|^(?:on|at|about|is on|is back|from|for|and|am|le|el|um)\b\s*|^[\s,;:.!–—|/()&@-]+`)
	saysNothing = regexp.MustCompile(`(?i)^(?:(?:chats?|questions?|the|next|and|&|our|announcement|announcing|twitter|details|introduction|tweetchat|tonight|this|evening|join|us|is|are|will|be|on|or|held|date|week|in|for|to|a|an|we|back|live|thursday|reminder|upcoming|topic|coming|up|slack|online|nos|van|tot|bis|uhr|einladung|zum|first|ever|second|third|fourth|monday|tuesday|wednesday|friday)[\s:,.!?–-]*)+$`)
	topicField  = regexp.MustCompile(`(?i)^\W*(?:topic|theme|subject|what|title|thema|thème|tema|sujet|titel|titre|título|título|onderwerp|pwnc)\s*[:=|–-]\s*["“„]?(\S.{2,140}?)["”“]?$`)
	topicSaid   = regexp.MustCompile(`(?i)\b(?:the (?:topic|theme|subject) (?:is|will be)(?: going to be)?|this time(?: we(?:’|')?re)?|topic\s*=|(?:chat|discussion|session) (?:on|about)|(?:to|we(?:’|'| wi)ll) (?:talk|chat) about|to discuss)[:,…. ]+["“‘]?([^.!?;"”]{3,90})`)
	trailers    = regexp.MustCompile(`(?i)(?:\s+(?:week (?:of|beginning|commencing)|on|at|from|is|for|and|the questions|am|um|le|el|van|nos|this|next|in two sittings)|[\s,;:–—|/(@&-]+|\.\s*\.*)$`)
	emptyPairs  = regexp.MustCompile(`\(\s*[,;–-]*\s*\)`)
	titleCredit = regexp.MustCompile(`(?i)[\s,;–—-]*\b(?:(?:led|hosted|chaired|moderated) by\b|(?:leader|host)s?\s*[:=]).*$`)
	doubled     = regexp.MustCompile(`\s*[,;]\s*([,;:–—|-])`)
	leadingNext = regexp.MustCompile(`(?i)^(?:the |our )?next\b\s*`)
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
func (p *reader) findTitle() {
	set := func(text string, e Evidence, source string) bool {
		if text == "" || utf8.RuneCountInString(text) > 150 {
			return false
		}
		p.r.Title, p.r.TitleSource = Found[string]{text, e}, source
		return true
	}
	for i, b := range p.blocks {
		if m := topicField.FindStringSubmatch(b.source); m != nil && !p.isAsked(i) && !p.has(SeveralChats) && len(b.dates) == 0 {
			if set(upperFirst(strings.TrimRight(p.cleanTitle(m[1]), ".")), b.whole(), "label") {
				return
			}
		}
	}
	if p.title >= 0 {
		b := p.blocks[p.title]
		source := "heading"
		if p.doc.marked && b.role != roleTitle && b.heading == 1 {
			source = "subject"
		}
		t := p.cleanTitle(b.source)
		sentence := strings.HasSuffix(b.source, ".") && strings.Count(t, " ") > 6 || invitation.MatchString(b.source) && strings.Count(t, " ") > 8
		if !sentence && set(t, b.whole(), source) {
			return
		}
		for k := p.title + 1; k < min(p.title+4, len(p.blocks)); k++ { // "Next #x chat", and the topic below it
			o := p.blocks[k]
			if !p.isAsked(k) && !o.isItem() && o.short() && !strings.HasSuffix(o.source, ".") && !fieldLine.MatchString(o.source) && len(o.clocks) == 0 && !invitation.MatchString(o.source) && !p.credited(o) && len(strings.Fields(o.source)) < 14 {
				if set(strings.Trim(p.cleanTitle(o.source), "‘’“”\"'"), o.whole(), "heading") {
					return
				}
			}
		}
	}
	for i, b := range p.blocks {
		if m := topicSaid.FindStringSubmatchIndex(b.source); m != nil && !p.isAsked(i) && (p.recap < 0 || i < p.recap) {
			if t := p.cleanTitle(b.source[m[2]:m[3]]); set(t, b.evidence(m[2], m[3]), "sentence") {
				p.doubt(titleUnsure, b.line(m[2]), t)
				return
			}
		}
	}
	if e := p.doc.event; e != nil && set(p.cleanTitle(e.Name), Evidence{-1, e.Name}, "heading") {
		return
	}
	if p.title >= 0 && p.r.Hashtag.Value == "" {
		if t := strings.TrimSpace(p.blocks[p.title].source); set(t, p.blocks[p.title].whole(), "heading") {
			return
		}
	}
	p.r.TitleSource = "assumed"
	p.r.Assumed = append(p.r.Assumed, "title")
}

func (p *reader) credited(b block) bool { return len(credits(b.source)) > 0 }

// cleanTitle takes date, time, zone, hashtag and what every announcement says off a title.
func (p *reader) cleanTitle(s string) string {
	type span struct{ from, to int }
	var cut []span
	t := tokens(s)
	dates := findDates(t)
	for _, d := range dates {
		cut = append(cut, span{d.from, d.to})
	}
	for _, c := range findClocks(t, dates) {
		cut = append(cut, span{c.from, c.to})
	}
	whole := s
	for _, m := range hashtagPat.FindAllStringSubmatchIndex(s, -1) {
		if tag := p.r.Hashtag.Value; tag != "" && strings.EqualFold(s[m[2]:m[3]], tag) {
			// "What’s next for #libs?" needs its object.
			if n := len(strings.Fields(s[:m[2]])); n > 0 && needsObject.MatchString(s[:m[2]]) && strings.ContainsAny(s[m[3]:min(len(s), m[3]+1)], "?!") {
				continue
			}
			cut = append(cut, span{m[2], m[3]})
		}
	}
	slices.SortFunc(cut, func(a, b span) int { return b.from - a.from })
	for _, c := range cut {
		s = strings.TrimRight(s[:c.from], " ") + " " + strings.TrimLeft(s[min(len(s), c.to):], " ")
	}
	s = toFollow.ReplaceAllString(shortcodes.ReplaceAllString(s, ""), "")
	s = titleCredit.ReplaceAllString(s, "")
	s = strings.TrimFunc(s, func(r rune) bool { return decorative(r) })
	s = strings.TrimSpace(clean(emptyPairs.ReplaceAllString(s, " ")))
	s = doubled.ReplaceAllString(s, "$1")
	for range 8 {
		was := s
		s = strings.TrimSpace(trailers.ReplaceAllString(s, ""))
		s = strings.TrimSpace(joiners.ReplaceAllString(s, ""))
		if rest := strings.TrimSpace(boilerplate.ReplaceAllString(s, "")); rest != "" && rest != s {
			s = rest
		}
		if rest := strings.TrimSpace(endplate.ReplaceAllString(s, "")); rest != "" {
			s = rest
		}
		if rest := leadingNext.ReplaceAllString(s, ""); rest != "" {
			s = rest
		}
		if s == was {
			break
		}
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, " ,", ","), " :", ":")
	if strings.HasPrefix(whole, "¿") && !strings.HasPrefix(s, "¿") && strings.HasSuffix(s, "?") {
		s = "¿" + s
	}
	if saysNothing.MatchString(s) || strings.IndexFunc(s, unicode.IsLetter) < 0 {
		return ""
	}
	return upperFirst(s)
}

var needsObject = regexp.MustCompile(`(?i)\b(?:for|of|about|with|to|is|does|do|our)\s+(?:the\s+)?$`)

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || r == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
