package announcement

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// A lineRole is what a line is to an announcement. Every line has one.
type lineRole byte

const (
	roleText      lineRole = iota // prose before the questions, which becomes the introduction
	roleTitle                     // of the post
	roleSite                      // the site's name and its motto
	rolePosted                    // the day on which it went out, and by whom
	roleSchedule                  // date and time
	roleCredit                    // who leads
	roleQuestion                  // one that is asked
	rolePoint                     // a sub-question
	roleClosing                   // prose after the questions
	roleRecap                     // what is said of a chat that was held
	roleFurniture                 // of the page: buttons, links, forms
	roleComment                   // readers' comments
	roleReply                     // what others said in a chat program
	roleSignature                 // of a mail
	roleOtherPost                 // another post of the same page
	roleDropped                   // left out by --drop
)

var roleNames = []string{
	"text", "title", "site name", "date of publication", "schedule", "credit", "question", "point", "after the questions",
	"recap", "page furniture", "comment", "reply", "signature", "another post", "dropped",
}

func (r lineRole) String() string { return roleNames[r] }

// A LineRole is a line of the text as it was read, and what it is to the announcement.
type LineRole struct {
	N    int
	Text string
	Role string
}

var (
	commentsBegin = regexp.MustCompile(`(?i)^(?:(?:\d+|one|two|three|no) (?:thoughts?|comments?|responses?|replies|kommentare?|comentarios?|commentaires?)\b.{0,120}|leave (?:us )?a (?:reply|comment)\b.*|post a comment\b.*|comments?(?: \(\d+\))?:?|responses|kommentare?:?|comentarios:?|commentaires?\s?:?|schreiben? (?:sie )?einen kommentar.*|deja un comentario.*|laisser un commentaire.*|join the conversation|related(?: (?:posts|articles|stories))?:?|you (?:might|may) also like.*|share this:?|like this:?|more from this site)$`)
	furniture     = regexp.MustCompile(`(?i)^(?:(?:posted|filed|tagged|published) (?:in|under|as|with)\b.{0,120}|(?:tags|labels|categories|category|location)\s*:.{0,120}|tagged\b.{0,80}|(?:follow|subscribe|unsubscribe|sign up|log ?in|sign in|register|menu|home|about|about us|contact|search|archives?|blogroll|navigation|share|tweet|pin it|email|print|reblog|like|likes|loading\.*|like loading\.*|read more|continue reading.*|view all|see all|permalink.*|skip to .*|back to top|next|previous|older posts?|newer posts?|previous post.*|next post.*|privacy.*|terms.*|cookies?.*|advertisements?|report this ad|save|edit|reply|menu|close|twitter|facebook|linkedin|pinterest|reddit|whatsapp|telegram|tumblr|pocket|rss|instagram|mastodon|bluesky|youtube|when and where|date and time|about this event|more to read|image|photo|follow us(?: on .*)?|stay connected|get tickets|reserve a spot|buy tickets|add to calendar|sales end soon|online events.*|share with friends|show map|refund policy|free|organi[sz]ed by|hosted on.*|location|online)|\d+ (?:boosts?|favourites?|favorites?|likes?|retweets?|shares?|views?|reposts?|min(?:ute)? read)\b.{0,60}|boosts? (?:welcome|appreciated)\.?|email this\s*blogthis.*|.{0,20}powered by .{0,60}|(?:©|\(c\) ?\d{4}|copyright\b).{0,100}|this (?:site|blog) uses .*|your email address will not be published.*|view (?:this|in|on|the) .{0,40}(?:browser|online)\b.*|.{0,60}\|\s*(?:unsubscribe|voir dans.*|view in .*|abmelden)|se d[ée]sabonner.*|update (?:your )?preferences.*|you (?:are receiving|received) this.*|originally (?:posted|published) .*|_{5,}.*|posted by .{0,60} at .*|skip to content|toggle .*|share to .*|click to share.*|print \(opens.*|email a link.*|opens in new window.*|by clicking .*)$`)
	postedOn      = regexp.MustCompile(`(?i)^(?:posted|published|publicado|publicada|publié|publiée|publie|veröffentlicht|verfasst|geplaatst|written|updated|last updated|posted by .{1,60})\s*(?:on|el|le|am|op|:)?\s`)
	byline        = regexp.MustCompile(`(?i)^(?:by|von|par|por|a (?:guest )?post by|posted by|written by|author:)\s+\S.{0,60}$`)
	signOff       = regexp.MustCompile(`(?i)^(?:(?:with )?(?:best|kind|warm|many)(?:est)? (?:wishes|regards|thanks)|regards|all the best|thanks|cheers|yours(?: (?:sincerely|faithfully|truly))?|best|love|see you (?:there|then|online|soon)|viele grüße|liebe grüße|un saludo|saludos|cordialement|bien à vous|groetjes|cofion)[,!.]?$`)
	account       = regexp.MustCompile(`^@\w+(?:@[\w.-]+)?$`)
	fileName      = regexp.MustCompile(`(?i)\.(?:png|jpe?g|gif|webp|svg|heic)$`)
	forwardHead   = regexp.MustCompile(`(?i)^-*\s*(?:begin )?(?:forwarded|original|weitergeleitete) (?:message|nachricht):?\s*-*$`)
	quoteHead     = regexp.MustCompile(`(?i)^(?:on|am|le|el) .{6,100} (?:wrote|schrieb|a écrit|escribió)\s?:$`)
	recapBegins   = regexp.MustCompile(`(?i)^(?:\W*)(?:post[- ]?chat\b.{0,30}|the numbers:?|(?:online )?transcript (?:from|of|is|and)\b.*|update:? (?:the )?(?:transcript|recap|summary)\b.*|(?:chat )?(?:recap|summary|transcript):?)$`)
)

// divide gives the lines that are not the announcement's own their roles, and makes blocks of the rest.
func (p *reader) divide(lines []line) {
	p.lines = lines
	p.roles = make([]lineRole, len(lines))
	for i, l := range lines {
		p.roles[i] = l.hint
		if p.opts.Drop[l.n] {
			p.roles[i] = roleDropped
		}
	}
	p.fromChat()
	p.furnish()
	var kept []line
	for i, l := range p.lines {
		switch p.roles[i] {
		case roleText, roleTitle, rolePosted:
			l.hint = p.roles[i]
			kept = append(kept, l)
		}
	}
	p.blocks = gather(kept)
	for i := range p.blocks {
		b := &p.blocks[i]
		b.tokens = tokens(b.source)
		b.dates = findDates(b.tokens)
		b.clocks = findClocks(b.tokens, b.dates)
		for k := range b.dates {
			b.dates[k].block = i
		}
		for k := range b.clocks {
			b.clocks[k].block = i
		}
	}
}

// furnish finds page furniture, comments, bylines and the signature of a mail, line by line. Comments begin only after
// a date was read, and end where another post does.
func (p *reader) furnish() {
	dated, comments, signed, replied, forwarded := false, false, false, false, false
	for i, l := range p.lines {
		if found := findDates(tokens(l.text)); p.roles[i] == rolePosted && p.posted.IsZero() && len(found) > 0 && found[0].full() && found[0].Year > 0 {
			p.posted = found[0].time(found[0].Year)
		}
		if p.roles[i] != roleText && p.roles[i] != roleTitle {
			continue
		}
		short := utf8.RuneCountInString(l.text) < 140
		found := findDates(tokens(l.text))
		switch {
		case i > 0 && i < 3 && account.MatchString(l.text): // an account's name, and its handle
			p.roles[i], p.roles[i-1] = roleSite, roleSite
		case l.text == "--" || l.text == "-- ":
			signed = true
			p.roles[i] = roleSignature
		case short && isPosted(l, found):
			if comments && i > 0 {
				for k := i - 1; k >= 0 && k >= i-2; k-- { // another post begins, with its title above
					if p.roles[k] == roleComment && len(p.lines[k].text) > 3 && !commentsBegin.MatchString(p.lines[k].text) {
						p.roles[k], p.lines[k].heading = roleTitle, 2
						break
					}
				}
				comments = false
			} else if i > 0 && p.roles[i-1] == roleText && postedOn.MatchString(l.text) && p.lines[i-1].item == 0 && len(p.lines[i-1].text) < 140 {
				p.roles[i-1] = roleTitle
			}
			p.roles[i] = rolePosted
			if p.posted.IsZero() && found[0].Year > 0 {
				p.posted = found[0].time(found[0].Year)
			}
		case forwardHead.MatchString(l.text):
			forwarded = true
			p.roles[i] = roleFurniture
		case forwarded && mailField.MatchString(l.text):
			p.roles[i] = roleFurniture
		case quoteHead.MatchString(l.text):
			replied = true
			p.roles[i] = roleReply
		case replied:
			p.roles[i] = roleReply
		case signed:
			p.roles[i] = roleSignature
		case comments:
			p.roles[i] = roleComment
		case l.item == 0 && short && commentsBegin.MatchString(l.text) && dated:
			comments = !strings.HasPrefix(strings.ToLower(l.text), "no comments")
			p.roles[i] = roleComment
		case fileName.MatchString(l.text):
			p.roles[i] = roleFurniture
		case short && furniture.MatchString(l.text) && !(l.item != 0 && strings.Contains(l.text, "?")):
			p.roles[i] = roleFurniture
		case i < 6 && l.heading == 0 && short && byline.MatchString(l.text) && !strings.ContainsAny(l.text, "?!") && len(found) == 0:
			p.roles[i] = rolePosted
		}
		if p.roles[i] == roleText || p.roles[i] == roleTitle {
			forwarded = forwarded && i < 3
			for _, d := range found {
				dated = dated || d.full() || d.Weekday != "" || d.relative != ""
			}
		}
	}
}

// isPosted tells a line that says when the post went out.
func isPosted(l line, found []dateMention) bool {
	if len(found) == 0 || !found[0].full() || l.item != 0 || l.heading == 1 {
		return false
	}
	if postedOn.MatchString(l.text) && len(strings.Fields(l.text)) < 16 {
		return true
	}
	// "Mar 02, 2026, 08:15 · Web", as under a post of a social network.
	return found[0].Year > 0 && strings.Contains(l.text, "·") && found[0].from < 3
}

// LeftOut tells whether lines of a role are not posted, nor read for a fact.
func LeftOut(role string) bool {
	for _, r := range []lineRole{roleClosing, roleRecap, roleFurniture, roleComment, roleReply, roleSignature, roleOtherPost, roleDropped, roleSite} {
		if r.String() == role {
			return true
		}
	}
	return false
}
