package announcement

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// calendar holds the names of months and weekdays (from Monday), a language a line: English, German, French, Spanish,
// Italian, Portuguese, Dutch, Welsh, Catalan, Swedish, Danish, Norwegian, Finnish, Polish, Irish.
const monthRows = `january february march april may june july august september october november december
jan feb mar apr may jun jul aug sep oct nov dec
jan febr marz april mai juni juli aug sept okt nov dez
januar februar maerz april mai juni juli august september oktober november dezember
janner feber marz april mai juni juli august sept oktober november december
janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
janv fevr mars avr mai juin juil aout sept oct nov dec
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
ene feb mar abr may jun jul ago setiembre oct nov dic
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro
januari februari maart april mei juni juli augustus september oktober november december
ionawr chwefror mawrth ebrill mai mehefin gorffennaf awst medi hydref tachwedd rhagfyr
gener febrer marc abril maig juny juliol agost setembre octubre novembre desembre
januari februari mars april maj juni juli augusti september oktober november december
januar februar marts april maj juni juli august september oktober november december
januar februar mars april mai juni juli august september oktober november desember
tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesakuuta heinakuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta
stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia
eanair feabhra marta aibrean bealtaine meitheamh iuil lunasa mfomhair dheireadh shamhain nollaig`

const weekdayRows = `monday tuesday wednesday thursday friday saturday sunday
mon tue wed thu fri sat sun
mondays tues weds thur fridays saturdays sundays
mondays tuesdays wednesdays thurs fridays saturdays sundays
montag dienstag mittwoch donnerstag freitag samstag sonntag
montag dienstag mittwoch donnerstag freitag sonnabend sonntag
lundi mardi mercredi jeudi vendredi samedi dimanche
lunes martes miercoles jueves viernes sabado domingo
lunedi martedi mercoledi giovedi venerdi sabato domenica
segunda-feira terca-feira quarta-feira quinta-feira sexta-feira sabado domingo
segunda terca quarta quinta sexta sabado domingo
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
llun mawrth mercher iau gwener sadwrn sul
lun fawrth fercher iau wener sadwrn sul
dilluns dimarts dimecres dijous divendres dissabte diumenge
mandag tisdag onsdag torsdag fredag lordag sondag
mandag tirsdag onsdag torsdag fredag lordag sondag
maanantaina tiistaina keskiviikkona torstaina perjantaina lauantaina sunnuntaina
poniedzialek wtorek sroda czwartek piatek sobota niedziela
luain mairt ceadaoin deardaoin haoine sathairn domhnaigh`

var (
	months      = numberedWords(monthRows, map[string]int{"sept": 9, "juin": 6, "avr": 4, "abr": 4})
	weekdays    = numberedWords(weekdayRows, nil) // Monday is 1
	weekdayName = []string{"", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
	numberNames = numberedWords(`one two three four five six seven eight nine ten eleven twelve
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
ein zwei drei vier funf sechs sieben acht neun zehn elf zwolf`, map[string]int{"last": -1, "final": -1})

	// wordy are names of months that are other words as often: they count only with a capital.
	wordy = words("may march mar august mai mars set sept ago medi sun sat wed mon iau sul segunda quarta quinta sexta terca")
)

func numberedWords(rows string, more map[string]int) map[string]int {
	all := map[string]int{}
	for row := range strings.Lines(rows) {
		for i, w := range strings.Fields(row) {
			all[w] = i + 1
		}
	}
	for w, n := range more {
		all[w] = n
	}
	return all
}

// words makes a set of the words of a text.
func words(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

// fold is a word as the tables hold it: small letters without accents.
func fold(s string) string {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < 0x80
	}
	if !ascii {
		s = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFKD.String(s))
		s = strings.NewReplacer("ø", "o", "Ø", "o", "ł", "l", "’", "'").Replace(s)
	}
	return strings.ToLower(s)
}

// A token is a word, a number or a sign, at its place in a text.
type token struct {
	from, to int
	kind     byte   // 'w', 'n', or the sign itself, '*' for one beyond ASCII; dashes are '-'
	s        string // folded
	raw      string
	n        int  // of a number
	gap      bool // white space stands before it
}

// tokens divides a text. A number and the letters that touch it are two tokens without a gap.
func tokens(text string) []token {
	var all []token
	gap := false
	runes := []rune(text)
	at := 0
	for i := 0; i < len(runes); {
		r := runes[i]
		from, size := at, 0
		j := i
		take := func(ok func(rune) bool) {
			for j < len(runes) && ok(runes[j]) {
				size += len(string(runes[j]))
				j++
			}
		}
		t := token{from: from, gap: gap}
		switch {
		case unicode.IsSpace(r):
			take(unicode.IsSpace)
			i, at, gap = j, at+size, true
			continue
		case r >= '0' && r <= '9':
			take(func(r rune) bool { return r >= '0' && r <= '9' })
			t.kind = 'n'
			for _, d := range runes[i:min(j, i+8)] {
				t.n = t.n*10 + int(d-'0')
			}
		case unicode.IsLetter(r):
			take(func(r rune) bool {
				return unicode.IsLetter(r) || unicode.Is(unicode.Mn, r) || (r == '\'' || r == '’') && j+1 < len(runes) && unicode.IsLetter(runes[j+1])
			})
			t.kind = 'w'
		default:
			take(func(rune) bool { return j == i })
			switch {
			case r == '–' || r == '—' || r == '−' || r == '‐' || r == '‑' || r == '-':
				t.kind = '-'
			case r < 0x80:
				t.kind = byte(r)
			default:
				t.kind = '*'
			}
		}
		t.to, t.raw = at+size, string(runes[i:j])
		t.s = t.raw
		if t.kind == 'w' {
			t.s = fold(t.raw)
		}
		all = append(all, t)
		i, at, gap = j, at+size, false
	}
	return all
}

// is tells whether token i is one of some folded words or signs.
func is(t []token, i int, any ...string) bool {
	if i < 0 || i >= len(t) {
		return false
	}
	for _, w := range any {
		if t[i].s == w || t[i].kind == '-' && w == "-" {
			return true
		}
	}
	return false
}

func isNumber(t []token, i int) bool { return i >= 0 && i < len(t) && t[i].kind == 'n' }

func capital(s string) bool {
	for _, r := range s {
		return unicode.IsUpper(r)
	}
	return false
}
