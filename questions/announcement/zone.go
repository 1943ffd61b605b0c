package announcement

import (
	"fmt"
	"strings"
	"time"
)

// zoneNames are the zones that the letters stand for, and whether they are its summer time. "both" is for words that
// hold all year.
var zoneNames = map[string]struct {
	zone   string
	season season
}{
	"GMT": {"Europe/London", winter}, "BST": {"Europe/London", summer}, "UTC": {"UTC", both}, "IST": {"Europe/Dublin", both},
	"WET": {"Europe/Lisbon", winter}, "WEST": {"Europe/Lisbon", summer},
	"CET": {"Europe/Paris", winter}, "CEST": {"Europe/Paris", summer}, "EET": {"Europe/Athens", winter}, "EEST": {"Europe/Athens", summer},
	"EST": {"America/New_York", winter}, "EDT": {"America/New_York", summer}, "ET": {"America/New_York", both},
	"CST": {"America/Chicago", winter}, "CDT": {"America/Chicago", summer}, "CT": {"America/Chicago", both},
	"MST": {"America/Denver", winter}, "MDT": {"America/Denver", summer}, "MT": {"America/Denver", both},
	"PST": {"America/Los_Angeles", winter}, "PDT": {"America/Los_Angeles", summer}, "PT": {"America/Los_Angeles", both},
	"AST": {"America/Halifax", winter}, "ADT": {"America/Halifax", summer},
	"AEST": {"Australia/Sydney", winter}, "AEDT": {"Australia/Sydney", summer}, "AET": {"Australia/Sydney", both},
	"EST (AUSTRALIA)": {"Australia/Sydney", winter}, "EDT (AUSTRALIA)": {"Australia/Sydney", summer},
	"ACST": {"Australia/Adelaide", winter}, "ACDT": {"Australia/Adelaide", summer}, "AWST": {"Australia/Perth", both},
	"NZST": {"Pacific/Auckland", winter}, "NZDT": {"Pacific/Auckland", summer}, "NZT": {"Pacific/Auckland", both},
	"SAST": {"Africa/Johannesburg", both}, "JST": {"Asia/Tokyo", both}, "SGT": {"Asia/Singapore", both},
	"HKT": {"Asia/Hong_Kong", both}, "PHT": {"Asia/Manila", both},
	"UK": {"Europe/London", both}, "LONDON": {"Europe/London", both}, "BRITISH": {"Europe/London", both}, "BRITAIN": {"Europe/London", both},
	"ENGLAND": {"Europe/London", both}, "SCOTLAND": {"Europe/London", both}, "WALES": {"Europe/London", both},
	"BRITISH SUMMER": {"Europe/London", summer}, "GREENWICH MEAN": {"Europe/London", winter},
	"IRISH": {"Europe/Dublin", both}, "DUBLIN": {"Europe/Dublin", both}, "IRELAND": {"Europe/Dublin", both},
	"SYDNEY": {"Australia/Sydney", both}, "MELBOURNE": {"Australia/Melbourne", both}, "BRISBANE": {"Australia/Brisbane", both}, "PERTH": {"Australia/Perth", both},
	"NEW YORK": {"America/New_York", both}, "EASTERN": {"America/New_York", both}, "BOSTON": {"America/New_York", both}, "TORONTO": {"America/Toronto", both},
	"CHICAGO": {"America/Chicago", both}, "CENTRAL": {"America/Chicago", both}, "MOUNTAIN": {"America/Denver", both},
	"PACIFIC": {"America/Los_Angeles", both}, "LOS ANGELES": {"America/Los_Angeles", both}, "SAN FRANCISCO": {"America/Los_Angeles", both},
	"EASTERN STANDARD": {"America/New_York", winter}, "EASTERN DAYLIGHT": {"America/New_York", summer},
	"PACIFIC STANDARD": {"America/Los_Angeles", winter}, "PACIFIC DAYLIGHT": {"America/Los_Angeles", summer},
	"EUROPEAN": {"Europe/Paris", both}, "EUROPE": {"Europe/Paris", both}, "CENTRAL EUROPEAN": {"Europe/Paris", winter}, "CENTRAL EUROPEAN SUMMER": {"Europe/Paris", summer},
	"SOUTH AFRICA": {"Africa/Johannesburg", both}, "INDIA": {"Asia/Kolkata", both}, "NEW ZEALAND": {"Pacific/Auckland", both},
}

type season int

const (
	both season = iota
	winter
	summer
)

// location is the chat's zone: the one that the text names, or the one of the options.
func (p *reader) location() *time.Location {
	z, ok := zoneNames[zoneKey(p.r.Zone.Value)]
	if !ok {
		return p.opts.Zone
	}
	if loc, err := time.LoadLocation(z.zone); err == nil {
		return loc
	}
	return p.opts.Zone
}

func zoneKey(zone string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.ToUpper(zone), " TIME"))
}

// zoneFits doubts a zone that is not in force on the date: "8pm GMT" in August. Without a year it doubts only what is
// wrong in every year.
func (p *reader) checkZones(year int) {
	d := p.r.Date.Value
	for _, t := range append([]Found[Period]{{Period{Start: p.r.Start.Value, Zone: p.r.Zone.Value}, p.r.Zone.Evidence}}, p.r.Times...) {
		z, ok := zoneNames[zoneKey(t.Value.Zone)]
		if !ok || z.season == both {
			continue
		}
		loc, err := time.LoadLocation(z.zone)
		if err != nil {
			continue
		}
		years := []int{year}
		if year == 0 {
			years = []int{2015, 2016, 2017, 2018, 2019, 2020, 2021}
		}
		wrong, name := true, ""
		for _, y := range years {
			at := time.Date(y, time.Month(d.Month), d.Day, t.Value.Start.Hour(), t.Value.Start.Minute(), 0, 0, loc)
			wrong = wrong && inSummer(at, z.zone) != (z.season == summer)
			name = at.Format("MST")
		}
		if wrong && !p.has(ZoneWrongForDate) {
			place := z.zone[strings.Index(z.zone, "/")+1:]
			p.doubt(ZoneWrongForDate, t.Line, fmt.Sprintf("“%s” on %d %s, when %s keeps %s", t.Value.Zone, d.Day, time.Month(d.Month), strings.ReplaceAll(place, "_", " "), name))
		}
	}
}

// inSummer tells whether a place keeps its summer time. Ireland calls the other half the exception.
func inSummer(t time.Time, zone string) bool {
	if zone == "Europe/Dublin" {
		return !t.IsDST()
	}
	return t.IsDST()
}
