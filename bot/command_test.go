package bot

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

func TestParseCommand(t *testing.T) {
	for text, want := range map[string]command{
		"next": {name: cmdNext}, "Next please": {name: cmdNext}, "next!": {name: cmdNext}, "**NEXT**": {name: cmdNext},
		"/catchword next": {name: cmdNext}, `\!catchword next`: {name: cmdNext}, "Catchword, next question please": {name: cmdNext},
		`\#ukmedlibs next`: {name: cmdNext, chat: "#ukmedlibs"}, "!catchword #uklibchat: where are we?": {name: cmdWhere, chat: "#uklibchat"},
		"chat:2026-12-15-x skip q4": {name: cmdSkip, chat: "2026-12-15-x", step: "q4"},
		"next q3":                   {name: cmdNext, step: "q3"}, "next q3.2": {name: cmdNext, step: "q3.2"}, "next closing": {name: cmdNext, step: "closing"},
		"hold": {name: cmdPause}, "pause": {name: cmdPause}, "Let’s take a short break please": {name: cmdPause}, "break": {name: cmdPause},
		"resume": {name: cmdResume}, "continue": {name: cmdResume}, "carry on": {name: cmdResume},
		"move on": {name: cmdNext}, "go back": {name: cmdBack}, "previous question": {name: cmdBack}, "again please": {name: cmdRepeat},
		"cancel": {name: cmdEnd}, "Cancel the chat, please": {name: cmdEnd}, "close the chat": {name: cmdEnd}, "finish": {name: cmdEnd},
		"approve 2": {name: cmdAccept, suggestion: 2}, "reject 2": {name: cmdDecline, suggestion: 2},
		"extend 3m": {name: cmdExtend, duration: 3 * time.Minute}, "extend by 3 minutes": {name: cmdExtend, duration: 3 * time.Minute},
		"extend 90s please": {name: cmdExtend, duration: 90 * time.Second}, "extend 5": {name: cmdExtend, duration: 5 * time.Minute},
		"extend +2 min": {name: cmdExtend, duration: 2 * time.Minute}, "extend 3m q4": {name: cmdExtend, duration: 3 * time.Minute, step: "q4"},
		"extend 1h": {name: cmdExtend, duration: time.Hour}, "extend 3 more minutes": {name: cmdExtend, duration: 3 * time.Minute},
		"skip": {name: cmdSkip}, "skip q4": {name: cmdSkip, step: "q4"}, "skip 4": {name: cmdSkip, step: "q4"},
		"back": {name: cmdBack}, "repeat the question": {name: cmdRepeat}, "end the chat now": {name: cmdEnd}, "status?": {name: cmdStatus},
		"ask Why *not*?":            {name: cmdAsk, text: "Why *not*?"},
		"Ask: What of\n\n- a\n- b":  {name: cmdAsk, text: "What of\n\n- a\n- b"},
		"say The door is open":      {name: cmdSay, text: "The door is open"},
		"suggest what about money?": {name: cmdSuggest, text: "what about money?"},
		"anon I was sacked":         {name: cmdAnon, text: "I was sacked"},
		"accept 2":                  {name: cmdAccept, suggestion: 2}, "accept": {name: cmdAccept}, "accept 2 unnamed": {name: cmdAccept, suggestion: 2, anonymous: true},
		"accept 2 without a name": {name: cmdAccept, suggestion: 2, anonymous: true}, "decline #3": {name: cmdDecline, suggestion: 3},
		"where": {name: cmdWhere}, "Which question are we on?": {name: cmdWhere}, "what question are we on now": {name: cmdWhere}, "where are we?": {name: cmdWhere},
		"help": {name: cmdHelp}, "": {name: cmdHelp}, "?": {name: cmdHelp},
		"optout": {name: cmdOptOut}, "opt out": {name: cmdOptOut}, "Opt-out, please": {name: cmdOptOut}, "optin": {name: cmdOptIn},
		`pseudonym Quiet\_Reader`: {name: cmdPseudonym, text: "Quiet_Reader"}, "pseudonym off": {name: cmdPseudonym},
	} {
		if got, named, ok := parseCommand(text); got != want || !named || !ok {
			t.Errorf("got %+v (named: %v, understood: %v) of %q, want %+v", got, named, ok, text, want)
		}
	}
}

// TestUnknownCommands: a sentence is not a command, least of all a dangerous one.
func TestUnknownCommands(t *testing.T) {
	for text, wantNamed := range map[string]bool{
		"next year we plan to": true, "end of term is the worst": true, "hold on, I think": true, "back to Q2: we do": true, "skip the queue!": true,
		"extend the loan period": true, "extend": true, "extend 0": true, "extend -3m": true, "extend 2h": true, "extend 9999999999999999999m": true,
		"end q3": true, "end the question": true, "cancel the question": true, "cancel this one": true, "cancel that": true, "close to home": true,
		"take a break from work": false, "carry on regardless": false, "move on to money": false, "resume at ten": true, "ask": true, "say  ": true, "suggest": true, "pseudonym": true, "optout of Facebook": true,
		"We do, too": false, "nxt": false, "nextquestion": false, "I second that": false, "ending": false, "opt for it": false,
	} {
		if got, named, ok := parseCommand(text); ok || named != wantNamed {
			t.Errorf("got %+v (named: %v, understood: %v) of %q, want it not understood (named: %v)", got, named, ok, text, wantNamed)
		}
	}
}

func TestAsksWhere(t *testing.T) {
	for text, want := range map[string]bool{
		"Which question are we on?": true, "what question are we on now?": true, "which Q are we on??": true,
		"which question are we on": false, "Which question is the best?": false, "Which question are we on, and why did Ann say so?": false, "?": false,
	} {
		if got := asksWhere(text); got != want {
			t.Errorf("got %v of %q, want %v", got, text, want)
		}
	}
}

// FuzzParseCommand checks that no text panics, and that dangerous commands are short.
func FuzzParseCommand(f *testing.F) {
	for _, text := range []string{"next", "extend 3m q4", "ask Why?", "end", `\!catchword end`, "accept 2 unnamed"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, named, ok := parseCommand(text)
		if ok && !named {
			t.Errorf("got %+v of %q understood, but not named", o, text)
		}
		if ok && o.name == cmdExtend && (o.duration < minExtension || o.duration > maxExtension) {
			t.Errorf("got %v of %q, want between %v and %v", o.duration, text, minExtension, maxExtension)
		}
	})
}

// A namer knows the names of some users.
type namer map[adapters.UserID]string

func (n namer) UserName(_ context.Context, who adapters.UserID) (string, error) { return n[who], nil }

// TestRefusalsSayWhatIsRight sends commands that make no sense, or not now. Each reply has the next word to type.
func TestRefusalsSayWhatIsRight(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		c := testChat()
		c.Leader = "Jane *Doe*, NHS Lothian"
		c.Title = "Partner_ships *and* more"
		n.schedule(c)
		n.wantContains("reply", n.command("nhs", host, "extend 5m"), "`next`")
		n.at(10 * minute)
		n.wantContains("welcome", n.find("nhs", "Welcome to").Text, `Partner\_ships \*and\* more`, `Jane \*Doe\*, NHS Lothian`)
		for text, want := range map[string]string{
			"extend 10s": "`extend 3m`", "extend 2h": "`extend 3m`", "extend": "`extend 3m`", "extend soon": "`extend 3m`",
			"next 9": "no Q9", "next 1": "Q1 was posted already", "next 4": "`next`", "next chapter": "`next`",
			"skip 9": "`skip`", "skip dinner": "`skip`", "end question": "`end`", "accept the cake": "`accept`", "ask": "`ask`", "say": "`say`",
			"resume": "`pause`", "back": "`repeat`", "decline 7": "`status`", "optout of Facebook": "`optout`", "status quo": "`status`",
			"pseudonym": "`pseudonym`", "pseudonym " + strings.Repeat("x", 61): "`pseudonym`", "where is everybody": "`where`",
			"dance": "`next`",
		} {
			n.wantContains("reply to "+text, n.command("nhs", host, text), want)
		}
		n.wantNone("nhs", "## Q2")
		n.send("nhs", "Ann", "## Q1", "said by Ann")
		n.settle()
		if n.optedOut(c.Slug) != 0 {
			n.Error("somebody was opted out who meant something else")
		}
		n.send("public", "Amy Adams", "", "just here")
		n.command("public", person("Owl"), "pseudonym Night Reader")
		for _, name := range []string{"Ann", "ann", "Αnn", "A n n", "jane doe", "Jane Doe", "NHS Lothian", "catchword", "CatchW0rd", "Amy Adams", "night reader", "Night\u200bReader"} {
			n.wantContains("reply to "+name, n.command("nhs", person("Bob"), "pseudonym "+name), "somebody else’s", "`pseudonym NAME`")
		}
		// Hosts whom the bot has never seen are looked up, wherever they are.
		workspaceNamed(n.bot, "public").userNamer = namer{"host": "Henrietta Host"}
		n.wantContains("reply", n.command("nhs", person("Bob"), "pseudonym Henrietta  HOST"), "somebody else’s")
		n.wantContains("reply", n.command("nhs", person("Bob"), "pseudonym Bob"), "You now appear as Bob")
		n.at(70 * minute)
		n.wantContains("closing", n.find("nhs", "Thank you,").Text, `Jane \*Doe\*`)
		n.wantContains("reply", n.command("nhs", host, "next"), "`say TEXT`")
		n.wantContains("reply", n.command("nhs", person("Bob"), "suggest Why?"), "`where`")
	})
}
