package bot

import (
	"testing"
	"time"
)

func TestUnderstand(t *testing.T) {
	for text, want := range map[string]order{
		"next": {verb: toNext}, "Next please": {verb: toNext}, "next!": {verb: toNext}, "**NEXT**": {verb: toNext},
		"/catchword next": {verb: toNext}, `\!catchword next`: {verb: toNext}, "Catchword, next question please": {verb: toNext},
		`\#ukmedlibs next`: {verb: toNext, chat: "#ukmedlibs"}, "!catchword #uklibchat: where are we?": {verb: toWhere, chat: "#uklibchat"},
		"chat:2026-12-15-x skip q4": {verb: toSkip, chat: "2026-12-15-x", step: "q4"},
		"next q3":                   {verb: toNext, step: "q3"}, "next q3.2": {verb: toNext, step: "q3.2"}, "next closing": {verb: toNext, step: "closing"},
		"hold": {verb: toHold}, "pause": {verb: toHold}, "resume": {verb: toResume}, "continue": {verb: toResume},
		"extend 3m": {verb: toExtend, span: 3 * time.Minute}, "extend by 3 minutes": {verb: toExtend, span: 3 * time.Minute},
		"extend 90s please": {verb: toExtend, span: 90 * time.Second}, "extend 5": {verb: toExtend, span: 5 * time.Minute},
		"extend +2 min": {verb: toExtend, span: 2 * time.Minute}, "extend 3m q4": {verb: toExtend, span: 3 * time.Minute, step: "q4"},
		"extend 1h": {verb: toExtend, span: time.Hour}, "extend 3 more minutes": {verb: toExtend, span: 3 * time.Minute},
		"skip": {verb: toSkip}, "skip q4": {verb: toSkip, step: "q4"}, "skip 4": {verb: toSkip, step: "q4"},
		"back": {verb: toGoBack}, "repeat the question": {verb: toRepeat}, "end the chat now": {verb: toEnd}, "status?": {verb: toStatus},
		"ask Why *not*?":            {verb: toAsk, text: "Why *not*?"},
		"Ask: What of\n\n- a\n- b":  {verb: toAsk, text: "What of\n\n- a\n- b"},
		"say The door is open":      {verb: toSay, text: "The door is open"},
		"suggest what about money?": {verb: toSuggest, text: "what about money?"},
		"anon I was sacked":         {verb: toAnon, text: "I was sacked"},
		"accept 2":                  {verb: toAccept, n: 2}, "accept": {verb: toAccept}, "accept 2 unnamed": {verb: toAccept, n: 2, unnamed: true},
		"accept 2 without a name": {verb: toAccept, n: 2, unnamed: true}, "decline #3": {verb: toDecline, n: 3},
		"where": {verb: toWhere}, "Which question are we on?": {verb: toWhere}, "what question are we on now": {verb: toWhere}, "where are we?": {verb: toWhere},
		"help": {verb: toHelp}, "": {verb: toHelp}, "?": {verb: toHelp},
		"optout": {verb: toOptOut}, "opt out": {verb: toOptOut}, "Opt-out, please": {verb: toOptOut}, "optin": {verb: toOptIn},
		`pseudonym Quiet\_Reader`: {verb: toPseudonym, text: "Quiet_Reader"}, "pseudonym off": {verb: toPseudonym},
	} {
		if got, named, ok := understand(text); got != want || !named || !ok {
			t.Errorf("got %+v (named: %v, understood: %v) of %q, want %+v", got, named, ok, text, want)
		}
	}
}

// TestNothingIsGuessedAt: what goes on like a sentence is no command, and least of all a dangerous one.
func TestNothingIsGuessedAt(t *testing.T) {
	for text, wantNamed := range map[string]bool{
		"next year we plan to": true, "end of term is the worst": true, "hold on, I think": true, "back to Q2: we do": true, "skip the queue!": true,
		"extend the loan period": true, "extend": true, "extend 0": true, "extend -3m": true, "extend 2h": true, "extend 9999999999999999999m": true,
		"end q3": true, "resume at ten": true, "ask": true, "say  ": true, "suggest": true, "pseudonym": true, "optout of Facebook": true,
		"We do, too": false, "nxt": false, "nextquestion": false, "I second that": false, "ending": false, "opt for it": false,
	} {
		if got, named, ok := understand(text); ok || named != wantNamed {
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

// FuzzUnderstand holds that no words panic, and that dangerous ones are short.
func FuzzUnderstand(f *testing.F) {
	for _, text := range []string{"next", "extend 3m q4", "ask Why?", "end", `\!catchword end`, "accept 2 unnamed"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, named, ok := understand(text)
		if ok && !named {
			t.Errorf("got %+v of %q understood, but not named", o, text)
		}
		if ok && o.verb == toExtend && (o.span < leastExtension || o.span > mostExtension) {
			t.Errorf("got %v of %q, want between %v and %v", o.span, text, leastExtension, mostExtension)
		}
	})
}
