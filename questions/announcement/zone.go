package announcement

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A zoneMention is a time zone as a text names it.
type zoneMention struct {
	words   string
	choices []zoneChoice // what it may mean, the likeliest first; none if it is not understood
}

func (z zoneMention) named() bool { return z.words != "" }

// A zoneChoice is an IANA zone, and the offset in minutes that its name promises.
type zoneChoice struct {
	name    string
	offset  int
	promise bool // the offset counts: "EST" promises five hours behind, "Eastern" promises nothing
}

// abbreviations are letters for zones: name=offset, the likeliest first.
var abbreviations = readChoices(`
gmt Europe/London=0
utc UTC=0
z UTC=0
bst Europe/London=60
wet Europe/Lisbon=0
west Europe/Lisbon=60
cet Europe/Berlin=60
cest Europe/Berlin=120
mez Europe/Berlin=60
mesz Europe/Berlin=120
eet Europe/Helsinki=120
eest Europe/Helsinki=180
msk Europe/Moscow=180
ist Asia/Kolkata=330 Europe/Dublin=60 Asia/Jerusalem=120
pkt Asia/Karachi=300
sast Africa/Johannesburg=120
wat Africa/Lagos=60
cat Africa/Harare=120
eat Africa/Nairobi=180
gst Asia/Dubai=240
sgt Asia/Singapore=480
hkt Asia/Hong_Kong=480
pht Asia/Manila=480
jst Asia/Tokyo=540
kst Asia/Seoul=540
awst Australia/Perth=480
acst Australia/Adelaide=570
acdt Australia/Adelaide=630
aest Australia/Sydney=600
aedt Australia/Sydney=660
nzst Pacific/Auckland=720
nzdt Pacific/Auckland=780
nzt Pacific/Auckland
brt America/Sao_Paulo=-180
art America/Argentina/Buenos_Aires=-180
est America/New_York=-300
edt America/New_York=-240
et America/New_York
cst America/Chicago=-360
cdt America/Chicago=-300
ct America/Chicago
mst America/Denver=-420
mdt America/Denver=-360
mt America/Denver
pst America/Los_Angeles=-480
pdt America/Los_Angeles=-420
pt America/Los_Angeles
ast America/Halifax=-240
adt America/Halifax=-180
nst America/St_Johns=-210
ndt America/St_Johns=-150
akst America/Anchorage=-540
akdt America/Anchorage=-480
hst Pacific/Honolulu=-600`)

// places are what people call a zone beside its letters.
var places = readChoices(`
uk Europe/London
u.k. Europe/London
british Europe/London
britain Europe/London
gb Europe/London
bst/gmt Europe/London
gmt/bst Europe/London
england Europe/London
scotland Europe/London
wales Europe/London
irish Europe/Dublin
ireland Europe/Dublin
peninsular Europe/Madrid
german Europe/Berlin
germany Europe/Berlin
france Europe/Paris
europe Europe/Berlin
mez/mesz Europe/Berlin
mitteleuropaischer Europe/Berlin
eastern America/New_York
central America/Chicago
mountain America/Denver
pacific America/Los_Angeles
atlantic America/Halifax
oklahoma America/Chicago
texas America/Chicago
california America/Los_Angeles
arizona America/Phoenix
india Asia/Kolkata
indian Asia/Kolkata
japan Asia/Tokyo
nz Pacific/Auckland
australia Australia/Sydney
sydney Australia/Sydney
nairobi Africa/Nairobi`)

// australian are what letters mean where the text speaks of Australia.
var australian = readChoices(`
est Australia/Sydney=600 Australia/Sydney=660
edt Australia/Sydney=660
dst Australia/Sydney=660
cst Australia/Adelaide=570`)

func readChoices(rows string) map[string][]zoneChoice {
	all := map[string][]zoneChoice{}
	for row := range strings.Lines(rows) {
		fields := strings.Fields(row)
		if len(fields) < 2 {
			continue
		}
		for _, f := range fields[1:] {
			name, offset, promise := strings.Cut(f, "=")
			c := zoneChoice{name: name, promise: promise}
			if promise {
				_, _ = fmt.Sscan(offset, &c.offset)
			}
			all[fields[0]] = append(all[fields[0]], c)
		}
	}
	return all
}

func zoneFollows(t []token, i int) bool {
	_, _, ok := zoneAt(t, i)
	return ok
}

// zoneAt reads the zone that follows a time, and tells which token follows it.
func zoneAt(t []token, i int) (z zoneMention, next int, ok bool) {
	j := i
	for k := 0; k < 3 && is(t, j, "(", ",", "in", "the", "[", "at", "your"); k++ {
		j++
	}
	if j >= len(t) || is(t, j-1, "your") {
		return z, i, false
	}
	z, next, ok = zoneName(t, j)
	if !ok || is(t, j-1, "in", "the", "at") && !is(t, next-1, "time", "uk", "australia", "europe", "ireland", "germany", "india", "japan") && len(abbreviations[t[j].s]) == 0 {
		return zoneMention{}, i, false
	}
	if is(t, next, ")", "]") {
		next++
	}
	// "in Australia (EST)": the letters, as that place means them.
	k := next
	if is(t, k, "(", ",") {
		if letters, after, found := zoneName(t, k+1); found && len(abbreviations[t[k+1].s])+len(australian[t[k+1].s]) > 0 && len(places[t[j].s]) > 0 {
			if strings.Contains(fold(z.words), "australia") {
				if choices := australian[t[k+1].s]; choices != nil {
					letters.choices, letters.words = choices, letters.words+" (Australia)"
				}
			}
			z, next = letters, after
			if is(t, next, ")") {
				next++
			}
		}
	}
	return z, next, true
}

// zoneName reads the name of a zone that stands at token i.
func zoneName(t []token, i int) (z zoneMention, next int, ok bool) {
	if i >= len(t) || t[i].kind != 'w' {
		return z, i, false
	}
	if is(t, i, "gmt", "utc") && (is(t, i+1, "+") || is(t, i+1, "-") && !(i+1 < len(t) && t[i+1].gap)) && isNumber(t, i+2) && t[i+2].n <= 14 && !t[i+2].gap {
		sign := map[bool]int{true: 1, false: -1}[t[i+1].s == "+"]
		minutes, end := t[i+2].n*60, i+3
		if is(t, end, ":") && isNumber(t, end+1) && t[end+1].n < 60 {
			minutes, end = minutes+t[end+1].n, end+2
		}
		z.words = joined(t[i:end])
		z.choices = fixed(sign * minutes)
		return z, end, true
	}
	if is(t, i+1, "/") && i+2 < len(t) && !t[i+1].gap && !t[i+2].gap && t[i+2].kind == 'w' {
		end := i + 3
		for is(t, end, "_", "/") && end+1 < len(t) && t[end+1].kind == 'w' {
			end += 2
		}
		name := joined(t[i:end])
		if _, err := time.LoadLocation(name); err == nil {
			return zoneMention{name, []zoneChoice{{name: name}}}, end, true
		}
		if choices := places[fold(name)]; choices != nil {
			return zoneMention{name, choices}, end, true
		}
	}
	upper := t[i].raw == strings.ToUpper(t[i].raw) && len(t[i].raw) > 1
	if choices := abbreviations[t[i].s]; choices != nil && (upper || t[i].raw == "Z" && !t[i].gap || len(t[i].s) > 2 && is(t, i, "gmt", "utc", "bst", "cest", "edt", "pdt", "aest", "aedt")) && !(t[i].s == "z" && t[i].gap) {
		end := i + 1
		if is(t, end, "time") {
			end++
		}
		if choices[0].name == "Europe/London" && is(t, end, "/") && is(t, end+1, "bst", "gmt") {
			return zoneMention{joined(t[i : end+2]), places["uk"]}, end + 2, true
		}
		return zoneMention{t[i].raw, choices}, end, true
	}
	if is(t, i, "us", "u", "usa", "north") && i+1 < len(t) && len(places[t[i+1].s]) > 0 {
		i++
	}
	if z, next, ok := placeTime(t, i); ok {
		return z, next, true
	}
	// Letters that look like a zone's: three or four capitals that end in T.
	if n := len(t[i].raw); upper && n >= 3 && n <= 5 && t[i].raw[n-1] == 'T' && t[i].raw != "CHAT" && t[i].raw != "NOT" && t[i].raw != "AT" && t[i].raw != "START" {
		return zoneMention{words: t[i].raw}, i + 1, true
	}
	return z, i, false
}

// placeTime reads "UK time", "Eastern", "New York time", "heure de Paris".
func placeTime(t []token, i int) (z zoneMention, next int, ok bool) {
	if is(t, i, "hora", "heure", "ora", "time") && i+1 < len(t) {
		k := i + 1
		for is(t, k, "de", "in", "di") {
			k++
		}
		if is(t, k-1, "de", "in", "di") || k < len(t) && places[t[k].s] != nil {
			if choices, end := placeChoices(t, k); choices != nil {
				return zoneMention{joined(t[i:end]), choices}, end, true
			}
			if k < len(t) && t[k].kind == 'w' && capital(t[k].raw) && !is(t, i, "time") {
				return zoneMention{words: joined(t[i : k+1])}, k + 1, true
			}
		}
	}
	end := i
	for end < len(t) && end < i+3 && t[end].kind == 'w' && (unicode.IsUpper([]rune(t[end].raw)[0]) || places[t[end].s] != nil && end == i) && t[end].s != "time" {
		end++
	}
	if end == i || weekdayAt(t, i) > 0 || months[t[i].s] > 0 {
		return z, i, false
	}
	choices, known := placeChoices(t, i)
	stop := known
	if is(t, stop, "standard", "daylight", "summer", "local") {
		stop++
	}
	if choices != nil && is(t, stop, "time", "zeit", "uhrzeit") {
		return zoneMention{joined(t[i : stop+1]), choices}, stop + 1, true
	}
	if choices != nil && (capital(t[i].raw) || t[i].s == "uk") && is(t, i, "uk", "eastern", "central", "pacific", "mountain", "europe", "australia", "nz", "ireland", "germany", "india", "japan") {
		return zoneMention{joined(t[i:known]), choices}, known, true
	}
	if is(t, end, "time") && !is(t, i, "the", "this", "chat", "same", "usual", "start", "our", "next", "first", "last", "each", "every", "your", "local") {
		return zoneMention{words: joined(t[i : end+1])}, end + 1, true
	}
	return z, i, false
}

var regions = strings.Fields("Africa America Asia Australia Europe Pacific Atlantic Indian America/Argentina")

// placeChoices finds the zone of a place or a city of the IANA list.
func placeChoices(t []token, i int) ([]zoneChoice, int) {
	if i < len(t) && places[t[i].s] != nil {
		return places[t[i].s], i + 1
	}
	for n := 3; n > 0; n-- {
		if i+n > len(t) {
			continue
		}
		city := make([]string, 0, n)
		for _, w := range t[i : i+n] {
			if w.kind != 'w' || !capital(w.raw) {
				city = nil
				break
			}
			city = append(city, strings.Map(func(r rune) rune {
				if unicode.Is(unicode.Mn, r) {
					return -1
				}
				return r
			}, norm.NFKD.String(w.raw)))
		}
		if len(city) != n {
			continue
		}
		for _, region := range regions {
			name := region + "/" + strings.Join(city, "_")
			if _, err := time.LoadLocation(name); err == nil {
				return []zoneChoice{{name: name}}, i + n
			}
		}
	}
	return nil, i
}

// fixed is a zone that is always so many minutes ahead of UTC; nil if the IANA list has none.
func fixed(minutes int) []zoneChoice {
	name := map[int]string{
		0: "UTC", 330: "Asia/Kolkata", 345: "Asia/Kathmandu", 270: "Asia/Kabul", 210: "Asia/Tehran",
		390: "Asia/Yangon", 570: "Australia/Darwin", -570: "Pacific/Marquesas",
	}[minutes]
	if name == "" && minutes%60 == 0 {
		name = fmt.Sprintf("Etc/GMT%+d", -minutes/60) // the IANA list counts these from the other side
	}
	if _, err := time.LoadLocation(name); name == "" || err != nil {
		return nil
	}
	return []zoneChoice{{name, minutes, true}}
}

// joined is the text of tokens, with single spaces where there were any.
func joined(t []token) string {
	var b strings.Builder
	for i, w := range t {
		if i > 0 && w.gap {
			b.WriteByte(' ')
		}
		b.WriteString(w.raw)
	}
	return b.String()
}

// holds tells whether a zone keeps its promise on a date: EST is not in force in a New York summer.
func (c zoneChoice) holds(d time.Time, start Clock) (time.Time, bool) {
	zone, err := time.LoadLocation(c.name)
	if err != nil {
		return time.Time{}, false
	}
	at := time.Date(d.Year(), d.Month(), d.Day(), start.Hour(), start.Minute(), 0, 0, zone)
	_, offset := at.Zone()
	return at, !c.promise || offset == c.offset*60
}
