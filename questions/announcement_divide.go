package questions

import (
	"regexp"
	"strings"
	"time"
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
	mailIntro  = regexp.MustCompile(`(?i)^(?:-{2,} ?(?:forwarded|original) message|begin forwarded message|on .{6,80} wrote:$|fwd?:)`)
	whatsApp   = regexp.MustCompile(`^\[?(\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}),? (\d{1,2}[:.]\d{2})(?:[:.]\d{2})?(?: ?[ap]\.?m\.?)?\]?(?: [-–])? ([^:]{1,40}): ?`)
	slackHead  = regexp.MustCompile(`^([\p{L}@][\p{L}\d .'’_-]{0,40}?)\s*(?:\b(?:APP|BOT)\b\s*)?\[?(\d{1,2}:\d{2})(?:\s?([AaPp][Mm]))?\]?$`)
	ircHead    = regexp.MustCompile(`^\[?\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?\]? (?:<([^>]{1,30})>|([\w.@-]{2,30}):) `)
	greeting   = regexp.MustCompile(`(?i)^(?:hi|hello|hiya|hey|dear|(?:good )?(?:morning|afternoon|evening)|greetings)\b.{0,30}$`)
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
	if guessed {
		p.doubt(unknownEncoding, 1)
	}
	lines = p.fromChat(lines)
	lines = p.fromMail(lines)
	p.blocks = gather(lines)
	p.title, p.recap, p.first, p.last, p.date = -1, -1, -1, -1, -1
}

// fromChat reads what was pasted from a chat program: it keeps what the announcer said, without names and clocks.
func (p *reader) fromChat(lines []line) []line {
	speakers := make([]string, len(lines))
	amount := map[string]int{}
	heads, speaker := 0, ""
	drop := make([]bool, len(lines))
	for i, l := range lines {
		text := l.text
		switch m := whatsApp.FindStringSubmatch(text); {
		case m != nil:
			speaker = m[3]
			if d, ok := numericDate(m[1]); ok && p.posted.IsZero() {
				p.posted = d
			}
			lines[i].text = text[len(m[0]):]
			lines[i].gap = max(l.gap, 1)
			heads++
		case ircHead.MatchString(text):
			m := ircHead.FindStringSubmatch(text)
			speaker = m[1] + m[2]
			lines[i].text = text[len(m[0]):]
			heads++
		case slackHead.MatchString(text) && !dayMonth.MatchString(text) && len(strings.Fields(text)) <= 6 && i+1 < len(lines):
			speaker = slackHead.FindStringSubmatch(text)[1]
			drop[i] = true
			lines[i+1].gap = max(lines[i+1].gap, 1)
			heads++
		case clockAlone.MatchString(text) && i > 0 && !drop[i-1] && isName(lines[i-1].text) && i+1 < len(lines):
			speaker = lines[i-1].text
			drop[i], drop[i-1] = true, true
			lines[i+1].gap = max(lines[i+1].gap, 1)
			heads++
		case reactions.MatchString(text):
			drop[i] = true
		}
		speakers[i] = speaker
		if strings.TrimSpace(lines[i].text) == "" {
			drop[i] = true
		}
		amount[speaker] += len(lines[i].text)
	}
	if heads == 0 || heads == 1 && speakers[0] == "" {
		return lines
	}
	announcer := speakers[0]
	for _, s := range speakers {
		if amount[s] > amount[announcer] {
			announcer = s
		}
	}
	var out []line
	for i, l := range lines {
		if speakers[i] == announcer && !drop[i] {
			out = append(out, l)
		}
	}
	return out
}

// isName tells whether a line is nothing but somebody's name.
func isName(s string) bool {
	_, n := personName(s)
	return n > 0 && n == len(s)
}

// fromMail takes a mail's header off, and what the header says to heart.
func (p *reader) fromMail(lines []line) []line {
	var out []line
	headers, subject := 0, false
	for i, l := range lines {
		m := mailHeader.FindStringSubmatch(l.text)
		if m == nil || i > 40 || l.item != 0 {
			if !mailIntro.MatchString(l.text) || i > 40 {
				out = append(out, l)
			}
			continue
		}
		name := strings.ToLower(m[1])
		sent := time.Time{}
		if name == "date" || name == "sent" {
			sent = headerDate(m[2])
		}
		switch {
		case name == "subject" && !subject:
			subject = true
			l.text = trimReply(m[2])
			l.gap, l.heading = 1, 1
			l.links = nil
			out = append(out, l)
			headers++
			if i+1 < len(lines) {
				lines[i+1].gap = max(lines[i+1].gap, 1)
			}
		case (name == "date" || name == "sent") && sent.IsZero():
			out = append(out, l) // "Date: Tuesday 18 August" is the announcement's own
		default:
			headers++
			if !sent.IsZero() && p.posted.IsZero() {
				p.posted = sent
			}
		}
	}
	if headers < 2 {
		return lines
	}
	return out
}

func trimReply(subject string) string {
	for {
		rest := strings.TrimSpace(subject)
		for _, prefix := range []string{"re:", "fw:", "fwd:"} {
			if len(rest) >= len(prefix) && strings.EqualFold(rest[:len(prefix)], prefix) {
				rest = rest[len(prefix):]
			}
		}
		if strings.HasPrefix(rest, "[") && strings.Contains(rest, "]") {
			rest = rest[strings.Index(rest, "]")+1:]
		}
		if rest == subject || strings.TrimSpace(rest) == "" {
			return strings.TrimSpace(subject)
		}
		subject = rest
	}
}

// headerDate reads when a mail was sent; zero unless the text gives a full date and a clock.
func headerDate(s string) time.Time {
	if !regexp.MustCompile(`\d{1,2}:\d{2}`).MatchString(s) {
		return time.Time{}
	}
	for _, d := range findDateMentions(s) {
		if d.Year > 0 && d.Month > 0 && d.Day > 0 {
			return d.time(d.Year)
		}
	}
	return time.Time{}
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
		if p.isByline(b) {
			continue
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
			if ds := findDateMentions(b.source); len(ds) > 0 && ds[0].Year > 0 && ds[0].Month > 0 {
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
	ds := findDateMentions(b.source)
	if len(ds) == 0 {
		return false
	}
	if len(findClocks(b.source)) > 0 && !strings.HasPrefix(strings.ToLower(b.source), "posted") {
		return false
	}
	return ds[0].Year > 0 && bylineText.MatchString(b.source) && !regexp.MustCompile(`(?i)\b(?:chat|join|next|quiz|club)\b`).MatchString(b.source)
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
		at := bylines[1]
		if bylines[0] > 0 && at > 0 {
			at--
		}
		begins = []int{at}
	}
	if len(begins) == 0 || !p.separate(begins[0]) {
		return
	}
	p.doubt(severalPosts, p.blocks[begins[0]].line(0))
	p.blocks = p.blocks[:begins[0]]
}

// chatTitle is what the title of a post has that is no mere section: it names a chat.
var chatTitle = regexp.MustCompile(`(?i)\bchats?\b|\bquiz\b|\btranscripts?\b|\bjournal club\b`)

// separate tells whether a post of its own stands before block i: it has a text, and a date or more of its own.
func (p *reader) separate(i int) bool {
	words, dated := 0, false
	for _, b := range p.blocks[:i] {
		words += len(strings.Fields(b.source))
		dated = dated || len(findDateMentions(b.source)) > 0
	}
	after := false
	for _, b := range p.blocks[i:] {
		if pageEnds.MatchString(b.source) && len(findDateMentions(b.source)) == 0 {
			continue
		}
		after = after || len(findDateMentions(b.source)) > 0
	}
	return words >= 20 && dated && after
}

var (
	recapTitle = regexp.MustCompile(`(?i)\btranscripts?\b|\brecap\b|\bround-?up\b|\bwrite-?up\b|\banalytics\b|\bsummary of\b|\bsummary$|^summary\b|\bwhat (?:we|you) (?:said|learned|learnt)\b|\blooking back\b|\bnotes from\b|\blast (?:night|week|month|time)[’']?s?\b`)
	recapText  = regexp.MustCompile(`(?i)^(?:.{0,40}\bthank(?:s| you)\b.{0,80}\b(?:took part|participat|joined us|joined in|came along|came to|for joining|for coming|contribut|last night|yesterday)` +
		`|.{0,60}\b(?:took part|joined us|tweeted|chatted) (?:in |at )?(?:last (?:night|week|month)|yesterday)|(?:online |full )?transcripts?(?: and analytics)? (?:is|are|from|of|now|available|here)\b|the (?:online |full )?(?:transcript|analytics)(?: and analytics)? (?:of .{3,60} )?(?:is|are) (?:now )?(?:ready|up|available|here)|post[- ]chat\b|the numbers:?$|pdf of (?:the )?transcript|[\d,.]+ impressions|update[ds]?:? .{0,40}transcript|transcript:)`)
	recapSure = regexp.MustCompile(`(?i)\btranscripts?\b|\brecap\b|\banalytics\b|\bround-?up\b`)
	comingUp  = regexp.MustCompile(`(?i)\b(?:next|join)\b`)
	recapSays = regexp.MustCompile(`(?i)\b(?:transcript|analytics)\b.{0,40}\b(?:is|are) (?:now )?(?:ready|up|available|here|online)\b|\bthanks? .{0,60}last night|\bhere(?:’|')s the transcript`)
)

// isRecap tells whether a block speaks of a chat that was held.
func isRecap(b block, i, title int) bool {
	if i == title {
		return recapTitle.MatchString(b.source) && (recapSure.MatchString(b.source) || !comingUp.MatchString(b.source))
	}
	return recapText.MatchString(b.source) || recapSays.MatchString(b.source)
}
