package announcement

import (
	"slices"
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
)

const (
	noYear          Code = "no_year"
	yearProposed    Code = "year_proposed"
	impossibleDate  Code = "impossible_date"
	numericDate     Code = "numeric_date"
	unusualDay      Code = "unusual_weekday"
	noTime          Code = "no_time"
	eveningAssumed  Code = "evening_assumed"
	severalTimes    Code = "several_times"
	unusualTime     Code = "unusual_time"
	zoneUnknown     Code = "zone_unknown"
	zoneAmbiguous   Code = "zone_ambiguous"
	zoneAssumed     Code = "zone_assumed"
	dateUnsure      Code = "date_unsure"
	whichWeek       Code = "which_week"
	zoneDiffers     Code = "zone_differs"
	otherTime       Code = "other_time"
	noHashtag       Code = "no_hashtag"
	severalHashtags Code = "several_hashtags"
	unusualHashtag  Code = "unusual_hashtag"
	leaderUnread    Code = "leader_unread"
	severalLeaders  Code = "several_leaders"
	titleUnsure     Code = "title_unsure"
	noQuestions     Code = "no_questions"
	questionsUnread Code = "questions_unread"
	emptyQuestion   Code = "empty_question"
	textAfter       Code = "text_after_questions"
	textBefore      Code = "text_before_questions"
	pastChat        Code = "past_chat"
	unknownEncoding Code = "unknown_encoding"
	tooLong         Code = "too_long"
)

// A Doubt is something about an announcement that its reader should look at.
type Doubt struct {
	Code Code
	// Contradiction means that no chat file should be written before somebody has decided.
	Contradiction bool
	What          string   // what is wrong, in one sentence
	Remedy        string   // what to do: mostly one flag
	Choices       []string // what may be meant, as the flag of the first field takes it
	Fields        []string // what it is about: "date", "start", "zone", "leader" …
	Line          int      // 0 if it is about the whole
}

// The fields that a doubt can be about. A date's parts are named too, for programs that compare them.
var (
	dateFields = []string{"date", "weekday", "day", "month", "year"}
	yearFields = []string{"date", "year"}
	zoneFields = []string{"zone", "start"}
)

// wordings say what is wrong and what to do. "%s" is the first thing that a doubt is about, "%[2]s" the second.
var wordings = map[Code]struct {
	contradiction bool
	fields        []string
	what, remedy  string
}{
	WeekdayContradictsDate:    {true, dateFields, "Weekday and date contradict each other: %s.", "Give --date with the day that is meant."},
	SeveralChats:              {true, append([]string{"start", "end", "title", "leader", "questions"}, dateFields...), "The text announces several chats: %s.", "Leave the others out with --drop LINES, or give --date for the one that is meant."},
	SeveralPosts:              {true, append([]string{"title", "questions"}, dateFields...), "The text holds several posts; one of them was read.", "Leave the others out with --drop LINES, or take it as it is with --accept."},
	SeveralDates:              {true, dateFields, "The text gives several dates for one chat: %s.", "Give --date with the right one."},
	TitleContradictsBody:      {true, dateFields, "Title and text contradict each other: %s.", "Give --date with the right one."},
	ZoneWrongForDate:          {false, zoneFields, "This time zone isn't in force on that day: %s. It was read as %[2]s; by the letter it would be %[3]s.", "If that is wrong, give --start and --zone, as in --start 20:00 --zone Europe/London."},
	NoDate:                    {true, dateFields, "There is no date: %s.", "Give --date, or --published if the text says “tonight” or “next Tuesday”."},
	QuestionNumbersNotInOrder: {true, []string{"questions"}, "The questions' numbers are not in order: %s.", "If one is missing, give --questions FILE. Otherwise take them as they are with --accept; they are counted anew from 1."},
	noYear:                    {true, yearFields, "“%s” names no year, and it fits neither this year nor the next.", "Give --year, --date, or --published with the day on which it went out."},
	yearProposed:              {false, yearFields, "The text names no year. The nearest that fits is %s.", "If that is wrong, give --year, or --published with the day on which it went out."},
	impossibleDate:            {true, dateFields, "There is no such day: %s.", "Give --date with the right one."},
	numericDate:               {true, dateFields, "“%s” may be %[2]s or %[3]s.", "Give --date with the one that is meant."},
	unusualDay:                {false, dateFields, "The chat is on a %s, and earlier ones were on a %[2]s.", "If that is wrong, give --date."},
	noTime:                    {true, []string{"start"}, "There is no time at which the chat starts.", "Give --start, as in --start 20:00."},
	eveningAssumed:            {false, []string{"start", "end"}, "%s may be in the morning or in the evening; %[2]s was taken.", "If that is wrong, give --start."},
	severalTimes:              {true, []string{"start", "end", "zone", "leader"}, "The text gives several times that are not the same moment: %s.", "Give --start with the right one. Two sessions are two chats: import each."},
	unusualTime:               {false, []string{"start"}, "The chat starts at %s, and earlier ones at %[2]s.", "If that is wrong, give --start."},
	zoneUnknown:               {true, zoneFields, "“%s” is not a time zone that catchword knows.", "Give --zone with a place, as in --zone Europe/London."},
	zoneAmbiguous:             {false, zoneFields, "%s is the name of several time zones; the first was taken.", "If that is wrong, give --zone."},
	zoneAssumed:               {false, zoneFields, "The text names no time zone. By its language, %s was taken.", "If that is wrong, give --zone."},
	dateUnsure:                {false, dateFields, "The only date stands alone, and may be the day of publication: “%s”.", "If that is wrong, give --date."},
	whichWeek:                 {false, dateFields, "“Next” may mean this week or the one after; %s was taken.", "If that is wrong, give --date."},
	zoneDiffers:               {false, zoneFields, "The text names the zone %s, and --zone is %[2]s; the text was followed.", "Give --start together with --zone if the text is wrong."},
	otherTime:                 {false, []string{"start", "end"}, "Another time stands beside the schedule: %s. The start was read as %[2]s.", "If that is wrong, give --start."},
	noHashtag:                 {false, []string{"hashtag"}, "No hashtag was found that is the chat's own.", "Give --hashtag, or do without."},
	severalHashtags:           {false, []string{"hashtag"}, "%s and %[2]s may both be the chat's hashtag; the first was taken.", "If that is wrong, give --hashtag."},
	unusualHashtag:            {false, []string{"hashtag"}, "The hashtag is %s, and earlier chats had %[2]s.", "If that is wrong, give --hashtag."},
	leaderUnread:              {false, []string{"leader"}, "Somebody leads, but no name was understood: %s.", "Give --leader."},
	severalLeaders:            {false, []string{"leader"}, "%s and %[2]s may both lead; the first was taken.", "If that is wrong, give --leader."},
	titleUnsure:               {false, []string{"title"}, "No line is clearly the title; a sentence gave “%s”.", "If that is wrong, give --title."},
	noQuestions:               {false, []string{"questions"}, "No questions were found.", "A chat can do without. Otherwise label them Q1, Q2 and so on, or give --questions FILE."},
	questionsUnread:           {false, []string{"questions"}, "%s lines end with a question mark, but none was taken as one of the chat's questions.", "If they are, give --questions FILE."},
	emptyQuestion:             {false, []string{"questions"}, "%s has no words of its own.", "Add them to the announcement, or to the chat file."},
	textAfter:                 {false, []string{"questions"}, "This follows the last question and was left out: %s.", "If it belongs to the questions, give --questions FILE."},
	textBefore:                {false, []string{"questions"}, "This stands right before the first question and was taken as text: %s.", "If it is a question, give --questions FILE."},
	pastChat:                  {false, nil, "The text looks back on a chat that was held.", "Only what it says of the next chat was read as the announcement."},
	unknownEncoding:           {false, nil, "The text is not UTF-8; it was read as Windows-1252.", "Look at accents and quotation marks, or save it as UTF-8."},
	tooLong:                   {false, nil, "The text is longer than any announcement; the rest was not read.", "Copy the announcement alone."},
}

// choosable are the doubts whose further words are choices.
var choosable = []Code{WeekdayContradictsDate, numericDate, zoneAmbiguous, severalHashtags, severalLeaders}

// shared are the codes that a reading's JSON lists as warnings.
var shared = []Code{
	WeekdayContradictsDate, SeveralChats, SeveralPosts, SeveralDates, TitleContradictsBody, ZoneWrongForDate, NoDate,
	QuestionNumbersNotInOrder,
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
	return slices.ContainsFunc(p.r.Doubts, func(d Doubt) bool { return d.Code == c })
}

// doubt adds a doubt, each code once.
func (p *reader) doubt(c Code, line int, about ...string) {
	if p.has(c) {
		return
	}
	w := wordings[c]
	d := Doubt{Code: c, Contradiction: w.contradiction, Remedy: w.remedy, Fields: w.fields, Line: max(line, 0)}
	d.What = w.what
	for i, a := range about[:min(len(about), 3)] {
		d.What = strings.ReplaceAll(d.What, "%"+[]string{"s", "[2]s", "[3]s"}[i], a)
	}
	if slices.Contains(choosable, c) {
		d.Choices = about[min(1, len(about)):]
		if c == severalHashtags || c == severalLeaders {
			d.Choices = about
		}
	}
	p.r.Doubts = append(p.r.Doubts, d)
}

// settle drops the doubts about what a person has given.
func (p *reader) settle() {
	g := p.opts.Given
	given := map[string]bool{
		"title": g.Title != nil, "hashtag": g.Hashtag != nil, "leader": g.Leader != nil, "start": g.Start != nil,
		"end": g.End != nil || g.Start != nil, "zone": p.opts.ZoneGiven, "questions": g.Questions != nil,
	}
	for _, f := range dateFields {
		given[f] = g.Date.full()
	}
	main := map[Code]string{ // one answer settles these
		SeveralChats: "date", SeveralPosts: "", severalTimes: "start", zoneUnknown: "zone", zoneAmbiguous: "zone", zoneAssumed: "zone", ZoneWrongForDate: "zone",
	}
	p.r.Doubts = slices.DeleteFunc(p.r.Doubts, func(d Doubt) bool {
		if f, ok := main[d.Code]; ok {
			return given[f]
		}
		for _, f := range d.Fields {
			if !given[f] {
				return false
			}
		}
		return len(d.Fields) > 0
	})
}
