package announcement

import (
	"strings"
)

// A Code names a doubt, for programs.
type Code string

// The doubts that every reader of announcements shares.
const (
	WeekdayContradictsDate    Code = "weekday_contradicts_date"
	SeveralChats              Code = "several_chats"
	SeveralPosts              Code = "several_posts"
	SeveralDates              Code = "several_dates"
	TitleContradictsBody      Code = "title_contradicts_body"
	ZoneWrongForDate          Code = "zone_wrong_for_date"
	NoDate                    Code = "no_date"
	QuestionNumbersNotInOrder Code = "question_numbers_not_in_order"
	noDate                         = NoDate
	severalPosts                   = SeveralPosts
	noYear                    Code = "no_year"
	yearProposed              Code = "year_proposed"
	impossibleDate            Code = "impossible_date"
	whichWeek                 Code = "which_week"
	noTime                    Code = "no_time"
	eveningAssumed            Code = "evening_assumed"
	severalTimes              Code = "several_times"
	noHashtag                 Code = "no_hashtag"
	noQuestions               Code = "no_questions"
	emptyQuestion             Code = "empty_question"
	pastChat                  Code = "past_chat"
	unknownEncoding           Code = "unknown_encoding"
	tooLong                   Code = "too_long"
)

// A Doubt is something about an announcement that its reader should look at.
type Doubt struct {
	Code Code
	// Contradiction means that no chat file should be written before somebody has decided.
	Contradiction bool
	What          string // what is wrong, in one sentence
	Remedy        string // what would be right, or what to do
	Line          int    // 0 if it is about the whole
}

// shared are the codes that a reading's JSON lists as warnings.
var shared = map[Code]bool{
	WeekdayContradictsDate: true, SeveralChats: true, SeveralPosts: true, SeveralDates: true,
	TitleContradictsBody: true, ZoneWrongForDate: true, NoDate: true, QuestionNumbersNotInOrder: true,
}

// Contradictions are the doubts that somebody has to decide.
func (r Reading) Contradictions() []Doubt {
	var all []Doubt
	for _, d := range r.Doubts {
		if d.Contradiction {
			all = append(all, d)
		}
	}
	return all
}

func (p *reader) has(c Code) bool {
	for _, d := range p.r.Doubts {
		if d.Code == c {
			return true
		}
	}
	return false
}

// doubt adds a doubt, each code once.
func (p *reader) doubt(c Code, line int, about ...string) {
	if p.has(c) {
		return
	}
	what := ""
	if len(about) > 0 {
		what = about[0]
	}
	d := Doubt{Code: c, Line: line}
	switch c {
	case WeekdayContradictsDate:
		d.Contradiction = true
		d.What = "Weekday and date contradict each other: " + what + "."
		d.Remedy = "Say which is meant, and correct the announcement."
		if len(about) > 1 {
			d.Remedy = "Meant may be: " + strings.Join(about[1:], "; ") + ". Correct the announcement."
		}
	case SeveralChats:
		d.Contradiction = true
		d.What = "The text announces several chats: " + what + "."
		d.Remedy = "Import each from a text of its own, or accept the first."
	case SeveralPosts:
		d.Contradiction = true
		d.What = "The text holds several posts; only the first was read."
		d.Remedy = "Copy the one post that announces the chat, or accept the first."
	case SeveralDates:
		d.Contradiction = true
		d.What = "The text gives several dates for one chat: " + what + "."
		d.Remedy = "Keep the right one, and correct the other."
	case TitleContradictsBody:
		d.Contradiction = true
		d.What = "Title and text contradict each other: " + what + "."
		d.Remedy = "Correct whichever was copied from an older post."
	case ZoneWrongForDate:
		d.Contradiction = true
		d.What = "The time zone is not in force on that day: " + what + "."
		d.Remedy = "Write the zone that is, or name the place, as in “8pm UK time”."
	case NoDate:
		d.Contradiction = true
		d.What = "There is no date: " + what + "."
		d.Remedy = "Add it to the announcement; if it speaks of “tonight” or “next Tuesday”, give --published DATE."
	case noYear:
		d.Contradiction = true
		d.What = "“" + what + "” names no year, and several fit, or none that is near."
		d.Remedy = "Give --year, or --published with the day on which the announcement went out."
	case yearProposed:
		d.What = "The text names no year. Within twelve months only " + what + " fits."
		d.Remedy = "If that is wrong, give --year, or --published with the day on which the announcement went out."
	case impossibleDate:
		d.Contradiction = true
		d.What = "There is no such day: " + what + "."
		d.Remedy = "Correct the date in the announcement."
	case whichWeek:
		d.What = "“Next” may mean this week or the one after; " + what + " was taken."
		d.Remedy = "Write the date, as in “Tuesday 18 August”, if the other is meant."
	case noTime:
		d.Contradiction = true
		d.What = "There is no time at which the chat starts."
		d.Remedy = "Add one to the announcement, as in “8pm”."
	case eveningAssumed:
		d.What = what + " leaves open whether morning or evening is meant; " + strings.Join(about[1:], "") + " was taken."
		d.Remedy = "Write it as “8pm” or “20:00”."
	case severalTimes:
		d.Contradiction = true
		d.What = "The text gives several times for one chat: " + what + "."
		d.Remedy = "Keep the right one, and correct the other."
	case noHashtag:
		d.What = "No hashtag was found that is the chat's own."
		d.Remedy = "Add one to the announcement, or to the chat file."
	case noQuestions:
		d.What = "No questions were found."
		d.Remedy = "A chat can do without. If there should be some, label them Q1, Q2 and so on."
	case emptyQuestion:
		d.What = what + " has no words of its own."
		d.Remedy = "Add them to the announcement, or to the chat file."
	case QuestionNumbersNotInOrder:
		d.Contradiction = true
		d.What = "The questions' numbers are not in order: " + what + "."
		d.Remedy = "Look for one that is missing, doubled or misnumbered; a chat file counts them anew from 1."
	case pastChat:
		d.What = "The text looks back on a chat that was held" + what + "."
		d.Remedy = "Only what it says of the next chat was read as the announcement."
	case unknownEncoding:
		d.What = "The text is not UTF-8; it was read as Windows-1252."
		d.Remedy = "Look at accents and quotation marks, or save it as UTF-8."
	case tooLong:
		d.What = "The text is longer than any announcement; the rest was not read."
		d.Remedy = "Copy the announcement alone."
	}
	d.Line = max(line, 0)
	p.r.Doubts = append(p.r.Doubts, d)
}
