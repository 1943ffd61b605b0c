package questions

import (
	"slices"
	"strings"
	"unicode"
)

// What a letter and a number mean when they are no label, by the word that comes next, in the singular.
var (
	// paperWords comes in A1 to A10.
	paperWords = strings.Fields(`paper sheet size sized poster printer printing printout print page landscape portrait format folder envelope leaflet
		flyer booklet notebook notepad pad card photocopy photocopier copy copier scanner scan laminate laminator laminated document handout
		flipchart board binder file pamphlet brochure plan drawing spread map side`)
	// roadWords is what Britain's A roads are followed by.
	roadWords = strings.Fields(`road motorway junction roundabout bypass northbound southbound eastbound westbound traffic dual carriageway tailback`)
	// gradeWords is of languages (A1 to C2), exams (A2) and quality ("A1 service").
	gradeWords = strings.Fields(`level learner student exam module coursework syllabus grade condition service quality standard milk sauce steak allele
		receptor antigen english french german spanish italian cefr star rated rating notation`)
	// quarterWords is what the quarters of a year are followed by, and, for librarians, those of journals.
	quarterWords = strings.Fields(`result figure revenue sale earning profit loss quarter report target budget performance forecast turnover spend
		spending statistic stat data number journal ranked ranking return review update kpi of fy quartile publication enzyme cream coenzyme`)
	// verbWords make the thing before them what the sentence is about: "A3 is too small to read".
	verbWords = strings.Fields(`is isn was wasn are aren were has had`)
	// countableWords are what a number counts: "Answer 10 emails a day", "A 5 year plan".
	countableWords = strings.Fields(`second minute min hour hr day week month year time people person email question message library librarian colleague
		of more per percent pound point page part step star x`)
)

// isOtherThing tells whether the label followed by this word is most likely something else than a label. A capital
// begins a sentence of its own ("A1 Plans are …"), except for the things that are written so often that they don't.
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

// isCountable tells whether the word is something that numbers count.
func isCountable(word string) bool {
	lower := strings.ToLower(word)
	return slices.Contains(countableWords, lower) || slices.Contains(countableWords, strings.TrimSuffix(lower, "s"))
}
