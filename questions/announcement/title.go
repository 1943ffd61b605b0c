package announcement

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	boilerplate = regexp.MustCompile(`(?i)^(?:(?:the|our|this|a)\s+)?(?:(?:questions|preparing|getting ready|join us|details|announcement|announcing|introduction(?: and questions)?)\s+(?:for|of)\s+)?(?:(?:the|our|this|tonight’s|tonight's|tomorrow’s|next tuesday’s|next|upcoming|forthcoming)\s+)*(?:(?:twitter|tweet|slack|matrix|online|monthly)\s+)*(?:(?:` + moPattern + `(?:’s|'s)?)\s+)?(?:(?:twitter|tweet|slack|matrix|online|monthly)\s+)*\s*(?:chats?|tweetchats?)\b(?:\s+(?:on|about)\b|\s+(?:is|will be) (?:on|about)\b)?[\s:,;–—|-]*|^(?:` + moPattern + `)(?:’s|'s)?(?:\s*[:,–—-])+\s*`)
	shortcodes  = regexp.MustCompile(`:[a-z][\w+-]+:`)
	awaited     = regexp.MustCompile(`(?i)\b(?:date )?(?:tb[ca]\b|to be (?:announced|confirmed))!?`)
	joiners     = regexp.MustCompile(`(?i)^(?:(?:join|join us|join in)\s+(?:on|at|for)?\s*)?to (?:discuss|talk about)\b\s*|^(?:on|at|about|is on|from|for|and)\b\s*|^[\s,;:.–—|/()&@-]+`)
	saysNothing = regexp.MustCompile(`(?i)^(?:(?:chats?|questions?|the|next|and|&|our|announcement|announcing|twitter|details|introduction|tweetchat|tonight|this|evening|join|us|is|are|will|be|on|or|held|date|week)[\s:,–-]*)+$`)
	topicField  = regexp.MustCompile(`(?i)^(?:topic|theme|subject|what|title)\s*[:=–-]\s*(\S.{2,100})$`)
	trailers    = regexp.MustCompile(`(?i)(?:\s+(?:week (?:of|beginning|commencing)|on|at|from|is|for|and|the questions)|[\s,;:.–—|/(@&-]+)$`)
	emptyPairs  = regexp.MustCompile(`\(\s*[,;–-]*\s*(?:` + zonePat + `)?\s*\)`)
	titleCredit = regexp.MustCompile(`(?i)[\s,;–—-]*\b(?:(?:led|hosted|chaired) by\b|(?:leader|host)s?\s*[:=]).*$`)
	doubled     = regexp.MustCompile(`\s*[,;]\s*([,;:–—|-])`)
	leadingNext = regexp.MustCompile(`(?i)^(?:the |our )?next\b\s*`)
)

// findTitle makes a chat's title of the announcement's.
func (p *reader) findTitle() {
	if p.title < 0 {
		return
	}
	b := p.blocks[p.title]
	if m := topicField.FindStringSubmatchIndex(b.source); m != nil && !strings.EqualFold(b.source[:m[2]], "what: ") {
		p.r.Title = Found[string]{upperFirst(b.source[m[2]:m[3]]), b.evidence(m[2], m[3])}
		return
	}
	if len(strings.Fields(b.source)) <= 12 || !strings.HasSuffix(b.source, ".") {
		if title := p.cleanTitle(b.source); title != "" {
			p.r.Title = Found[string]{title, b.whole()}
			return
		}
	}
	for i, b := range p.blocks {
		if m := topicField.FindStringSubmatchIndex(b.source); m != nil && !p.isAsked(i) {
			p.r.Title = Found[string]{upperFirst(b.source[m[2]:m[3]]), b.evidence(m[2], m[3])}
			return
		}
	}
}

// cleanTitle takes out hashtag, date and time, and what any announcement says.
func (p *reader) cleanTitle(s string) string {
	type span struct{ from, to int }
	var cut []span
	for _, d := range findDateMentions(s) {
		cut = append(cut, span{d.from, d.to})
	}
	for _, c := range findClocks(s) {
		to := c.to
		if m := zoneAfter.FindString(s[c.to:]); m != "" {
			to += len(m)
		}
		cut = append(cut, span{c.from, to})
	}
	if tag := p.r.Hashtag.Value; tag != "" {
		for _, m := range hashtagPat.FindAllStringSubmatchIndex(s, -1) {
			if p.ownHashtag(s[m[2]:m[3]]) {
				cut = append(cut, span{m[2], m[3]})
			}
		}
	}
	slices.SortFunc(cut, func(a, b span) int { return b.from - a.from })
	for _, c := range cut {
		s = strings.TrimRight(s[:c.from], " ") + " " + strings.TrimLeft(s[min(len(s), c.to):], " ")
	}
	s = awaited.ReplaceAllString(shortcodes.ReplaceAllString(s, ""), "")
	s = titleCredit.ReplaceAllString(s, "")
	s = strings.TrimSpace(clean(emptyPairs.ReplaceAllString(s, " ")))
	s = doubled.ReplaceAllString(s, "$1")
	for range 8 {
		before := s
		s = strings.TrimSpace(trailers.ReplaceAllString(s, ""))
		s = strings.TrimSpace(joiners.ReplaceAllString(s, ""))
		if rest := strings.TrimSpace(boilerplate.ReplaceAllString(s, "")); rest != "" && rest != s {
			s = rest
		}
		if rest := leadingNext.ReplaceAllString(s, ""); rest != "" {
			s = rest
		}
		if s == before {
			break
		}
	}
	s = strings.ReplaceAll(s, " ,", ",")
	if saysNothing.MatchString(s) || strings.IndexFunc(s, unicode.IsLetter) < 0 {
		return ""
	}
	return upperFirst(s)
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || r == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// chatTitleOf is what a line of a programme says beside date, time and leader.
func chatTitleOf(s string) string {
	p := reader{}
	_, s = cutLabel(s)
	for _, c := range findCredits(s) {
		if i := strings.LastIndexAny(s[:c.from], "(,;–—-"); i > 0 {
			s = s[:i]
			break
		}
	}
	if t := p.cleanTitle(s); utf8.RuneCountInString(t) <= 100 {
		return t
	}
	return ""
}

var onlyCue = regexp.MustCompile(`(?i)^(?:the |our |tonight’s |discussion )?questions\b.{0,40}:?$|^questions for .{0,60}:$`)

// findIntroduction keeps the paragraphs before the questions, as CommonMark.
func (p *reader) findIntroduction() {
	end := len(p.blocks)
	if p.first >= 0 {
		end = p.first
	}
	if p.recap >= 0 && p.recap < end && p.recap > p.title {
		end = p.recap
	}
	for i, b := range p.blocks[:end] {
		if i == p.title || p.isByline(b) || i < p.title && b.heading > 0 {
			continue
		}
		if onlyCue.MatchString(b.source) && i == end-1 || p.r.Archive.OK() && b.source == p.r.ArchiveNote {
			continue
		}
		p.r.Introduction = append(p.r.Introduction, Paragraph{b.markdown(), b.line(0)})
	}
}

// markdown is the block as CommonMark that reads the same.
func (b block) markdown() string {
	var out strings.Builder
	at := 0
	for _, k := range b.links {
		if k.from < at || k.to > len(b.source) {
			continue
		}
		out.WriteString(escape(b.source[at:k.from]))
		out.WriteString("[" + escape(b.source[k.from:k.to]) + "](" + escapeURL(k.url) + ")")
		at = k.to
	}
	out.WriteString(escape(b.source[at:]))
	text := escapeStart(out.String())
	switch {
	case b.heading > 0:
		return "**" + escape(b.source) + "**"
	case b.kind == bulleted && !b.markup:
		_, rest := cutLabel(b.source)
		return "- " + escape(rest)
	case b.markup && b.kind == bulleted:
		return "- " + text
	}
	return text
}

var (
	special    = regexp.MustCompile("[\\\\*`<\\[\\]]|&(?:#|\\w+;)|\\b_\\B|\\B_\\b")
	urlBreaks  = strings.NewReplacer("(", "%28", ")", "%29", " ", "%20", "<", "%3C", ">", "%3E")
	blockStart = regexp.MustCompile(`^(?:#{1,6}(?:\s|$)|>|[-+](?:\s|$)|=+\s*$|-{2,}\s*$|~~~)`)
	listStart  = regexp.MustCompile(`^(\d{1,9})([.)])(\s|$)`)
)

// escape writes a text so that CommonMark reads it as it stands.
func escape(s string) string { return special.ReplaceAllString(s, `\$0`) }

func escapeURL(s string) string { return urlBreaks.Replace(s) }

// escapeStart keeps a paragraph from beginning a list, a quotation or a heading.
func escapeStart(s string) string {
	if blockStart.MatchString(s) {
		return `\` + s
	}
	return listStart.ReplaceAllString(s, `$1\$2$3`)
}
