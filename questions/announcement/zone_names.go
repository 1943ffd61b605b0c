package announcement

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

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
