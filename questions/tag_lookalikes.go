package questions

import (
	"slices"
	"strings"
	"unicode"
)

// Words that show that the letter and number before them are not a label, in the singular.
var (
	// paperWords follow paper sizes, from A1 to A10.
	paperWords = strings.Fields(`paper sheet size sized poster printer printing printout print page landscape portrait format folder envelope leaflet
		flyer booklet notebook notepad pad card photocopy photocopier copy copier scanner scan laminate laminator laminated document handout
		flipchart board binder file pamphlet brochure plan drawing spread map side`)
	// roadWords follow British A roads.
	roadWords = strings.Fields(`road motorway junction roundabout bypass northbound southbound eastbound westbound traffic dual carriageway tailback`)
	// gradeWords follow language levels (A1 to C2), exams (A2) and quality ("A1 service").
	gradeWords = strings.Fields(`level learner student exam module coursework syllabus grade condition service quality standard milk sauce steak allele
		receptor antigen english french german spanish italian cefr star rated rating notation`)
	// quarterWords follow the quarters of a year, and quartiles of journals, which librarians talk about.
	quarterWords = strings.Fields(`result figure revenue sale earning profit loss quarter report target budget performance forecast turnover spend
		spending statistic stat data number journal ranked ranking return review update kpi of fy quartile publication enzyme cream coenzyme`)
	// verbWords make a thing before them the subject: "A3 is too small to read".
	verbWords = strings.Fields(`is isn was wasn are aren were has had`)
	// countableWords are counted by a number before them: "Answer 10 emails a day", "A 5 year plan".
	countableWords = strings.Fields(`second minute min hour hr day week month year time people person email question message library librarian colleague
		of more per percent pound point page part step star x`)
)

// isOtherThing reports whether a label followed by this word is probably not a label. A capital letter starts a new
// sentence ("A1 Plans are …"), except after the most common of these things ("A4 Paper is …").
func (l tagLabel) isOtherThing(word string) bool {
	lower := strings.ToLower(word)
	one := strings.TrimSuffix(lower, "s")
	is := func(list []string) bool { return slices.Contains(list, lower) || slices.Contains(list, one) }
	capital := word != "" && unicode.IsUpper([]rune(word)[0])
	switch l.letter {
	case 'A':
		if is(roadWords) || l.n >= 3 && l.n <= 5 && (one == "paper" || one == "size") || (l.n == 1 || l.n == 2) && one == "level" {
			return true
		}
		return !capital && (l.n <= 10 && is(paperWords) || is(gradeWords) || is(verbWords))
	case 'Q':
		return !capital && (l.n <= 4 || l.n == 10) && is(quarterWords)
	default:
		return !capital && isCountable(word)
	}
}

// isCountable reports whether a number before the word counts it.
func isCountable(word string) bool {
	lower := strings.ToLower(word)
	return slices.Contains(countableWords, lower) || slices.Contains(countableWords, strings.TrimSuffix(lower, "s"))
}
