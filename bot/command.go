package bot

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/questions"
)

// A commandName is the word that a command begins with. It is also what the audit log keeps.
type commandName string

const (
	cmdNext    commandName = "next"
	cmdPause   commandName = "pause"
	cmdResume  commandName = "resume"
	cmdExtend  commandName = "extend"
	cmdSkip    commandName = "skip"
	cmdBack    commandName = "back"
	cmdRepeat  commandName = "repeat"
	cmdAsk     commandName = "ask"
	cmdSay     commandName = "say"
	cmdEnd     commandName = "end"
	cmdStatus  commandName = "status"
	cmdAccept  commandName = "accept"
	cmdDecline commandName = "decline"

	cmdWhere     commandName = "where"
	cmdSuggest   commandName = "suggest"
	cmdAnon      commandName = "anon"
	cmdHelp      commandName = "help"
	cmdOptOut    commandName = "optout"
	cmdOptIn     commandName = "optin"
	cmdPseudonym commandName = "pseudonym"
)

// hostCommands are for hosts alone.
var hostCommands = []commandName{cmdNext, cmdPause, cmdResume, cmdExtend, cmdSkip, cmdBack, cmdRepeat, cmdAsk, cmdSay, cmdEnd, cmdStatus, cmdAccept, cmdDecline}

// personalCommands are what people decide about themselves. They count however late they arrive.
var personalCommands = []commandName{cmdOptOut, cmdOptIn, cmdPseudonym}

// A command is a parsed command.
type command struct {
	name       commandName
	chat       string        // its hashtag or slug, if given; "" for the chat that runs where the command was given
	text       string        // to post, ask or suggest; or the pseudonym, "" to remove it
	step       string        // the step that the button was for; "" for the next one
	suggestion int           // its number; 0 for the only one
	duration   time.Duration // by how much to extend
	anonymous  bool          // ask the suggestion without a name
}

const (
	minExtension = 30 * time.Second
	maxExtension = time.Hour
)

// aliases are other words for commands, as people type them.
var aliases = map[string]commandName{
	"hold": cmdPause, "break": cmdPause, "continue": cmdResume, "unpause": cmdResume, "again": cmdRepeat, "previous": cmdBack,
	"cancel": cmdEnd, "close": cmdEnd, "finish": cmdEnd, "announce": cmdSay, "approve": cmdAccept, "reject": cmdDecline,
	"opt-out": cmdOptOut, "opt-in": cmdOptIn, "anonymous": cmdAnon, "anonymously": cmdAnon, "nickname": cmdPseudonym,
	"?": cmdHelp, "": cmdHelp,
}

// fillerWords change nothing about a command.
var fillerWords = []string{"please", "pls", "now", "thanks", "thank", "you", "the", "question", "chat", "one", "to", "by", "for", "me"}

// scopeWords name what people opt out of or into: all of it is one choice.
var scopeWords = []string{
	"of", "from", "in", "this", "all", "everything", "everywhere", "completely", "it", "archive", "archives", "record", "records", "recording",
	"recorded", "being", "sharing", "transcript", "rooms", "room", "other", "and", "my", "messages", "again", "here",
}

// phrases are sentences that ask for something without naming the command.
var phrases = []struct {
	pattern *regexp.Regexp
	name    commandName
}{
	{whichQuestion, cmdWhere},
	{regexp.MustCompile(`^where are we( up to| at)?( now| please)*$`), cmdWhere},
	{regexp.MustCompile(`^(lets |let's |let’s )?(take|have) a (short |quick )?break( now| please)*$`), cmdPause},
	{regexp.MustCompile(`^(lets |let's |let’s )?carry on( now| please)*$`), cmdResume},
	{regexp.MustCompile(`^(lets |let's |let’s )?move on( now| please)*$`), cmdNext},
	{regexp.MustCompile(`^(lets |let's |let’s )?go back( now| please)*$`), cmdBack},
}

var whichQuestion = regexp.MustCompile(
	`^(which|what|whats|what's|what’s) (the )?(current )?(question|q)( number)?( are we| is it| is on| is live)?( on| at| up to)?( now| at the moment| please)*$`)

// asksWhere tells whether a message in a room, to nobody in particular, asks which question is live, and nothing else.
func asksWhere(text string) bool {
	return whichQuestion.MatchString(normalize(text)) && strings.Contains(text, "?")
}

func normalize(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.Trim(text, " \t\n?!.*_~`")), " "))
}

// parseCommand reads a command, in upper or lower case, with or without polite words. named tells whether its first
// word is a command. If the rest makes no sense, ok is false: nothing is guessed.
func parseCommand(text string) (o command, named, ok bool) {
	text = trimBotName(text)
	about, text := cutChat(text)
	for _, p := range phrases {
		if p.pattern.MatchString(normalize(text)) {
			return command{name: p.name, chat: about}, true, true
		}
	}
	first, rest := cutWord(text)
	if second, after := cutWord(rest); first == "opt" && (second == "out" || second == "in") {
		first, rest = first+second, after
	}
	o.name, named = aliases[first]
	if !named {
		if o.name = commandName(first); !isCommand(o.name) {
			return command{}, false, false
		}
	}
	o.chat = about
	return o, true, o.parseArgs(rest)
}

// chatPrefix begins a command that names its chat by its slug, as buttons do.
const chatPrefix = "chat:"

// cutChat cuts off the chat that a command names first, if it does.
func cutChat(text string) (chat, rest string) {
	i := strings.IndexFunc(text, unicode.IsSpace)
	if i < 0 {
		return "", text
	}
	name := backslashEscape.ReplaceAllString(strings.TrimRight(text[:i], ",:"), "$1")
	if strings.HasPrefix(questions.FoldHashtag(name), "#") && name != "#" || len(name) > len(chatPrefix) && strings.HasPrefix(name, chatPrefix) {
		return strings.TrimPrefix(name, chatPrefix), strings.TrimSpace(text[i:])
	}
	return "", text
}

func isCommand(v commandName) bool {
	return slices.Contains(hostCommands, v) || slices.Contains(personalCommands, v) || slices.Contains([]commandName{cmdWhere, cmdSuggest, cmdAnon, cmdHelp}, v)
}

// parseArgs reads what follows the command's name, and tells whether it makes sense.
func (o *command) parseArgs(rest string) bool {
	switch o.name {
	case cmdHelp:
		return true
	case cmdAsk, cmdSay, cmdSuggest, cmdAnon:
		o.text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), ":"))
		return o.text != ""
	case cmdPseudonym:
		o.text = adapters.CleanLine(oneLine(rest))
		if slices.Contains([]string{"off", "none"}, strings.ToLower(o.text)) {
			o.text = ""
			return true
		}
		return o.text != "" && adapters.CleanName(o.text) == o.text
	}
	for words := strings.Fields(rest); len(words) > 0; words = words[1:] {
		w := trimPunctuation(words[0])
		switch {
		case o.name == cmdEnd && (w == "question" || w == "one"):
			return false // to close the chat would be far more
		case w == "" || slices.Contains(fillerWords, w):
		case (o.name == cmdOptOut || o.name == cmdOptIn) && slices.Contains(scopeWords, w):
		case o.name == cmdExtend && o.parseDuration(words[0], words[1:]):
		case (o.name == cmdNext || o.name == cmdSkip || o.name == cmdExtend) && o.step == "" && isStepName(w):
			o.step = w
		case (o.name == cmdNext || o.name == cmdSkip) && o.step == "" && parseNumber(w) > 0:
			o.step = string(questions.QuestionSection(parseNumber(w)))
		case (o.name == cmdAccept || o.name == cmdDecline) && o.suggestion == 0 && parseNumber(w) > 0:
			o.suggestion = parseNumber(w)
		case o.name == cmdAccept && slices.Contains([]string{"anonymously", "unnamed", "uncredited", "without", "name", "a"}, w):
			o.anonymous = o.anonymous || w != "a" && w != "name"
		default:
			return false
		}
	}
	return o.name != cmdExtend || o.duration >= minExtension && o.duration <= maxExtension
}

// maxPseudonymLength is in characters, as for all names.
const maxPseudonymLength = adapters.MaxNameLength

// parseDuration reads "3m", "3", "90s", or the number of "3 minutes" and then its unit.
func (o *command) parseDuration(word string, after []string) bool {
	word = strings.TrimPrefix(strings.TrimRight(strings.ToLower(word), ".,!;"), "+")
	if o.duration > 0 {
		return slices.Contains([]string{"m", "min", "mins", "minute", "minutes", "s", "sec", "secs", "seconds"}, word) || word == "more"
	}
	digits := strings.TrimRightFunc(word, unicode.IsLetter)
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > int(maxExtension/time.Second) {
		return word == "more"
	}
	unit := word[len(digits):]
	if unit == "" && len(after) > 0 {
		unit = trimPunctuation(after[0])
	}
	switch o.duration = time.Duration(n) * time.Minute; {
	case strings.HasPrefix(unit, "s"):
		o.duration = time.Duration(n) * time.Second
	case strings.HasPrefix(unit, "h"):
		o.duration = time.Duration(n) * time.Hour
	}
	return true
}

// isStepName tells whether a word is the name of a step, as in the commands of buttons.
func isStepName(w string) bool {
	return questions.StepSection(w).QuestionNumber() > 0 || w == "welcome" || w == "closing"
}

// oneLine is CommonMark as plain text on one line.
func oneLine(text string) string {
	return strings.Join(strings.Fields(backslashEscape.ReplaceAllString(text, "$1")), " ")
}

var backslashEscape = regexp.MustCompile(`\\([[:punct:]])`)

func parseNumber(w string) int {
	n, err := strconv.Atoi(strings.TrimLeft(w, "s#"))
	if err != nil {
		return 0
	}
	return n
}

// trimBotName removes the bot's name from the start of a command.
func trimBotName(text string) string {
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

// cutWord cuts off the first word, in lower case and without punctuation.
func cutWord(text string) (word, rest string) {
	text = strings.TrimSpace(text)
	i := strings.IndexFunc(text, unicode.IsSpace)
	if i < 0 {
		i = len(text)
	}
	// "ask: Why?" and "**next**" begin with a command too; "?" is one.
	if word = trimPunctuation(text[:i]); word == "" {
		word = text[:i]
	}
	return word, text[i:]
}

// trimPunctuation is a word in lower case without the punctuation around it.
func trimPunctuation(word string) string {
	return strings.ToLower(strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }))
}
