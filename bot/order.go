package bot

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/ukmedlibs/catchword/questions"
)

// A verb is what a command is about.
type verb string

const (
	toNext    verb = "next"
	toHold    verb = "hold"
	toResume  verb = "resume"
	toExtend  verb = "extend"
	toSkip    verb = "skip"
	toGoBack  verb = "back"
	toRepeat  verb = "repeat"
	toAsk     verb = "ask"
	toSay     verb = "say"
	toEnd     verb = "end"
	toStatus  verb = "status"
	toAccept  verb = "accept"
	toDecline verb = "decline"

	toWhere     verb = "where"
	toSuggest   verb = "suggest"
	toAnon      verb = "anon"
	toHelp      verb = "help"
	toOptOut    verb = "optout"
	toOptIn     verb = "optin"
	toPseudonym verb = "pseudonym"
)

// hostsOnly are the verbs of hosts.
var hostsOnly = []verb{toNext, toHold, toResume, toExtend, toSkip, toGoBack, toRepeat, toAsk, toSay, toEnd, toStatus, toAccept, toDecline}

// personal are the verbs by which people decide about themselves. They are obeyed however late they come.
var personal = []verb{toOptOut, toOptIn, toPseudonym}

// An order is a command as it was understood.
type order struct {
	verb    verb
	chat    string        // that it is about, by hashtag or after "chat:" by slug; "" for the one that is on where it was given
	text    string        // of what is to be said, asked or suggested; the pseudonym, "" for none any more
	step    string        // the step that a button was made for; "" for whichever it is
	n       int           // of a suggestion; 0 for the only one
	span    time.Duration // by how much to extend
	unnamed bool          // a suggestion is to be asked without a name
}

const (
	leastExtension = 30 * time.Second
	mostExtension  = time.Hour
)

// sameAs are other words for verbs, as people say them.
var sameAs = map[string]verb{
	"pause": toHold, "continue": toResume, "opt-out": toOptOut, "opt-in": toOptIn, "anonymous": toAnon, "anonymously": toAnon,
	"announce": toSay, "?": toHelp, "": toHelp,
}

// fillers change nothing about a command.
var fillers = []string{"please", "pls", "now", "thanks", "thank", "you", "the", "question", "chat", "one", "to", "by", "for", "me"}

// plainly are sentences that ask for something without naming it.
var plainly = []struct {
	pattern *regexp.Regexp
	verb    verb
}{
	{regexp.MustCompile(`^(which|what|whats|what's|what’s) (the )?(current )?(question|q)( number)?( are we| is it| is on| is live)?( on| at| up to)?( now| at the moment| please)*$`), toWhere},
	{regexp.MustCompile(`^where are we( up to| at)?( now| please)*$`), toWhere},
}

// asksWhere tells whether a message that is to nobody in particular asks which question the chat is on, and nothing else.
func asksWhere(text string) bool {
	return plainly[0].pattern.MatchString(sentence(text)) && strings.Contains(text, "?")
}

func sentence(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.Trim(text, " \t\n?!.*_~`")), " "))
}

// understand reads a command, in any case of letters, with or without politeness. named tells whether its first word names
// one: if the rest makes no sense, ok is false all the same, and nothing is guessed at.
func understand(text string) (o order, named, ok bool) {
	text = unprefixed(text)
	about, text := cutChat(text)
	for _, p := range plainly {
		if p.pattern.MatchString(sentence(text)) {
			return order{verb: p.verb, chat: about}, true, true
		}
	}
	first, rest := cutWord(text)
	if second, after := cutWord(rest); first == "opt" && (second == "out" || second == "in") {
		first, rest = first+second, after
	}
	o.verb, named = sameAs[first]
	if !named {
		if o.verb = verb(first); !known(o.verb) {
			return order{}, false, false
		}
	}
	o.chat = about
	return o, true, o.read(rest)
}

// ofChat begins a command that names its chat by its slug, as buttons do.
const ofChat = "chat:"

// cutChat cuts the name of a chat off, if a command begins with one.
func cutChat(text string) (chat, rest string) {
	i := strings.IndexFunc(text, unicode.IsSpace)
	if i < 0 {
		return "", text
	}
	name := escape.ReplaceAllString(strings.TrimRight(text[:i], ",:"), "$1")
	if len(name) > 1 && name[0] == '#' || len(name) > len(ofChat) && strings.HasPrefix(name, ofChat) {
		return strings.TrimPrefix(name, ofChat), strings.TrimSpace(text[i:])
	}
	return "", text
}

func known(v verb) bool {
	return slices.Contains(hostsOnly, v) || slices.Contains(personal, v) || slices.Contains([]verb{toWhere, toSuggest, toAnon, toHelp}, v)
}

// read takes what follows the verb, and tells whether it makes sense.
func (o *order) read(rest string) bool {
	switch o.verb {
	case toAsk, toSay, toSuggest, toAnon:
		o.text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), ":"))
		return o.text != ""
	case toPseudonym:
		o.text = asName(rest)
		if slices.Contains([]string{"off", "none"}, strings.ToLower(o.text)) {
			o.text = ""
			return true
		}
		return o.text != "" && len([]rune(o.text)) <= longestPseudonym
	}
	for words := strings.Fields(rest); len(words) > 0; words = words[1:] {
		w := bare(words[0])
		switch {
		case w == "" || slices.Contains(fillers, w):
		case o.verb == toExtend && o.readSpan(words[0], words[1:]):
		case (o.verb == toNext || o.verb == toSkip || o.verb == toExtend) && o.step == "" && isStep(w):
			o.step = w
		case (o.verb == toNext || o.verb == toSkip) && o.step == "" && readNumber(w) > 0:
			o.step = string(questions.QuestionSection(readNumber(w)))
		case (o.verb == toAccept || o.verb == toDecline) && o.n == 0 && readNumber(w) > 0:
			o.n = readNumber(w)
		case o.verb == toAccept && slices.Contains([]string{"anonymously", "unnamed", "uncredited", "without", "name", "a"}, w):
			o.unnamed = o.unnamed || w != "a" && w != "name"
		default:
			return false
		}
	}
	return o.verb != toExtend || o.span >= leastExtension && o.span <= mostExtension
}

// longestPseudonym is in characters.
const longestPseudonym = 60

// readSpan reads "3m", "3", "90s" and the number of "3 minutes", whose unit is then skipped as a word of its own.
func (o *order) readSpan(word string, after []string) bool {
	word = strings.TrimPrefix(strings.TrimRight(strings.ToLower(word), ".,!;"), "+")
	if o.span > 0 {
		return slices.Contains([]string{"m", "min", "mins", "minute", "minutes", "s", "sec", "secs", "seconds"}, word) || word == "more"
	}
	digits := strings.TrimRightFunc(word, unicode.IsLetter)
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > int(mostExtension/time.Second) {
		return word == "more"
	}
	unit := word[len(digits):]
	if unit == "" && len(after) > 0 {
		unit = bare(after[0])
	}
	switch o.span = time.Duration(n) * time.Minute; {
	case strings.HasPrefix(unit, "s"):
		o.span = time.Duration(n) * time.Second
	case strings.HasPrefix(unit, "h"):
		o.span = time.Duration(n) * time.Hour
	}
	return true
}

// isStep tells whether a word names a step as buttons do.
func isStep(w string) bool {
	return questions.StepSection(w).QuestionNumber() > 0 || w == "welcome" || w == "closing"
}

// asName is CommonMark read as a name of one line.
func asName(text string) string {
	return strings.Join(strings.Fields(escape.ReplaceAllString(text, "$1")), " ")
}

var escape = regexp.MustCompile(`\\([[:punct:]])`)

func readNumber(w string) int {
	n, err := strconv.Atoi(strings.TrimLeft(w, "s#"))
	if err != nil {
		return 0
	}
	return n
}

// unprefixed is a command without a name of the bot's that stands before it where it wasn't needed.
func unprefixed(text string) string {
	text = strings.TrimSpace(text)
	for _, name := range []string{`\!catchword`, "!catchword", "/catchword", "@catchword", "catchword"} {
		if len(text) >= len(name) && strings.EqualFold(text[:len(name)], name) {
			if rest := text[len(name):]; rest == "" || strings.ContainsAny(rest[:1], " :,\n") {
				return strings.TrimLeft(rest, " :,\n")
			}
		}
	}
	return text
}

// cutWord cuts the first word off, bare and in lower case.
func cutWord(text string) (word, rest string) {
	text = strings.TrimSpace(text)
	i := strings.IndexFunc(text, unicode.IsSpace)
	if i < 0 {
		i = len(text)
	}
	// "ask: Why?" and "**next**" name a verb, too; "?" is one.
	if word = bare(text[:i]); word == "" {
		word = text[:i]
	}
	return word, text[i:]
}

// bare is a word in lower case without what surrounds it.
func bare(word string) string {
	return strings.ToLower(strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }))
}
