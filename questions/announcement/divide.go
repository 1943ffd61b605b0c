package announcement

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	// Where a blog's page, a mail or a comment form goes on after the post.
	pageEnds = regexp.MustCompile(`(?i)^(?:(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|no) (?:thoughts?|responses?|comments?|repl(?:y|ies)|pingbacks?|notes)(?: (?:on|to) |\s*»?\s*$|\s*\|)` +
		`|leave a (?:reply|comment)|(?:post|add|write) a comment|comments?(?: \(\d+\))?:?$|responses:?$|discussion:?$|fill in your details below|(?:post|posts) navigation|share this:?$|share:?$|share (?:on|via) |click to (?:share|email|print)|like this:?$|loading\.\.\.$|related(?: posts?| articles?)?:?$|you (?:may|might) also like` +
		`|(?:←|<-|«) ?\w|previous(?: post| entry)?:? *$|older posts|newer posts|recent posts:?$|recent comments:?$|archives:?$|categories:?$|meta:?$|blogroll|filed under|posted in |tagged(?: with)?:? |tags: |this entry was posted|bookmark the permalink|follow (?:us on|blog|this blog)|subscribe(?: to|:|$)|blog at wordpress|powered by |create a free website|pingback:|about the author|email (?:this|to a friend)|print this` +
		`|to unsubscribe|unsubscribe|(?:you are receiving|you received|you're receiving|you’re receiving) this|view this email in|manage (?:your )?(?:subscription|preferences)|sent from my |get outlook for|-- ?$|_{6,}$|={10,}$|\*{10,}$|(?:this|the information in this) (?:e-?mail|message)(?: and any| is| may|,)|disclaimer|confidentiality|########|mailing list:|reply to this)`)
	bylineText = regexp.MustCompile(`(?i)^(?:(?:posted|published|written|last updated|updated)\b|by [\p{L}. '’-]{2,40}(?:,| on |\s*[|•·–-])|[\p{L} .'’-]{2,40} (?:on|[|•·–-]) )`)
	mailHeader = regexp.MustCompile(`(?i)^(from|to|cc|subject|date|sent|reply-to|list-id|message-id|mime-version|content-type)\s*:\s*(.*)$`)
	mailIntro  = regexp.MustCompile(`(?i)^(?:-{2,} ?(?:forwarded|original) message|forwarded message:?$|begin forwarded message|on .{6,80} wrote:$|fwd?:)`)
	whatsApp   = regexp.MustCompile(`^\[?(\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}),? (\d{1,2}[:.]\d{2})(?:[:.]\d{2})?(?: ?[ap]\.?m\.?)?\]?(?: [-–])? ([^:]{1,40}): ?`)
	slackHead  = regexp.MustCompile(`^([\p{L}@][\p{L}\d .'’_-]{0,40}?)\s*(?:\b(?:APP|BOT)\b\s*)?\[?(\d{1,2}:\d{2})(?:\s?([AaPp][Mm]))?\]?$`)
	teamsHead  = regexp.MustCompile(`^\[(?:[\w/.-]{3,12},?\s)?\d{1,2}:\d{2}(?:\s?[AaPp][Mm])?\]\s+(\p{Lu}[^:<>]{1,40})$|^(\S[^—]{0,40}?)\s+—\s+(?:(?:Today|Yesterday|\d{1,2}/\d{1,2}/\d{2,4}),?(?:\s+at)?\s+)?\d{1,2}:\d{2}(?:\s?[AaPp][Mm])?$`)
	threadMark = regexp.MustCompile(`^\(?(\d{1,2})/(\d{1,2}|n)\)?(?:\s+|$)|\s+\(?(\d{1,2})/(\d{1,2}|n)\)?$`)
	ircHead    = regexp.MustCompile(`^\[?\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?\]? (?:<([^>]{1,30})>|([\w.@-]{2,30}):) `)
	greeting   = regexp.MustCompile(`(?i)^(?:hi|hello|hiya|hey|dear|(?:good )?(?:morning|afternoon|evening)|greetings)\b.{0,30}$`)
	withClock  = regexp.MustCompile(`\d{1,2}:\d{2}`)
	ofChat     = regexp.MustCompile(`(?i)\b(?:chat|join|next|quiz|club)\b`)
	frontDate  = regexp.MustCompile(`\A(?:\x{feff})?---\r?\n(?:[^\n]+\n){0,20}?date:\s*["']?(\d{4}-\d{2}-\d{2})`)
	bareHead   = regexp.MustCompile(`^([a-z][\w.-]{1,24}|@\w{2,24}): `)
	clockAlone = regexp.MustCompile(`^\[?\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp][Mm])?\]?$`)
	reactions  = regexp.MustCompile(`^(?::[\w+-]+:\s*\d*\s*)+$|^\(edited\)$|^\d+ repl(?:y|ies)$`)
	postTitle  = regexp.MustCompile(`(?i)\bchats?\b|\bquiz\b|\btranscripts?\b|\banalytics\b|\bquestions for\b|\bjournal club\b|\brecap\b|\bsummary\b|#\w`)
	ends       = regexp.MustCompile(`[.:,;]$`)
)

// read turns the source into blocks.
func (p *reader) read(src []byte) {
	if len(src) > maxAnnouncement {
		src = src[:maxAnnouncement]
		p.doubt(tooLong, 1)
	}
	lines, guessed := readLines(src)
	if m := frontDate.FindSubmatch(src); m != nil {
		if d, ok := numericDate(string(m[1])); ok {
			p.posted = d
		}
	}
	if guessed {
		p.doubt(unknownEncoding, 1)
	}
	lines, whole := limit(lines)
	if !whole {
		p.doubt(tooLong, lines[len(lines)-1].n)
	}
	lines = fromThread(lines)
	lines = p.fromChat(lines)
	lines = p.fromMail(lines)
	p.blocks = gather(lines)
	p.title, p.recap, p.first, p.last, p.date = -1, -1, -1, -1, -1
}

// divide finds the title and the end of the announcement, and where it tells of a chat that was held.
func (p *reader) divide() {
	p.onePost()
	for i, b := range p.blocks {
		if pageEnds.MatchString(b.source) && i > 0 {
			p.blocks = p.blocks[:i]
			break
		}
	}
	for i, b := range p.blocks {
		if p.isByline(b) || i+2 < len(p.blocks) && p.isByline(p.blocks[i+2]) && !b.isItem() {
			continue // a byline's title is right above it; what is over that names the blog
		}
		if greeting.MatchString(b.source) && i+1 < len(p.blocks) {
			continue
		}
		if b.kind == unlabelled || b.kind == daily || !b.markup && i == 0 {
			if b.heading > 0 || utf8.RuneCountInString(b.source) <= 160 {
				p.title = i
			}
			break
		}
	}
	for i, b := range p.blocks {
		if p.isByline(b) && p.posted.IsZero() {
			if ds := p.datesIn(b.source); len(ds) > 0 && ds[0].Year > 0 && ds[0].Month > 0 {
				p.posted = ds[0].time(ds[0].Year)
			}
		}
		if p.recap < 0 && isRecap(b, i, p.title) {
			p.recap = i
		}
	}
}

// isByline tells the line in which a blog says when it published a post, and who wrote it.
func (p *reader) isByline(b block) bool {
	if len(b.source) > 120 || b.isItem() && b.kind != daily {
		return false
	}
	ds := p.datesIn(b.source)
	if len(ds) == 0 {
		return false
	}
	if len(p.clocksIn(b.source)) > 0 && !strings.HasPrefix(strings.ToLower(b.source), "posted") {
		return false
	}
	return ds[0].Year > 0 && bylineText.MatchString(b.source) && !ofChat.MatchString(b.source)
}

// onePost keeps the first post of a page that has several, newest first as blogs have them.
func (p *reader) onePost() {
	var begins []int
	var bylines []int
	for i, b := range p.blocks {
		if p.isByline(b) {
			bylines = append(bylines, i)
		}
		if i == 0 || b.gap < 2 && b.heading == 0 || i+1 >= len(p.blocks) || b.kind != unlabelled && b.kind != daily {
			continue
		}
		if b.heading > 2 || b.heading == 0 && b.gap < 2 || utf8.RuneCountInString(b.source) > 120 || ends.MatchString(b.source) {
			continue
		}
		next := p.blocks[i+1]
		if next.isItem() || next.heading > 0 || len(next.source) < 40 && !p.isByline(next) {
			continue
		}
		if pageEnds.MatchString(b.source) || !postTitle.MatchString(b.source) {
			continue
		}
		if b.heading > 0 && !chatTitle.MatchString(b.source) {
			continue
		}
		begins = append(begins, i)
	}
	if len(bylines) >= 2 {
		// A byline stands under its title, or the other way round.
		above := 0
		if bylines[0] > 0 {
			above = 1
		}
		begins = nil
		for _, at := range bylines[1:] {
			begins = append(begins, at-above)
		}
	}
	if len(begins) == 0 || !p.separate(begins[0]) {
		return
	}
	p.doubt(severalPosts, p.blocks[begins[0]].line(0))
	first, second := p.blocks[:begins[0]], p.blocks[begins[0]:]
	if len(begins) > 1 {
		second = p.blocks[begins[0]:begins[1]]
	}
	p.blocks = first
	if !announces(first) && announces(second) {
		p.blocks = second
	}
}

// announces tells whether a post gives a date with a time.
func announces(post []block) bool {
	for _, b := range post {
		if len(findDateMentions(b.source)) > 0 && len(findClocks(b.source)) > 0 {
			return true
		}
	}
	return false
}

// chatTitle is what the title of a post has that is no mere section: it names a chat.
var chatTitle = regexp.MustCompile(`(?i)\bchats?\b|\bquiz\b|\btranscripts?\b|\bjournal club\b`)

// separate tells whether a post of its own stands before block i: it has a text, and a date or more of its own.
func (p *reader) separate(i int) bool {
	words, dated := 0, false
	for _, b := range p.blocks[:i] {
		words += len(strings.Fields(b.source))
		dated = dated || len(p.datesIn(b.source)) > 0
	}
	after := false
	for _, b := range p.blocks[i:] {
		if pageEnds.MatchString(b.source) && len(p.datesIn(b.source)) == 0 {
			continue
		}
		after = after || len(p.datesIn(b.source)) > 0
	}
	return words >= 20 && dated && after
}

var (
	recapTitle = regexp.MustCompile(`(?i)\btranscripts?\b|\brecap\b|\bchat round-?up\b|\bround-?up of\b|\bwrite-?up\b|\banalytics\b|\bsummary of\b|\bsummary$|^summary\b|\bwhat (?:we|you) (?:said|learned|learnt)\b|\blooking back\b|\bnotes from\b|\blast (?:night|week|month|time)[’']?s?\b`)
	recapText  = regexp.MustCompile(`(?i)^(?:.{0,40}\bthank(?:s| you)\b.{0,80}\b(?:took part|participat|joined us|joined in|came along|came to|for joining|for coming|contribut|last night|yesterday)` +
		`|.{0,60}\b(?:took part|joined us|tweeted|chatted) (?:in |at )?(?:last (?:night|week|month)|yesterday)|(?:online |full )?transcripts?(?: and analytics)? (?:is|are|from|of|now|available|here)\b|the (?:online |full )?(?:transcript|analytics)(?: and analytics)? (?:of .{3,60} )?(?:is|are) (?:now )?(?:ready|up|available|here)|post[- ]chat\b|the numbers:?$|pdf of (?:the )?transcript|[\d,.]+ impressions|update[ds]?:? .{0,40}transcript|transcript:)`)
	everyTime = regexp.MustCompile(`(?i)^(?:\w+ )?transcripts (?:of .{1,40}? )?are (?:\w+ )?(?:kept|archived|posted|put|stored|published|saved|collected)\b`)
	recapSure = regexp.MustCompile(`(?i)\btranscripts?\b|\brecap\b|\banalytics\b|\bround-?up\b`)
	comingUp  = regexp.MustCompile(`(?i)\b(?:next|join)\b`)
	recapSays = regexp.MustCompile(`(?i)\b(?:transcript|analytics)\b.{0,40}\b(?:is|are) (?:now )?(?:ready|up|available|here|online)\b|\bthanks? .{0,60}last night|\bhere(?:’|')s the transcript`)
)

// isRecap tells whether a block speaks of a chat that was held.
func isRecap(b block, i, title int) bool {
	if i == title {
		return recapTitle.MatchString(b.source) && (recapSure.MatchString(b.source) || !comingUp.MatchString(b.source))
	}
	return recapText.MatchString(b.source) && !everyTime.MatchString(b.source) || recapSays.MatchString(b.source)
}
