package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// answersPerQuestion is how many of the generic answers each question gets.
const answersPerQuestion = 6

// scriptStepTime is the step's duration that the tables below assume. The seconds in them are scaled to the actual one.
const scriptStepTime = 10 * time.Minute

// genericIntroductions are sent during the introductions of any chat.
var genericIntroductions = []scriptedMessage{
	{"", 25, "Priya Nair", inThread, "Evening all, Priya here, tea in hand.", nil},
	{"", 80, "Dev Chaudhuri", inThread, "Hello! Dev, first time at one of these.", []followUp{{50, "Priya Nair", actionReact, "👋"}, {80, "Bev Ormerod", actionReact, "👋"}}},
	{"", 140, "Tom Ashworth", inThread, "Tom, on the trian home, so bear with me in the tunnels", []followUp{
		{50, "Tom Ashworth", actionEdit, "Tom, on the train home, so bear with me in the tunnels"},
	}},
	{"", 220, "Alun Price", withHashtag, "Alun, just parked up and listening.", nil},
	{"", 300, "Moira Kerr", offTopic, "Has anybody got the key to the big meeting room for Thursday?", nil},
	{"", 380, "Kofi Mensah", inThread, "Kofi, graduate trainee. Be gentle.", []followUp{{60, "Ruth Calder", actionReact, "❤️"}}},
}

// genericAnswers fit any question. No question gets the same answer as the one before it.
var genericAnswers = []scriptedMessage{
	{"", 0, "Janet Oyelaran", inThread, "We tried this two years ago, and it worked wherever one person cared about it.", nil},
	{"", 0, "Tom Ashworth", withTag, "In short: yes, but not on the budget we have.", []followUp{{60, "Dev Chaudhuri", actionReact, "👍"}}},
	{"", 0, "Ruth Calder", inThread, "My manager says we are not allowed to and frankly that is nonsense", []followUp{{70, "Ruth Calder", actionDelete, ""}}},
	{"", 0, "Marged Pugh", untagged, "I'd want to see what others have done before we start from scratch again.", nil},
	{"", 0, "Bev Ormerod", withTag, "Ask the people at the desk. We know more than the survey does.", []followUp{{50, "Eleanor Finch", actionReact, "👏"}}},
	{"", 0, "Kofi Mensah", inThread, "Honest question from the new boy: who decides that, in your place?", nil},
	{"", 0, "Alun Price", withHashtag, "Depends where you stand. From the van it looks rather different.", nil},
	{"", 0, "Eleanor Finch", inThread, "Half of it is knowing whom to ring. Could we make a list?", []followUp{{45, "Kofi Mensah", actionReact, "🙋"}, {70, "Bev Ormerod", actionReact, "🙋"}}},
	{"", 0, "Dev Chaudhuri", inThread, "Can somebody point me at a good exmaple?", []followUp{{40, "Dev Chaudhuri", actionEdit, "Can somebody point me at a good example?"}}},
	{"", 0, "Priya Nair", untagged, "There's a write-up in last year's newsletter. I'll find the link and post it here.", []followUp{{60, "Tom Ashworth", actionReact, "❤️"}}},
	{"", 0, "Moira Kerr", inThread, "We do the opposite, and I'm no longer sure why.", []followUp{{60, "Janet Oyelaran", actionReact, "😂"}}},
	{"", 0, "Marged Pugh", withTag, "Small steps. One thing, with a date on it, and somebody's name.", []followUp{{50, "Moira Kerr", actionReact, "👍"}}},
	{"", 0, "Bev Ormerod", inThread, "Biscuits. I'm only half joking.", []followUp{{30, "Tom Ashworth", actionReact, "😂"}, {55, "Alun Price", actionReact, "😂"}}},
}

// Commands to the bot: during the first question, and by the host during the last.
var (
	genericWhere     = scriptedMessage{"", 350, "Moira Kerr", offTopic, "!catchword where", nil}
	genericExtension = scriptedMessage{"", 200, castHost, offTopic, "!catchword extend 1m", nil}
)

// genericClosings are sent after the closing.
var genericClosings = []scriptedMessage{
	{"closing", 45, "Janet Oyelaran", inThread, "Thank you all. Next time I'll bring two colleagues.", nil},
	{"closing", 60, "Marged Pugh", inThread, "That went quickly. Goodnight, all.", nil},
}

// genericScript returns a script for any chat, with messages that fit each step and its duration.
func genericScript(c questions.Chat) []scriptedMessage {
	agenda := agendaWithoutHalfway(c)
	var all []scriptedMessage
	used := 0
	for i, step := range agenda {
		next := c.Ends
		if i+1 < len(agenda) {
			next = agenda[i+1].At
		}
		duration := next.Sub(step.At)
		switch step.Kind {
		case questions.KindIntroductions:
			for _, r := range genericIntroductions {
				all = append(all, r.forStep(c, step, duration))
			}
		case questions.KindQuestion:
			for n := range answersPerQuestion {
				r := genericAnswers[used%len(genericAnswers)]
				used++
				r.delaySeconds = float64(30 + 80*n)
				all = append(all, r.forStep(c, step, duration))
			}
			if step.Question == 1 {
				all = append(all, genericWhere.forStep(c, step, duration))
			}
			if step.Question == len(c.Questions) {
				all = append(all, genericExtension.forStep(c, step, duration))
			}
		}
	}
	return append(all, genericClosings...)
}

// agendaWithoutHalfway returns the agenda without the halfway post, which doesn't end the current question.
func agendaWithoutHalfway(c questions.Chat) []questions.Step {
	return slices.DeleteFunc(c.Agenda(), func(s questions.Step) bool { return s.Kind == questions.KindHalfway })
}

// forStep adapts a generic message to a step and its duration.
func (r scriptedMessage) forStep(c questions.Chat, step questions.Step, duration time.Duration) scriptedMessage {
	scale := func(seconds float64) float64 { return seconds * float64(duration) / float64(scriptStepTime) }
	r.afterStep, r.delaySeconds = step.Name, scale(r.delaySeconds)
	followUps := make([]followUp, len(r.followUps))
	for i, s := range r.followUps {
		s.delaySeconds = scale(s.delaySeconds)
		followUps[i] = s
	}
	r.followUps = followUps
	switch {
	case r.style == withTag:
		r.text = fmt.Sprintf("A%d: %s", step.Question, r.text)
	case r.style == withHashtag && c.Hashtag == "":
		r.style = inThread
	case r.style == withHashtag:
		r.text += " " + c.Hashtag
	}
	return r
}
