package questions

import (
	"fmt"
	"strings"
	"time"
)

// suggestedZones are suggested for misspelt names, the first ones first. Every IANA zone is accepted.
var suggestedZones = []string{
	"Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Rome",
	"Europe/Amsterdam", "Europe/Brussels", "Europe/Zurich", "Europe/Vienna", "Europe/Stockholm", "Europe/Oslo",
	"Europe/Copenhagen", "Europe/Helsinki", "Europe/Warsaw", "Europe/Prague", "Europe/Athens", "Europe/Istanbul",
	"America/New_York", "America/Toronto", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix",
	"America/Vancouver", "America/Halifax", "America/Sao_Paulo", "America/Mexico_City", "Africa/Johannesburg",
	"Africa/Nairobi", "Africa/Lagos", "Africa/Cairo", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Hong_Kong",
	"Asia/Tokyo", "Asia/Manila", "Australia/Sydney", "Australia/Melbourne", "Australia/Brisbane", "Australia/Adelaide",
	"Australia/Perth", "Pacific/Auckland", "UTC",
}

// zoneAbbreviations maps abbreviations that people write to the zone that they most likely mean. They are refused,
// because they don't say when the clocks change, and because several countries share some of them.
var zoneAbbreviations = map[string]string{
	"GMT": "Europe/London", "BST": "Europe/London", "UK": "Europe/London", "IST": "Europe/Dublin", "WET": "Europe/Lisbon",
	"CET": "Europe/Berlin", "CEST": "Europe/Berlin", "EET": "Europe/Helsinki", "EST": "America/New_York", "EDT": "America/New_York",
	"ET": "America/New_York", "CST": "America/Chicago", "CDT": "America/Chicago", "CT": "America/Chicago", "MST": "America/Denver",
	"MDT": "America/Denver", "MT": "America/Denver", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
	"PT": "America/Los_Angeles", "AEST": "Australia/Sydney", "AEDT": "Australia/Sydney", "NZST": "Pacific/Auckland",
	"NZDT": "Pacific/Auckland", "Z": "UTC",
}

// loadZone loads an IANA zone. The error suggests a name.
func loadZone(name string) (*time.Location, error) {
	if likely, ok := zoneAbbreviations[strings.ToUpper(name)]; ok {
		return nil, fmt.Errorf("%s doesn't say when the clocks change: write %s, or another IANA time zone", name, likely)
	}
	if name == "UTC" || strings.Contains(name, "/") {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
	}
	for _, z := range suggestedZones {
		if place := z[strings.IndexByte(z, '/')+1:]; strings.EqualFold(place, strings.ReplaceAll(name, " ", "_")) || strings.EqualFold(z, name) {
			return nil, fmt.Errorf("there is no time zone %q: did you mean %s?", name, z)
		}
	}
	if likely := Nearest(strings.ReplaceAll(name, " ", "_"), suggestedZones); likely != "" {
		return nil, fmt.Errorf("there is no time zone %q: did you mean %s?", name, likely)
	}
	return nil, fmt.Errorf("there is no time zone %q: write an IANA name like Europe/London", name)
}
