package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// remarksPerQuestion are drawn in turn from remarks that fit any question.
const remarksPerQuestion = 6

// Seconds in the tables below are those of a step that lasts ten minutes, and shrink or stretch with the step's own time.
const writtenFor = 10 * time.Minute

// anyIntroductions are said under the introductions of a chat that the cast knows nothing about.
var anyIntroductions = []remark{
	{"", 25, "Priya Nair", inThread, "Evening all, Priya here, tea in hand.", nil},
	{"", 80, "Dev Chaudhuri", inThread, "Hello! Dev, first time at one of these.", []sequel{{50, "Priya Nair", reacts, "👋"}, {80, "Bev Ormerod", reacts, "👋"}}},
	{"", 140, "Tom Ashworth", inThread, "Tom, on the trian home, so bear with me in the tunnels", []sequel{
		{50, "Tom Ashworth", edits, "Tom, on the train home, so bear with me in the tunnels"},
	}},
	{"", 220, "Alun Price", hashtag, "Alun, just parked up and listening.", nil},
	{"", 300, "Moira Kerr", aside, "Has anybody got the key to the big meeting room for Thursday?", nil},
	{"", 380, "Kofi Mensah", inThread, "Kofi, graduate trainee. Be gentle.", []sequel{{60, "Ruth Calder", reacts, "❤️"}}},
}

// anyRemarks fit any question. No question gets the same remark as the one before it.
var anyRemarks = []remark{
	{"", 0, "Janet Oyelaran", inThread, "We tried this two years ago, and it worked wherever one person cared about it.", nil},
	{"", 0, "Tom Ashworth", tagged, "In short: yes, but not on the budget we have.", []sequel{{60, "Dev Chaudhuri", reacts, "👍"}}},
	{"", 0, "Ruth Calder", inThread, "My manager says we are not allowed to and frankly that is nonsense", []sequel{{70, "Ruth Calder", deletes, ""}}},
	{"", 0, "Marged Pugh", plain, "I'd want to see what others have done before we start from scratch again.", nil},
	{"", 0, "Bev Ormerod", tagged, "Ask the people at the desk. We know more than the survey does.", []sequel{{50, "Eleanor Finch", reacts, "👏"}}},
	{"", 0, "Kofi Mensah", inThread, "Honest question from the new boy: who decides that, in your place?", nil},
	{"", 0, "Alun Price", hashtag, "Depends where you stand. From the van it looks rather different.", nil},
	{"", 0, "Eleanor Finch", inThread, "Half of it is knowing whom to ring. Could we make a list?", []sequel{{45, "Kofi Mensah", reacts, "🙋"}, {70, "Bev Ormerod", reacts, "🙋"}}},
	{"", 0, "Dev Chaudhuri", inThread, "Can somebody point me at a good exmaple?", []sequel{{40, "Dev Chaudhuri", edits, "Can somebody point me at a good example?"}}},
	{"", 0, "Priya Nair", plain, "There's a write-up in last year's newsletter. I'll find the link and post it here.", []sequel{{60, "Tom Ashworth", reacts, "❤️"}}},
	{"", 0, "Moira Kerr", inThread, "We do the opposite, and I'm no longer sure why.", []sequel{{60, "Janet Oyelaran", reacts, "😂"}}},
	{"", 0, "Marged Pugh", tagged, "Small steps. One thing, with a date on it, and somebody's name.", []sequel{{50, "Moira Kerr", reacts, "👍"}}},
	{"", 0, "Bev Ormerod", inThread, "Biscuits. I'm only half joking.", []sequel{{30, "Tom Ashworth", reacts, "😂"}, {55, "Alun Price", reacts, "😂"}}},
}

// What is said to the bot: under the first question, and by the host under the last.
var (
	anyWhere     = remark{"", 350, "Moira Kerr", aside, "!catchword where", nil}
	anyExtension = remark{"", 200, host, aside, "!catchword extend 1m", nil}
)

// anyClosings are said once the chat is closing.
var anyClosings = []remark{
	{"closing", 45, "Janet Oyelaran", inThread, "Thank you all. Next time I'll bring two colleagues.", nil},
	{"closing", 60, "Marged Pugh", inThread, "That went quickly. Goodnight, all.", nil},
}

// castFor gives the cast something to say in any chat: remarks that fit each of its steps, in the time that the step has.
func castFor(c questions.Chat) []remark {
	agenda := withoutLines(c)
	var all []remark
	drawn := 0
	for i, step := range agenda {
		next := c.Ends
		if i+1 < len(agenda) {
			next = agenda[i+1].At
		}
		lasts := next.Sub(step.At)
		switch step.Kind {
		case questions.KindIntroductions:
			for _, r := range anyIntroductions {
				all = append(all, r.fitted(c, step, lasts))
			}
		case questions.KindQuestion:
			for n := range remarksPerQuestion {
				r := anyRemarks[drawn%len(anyRemarks)]
				drawn++
				r.seconds = float64(30 + 80*n)
				all = append(all, r.fitted(c, step, lasts))
			}
			if step.Question == 1 {
				all = append(all, anyWhere.fitted(c, step, lasts))
			}
			if step.Question == len(c.Questions) {
				all = append(all, anyExtension.fitted(c, step, lasts))
			}
		}
	}
	return append(all, anyClosings...)
}

// withoutLines is the agenda without the line in the middle, during which people go on with the question that is on.
func withoutLines(c questions.Chat) []questions.Step {
	return slices.DeleteFunc(c.Agenda(), func(s questions.Step) bool { return s.Kind == questions.KindHalfway })
}

// fitted makes a remark one about a step that lasts as long as told.
func (r remark) fitted(c questions.Chat, step questions.Step, lasts time.Duration) remark {
	scale := func(seconds float64) float64 { return seconds * float64(lasts) / float64(writtenFor) }
	r.after, r.seconds = step.Name, scale(r.seconds)
	then := make([]sequel, len(r.then))
	for i, s := range r.then {
		s.seconds = scale(s.seconds)
		then[i] = s
	}
	r.then = then
	switch {
	case r.how == tagged:
		r.text = fmt.Sprintf("A%d: %s", step.Question, r.text)
	case r.how == hashtag && c.Hashtag == "":
		r.how = inThread
	case r.how == hashtag:
		r.text += " " + c.Hashtag
	}
	return r
}
