package slack

import "testing"

func TestIsSlacks(t *testing.T) {
	s := New(Config{})
	gov := New(Config{APIURL: "https://slack-gov.com/api/"})
	for address, want := range map[string]bool{
		"https://files.slack.com/files-pri/T1-F1/a.png": true, "https://slack.com/files/a.png": true, "https://nhs.slack.com/files/U1/F1/a.png": true,
		"http://files.slack.com/files-pri/T1-F1/a.png": false, "https://files.slack.com.example.org/a.png": false, "https://myslack.com/a.png": false,
		"https://slack.com@example.org/a.png": false, "https://user@files.slack.com/a.png": false, "https://example.org/slack.com/a.png": false,
		"https://files.slack.com:8443/a.png": false, "https://files.slack-gov.com/a.png": false, "": false, "%": false,
	} {
		if got := s.isSlacks(address); got != want {
			t.Errorf("%q: got %v, want %v", address, got, want)
		}
	}
	if !gov.isSlacks("https://files.slack-gov.com/a.png") || gov.isSlacks("https://files.slack.com/a.png") {
		t.Error("GovSlack has files of its own")
	}
}
