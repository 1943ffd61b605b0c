package adapters

import (
	"testing"
	"time"
)

func TestCompareClocks(t *testing.T) {
	now := time.Date(2026, 12, 15, 20, 0, 0, 400e6, time.UTC)
	for _, test := range []struct {
		ahead, took time.Duration // of the platform's clock, and the answer
		verdict     Verdict
		detail      string
	}{
		{0, 0, OK, "as Slack's"},
		{0, 20 * time.Second, OK, "as Slack's"},
		{2 * time.Second, 0, OK, "as Slack's"},
		{-2 * time.Second, 0, OK, "as Slack's"},
		{5 * time.Second, 0, Warning, "this machine is 5s behind Slack"},
		{-5 * time.Second, 0, Warning, "this machine is 4s ahead of Slack"},
		{5 * time.Second, 3 * time.Second, Warning, "this machine is 5s behind Slack"},
		{30 * time.Second, 0, Warning, "this machine is 30s behind Slack"},
		{32 * time.Second, 0, Failed, "this machine is 32s behind Slack"},
		{-time.Hour, 0, Failed, "this machine is 59m59s ahead of Slack"},
		{5 * time.Hour, 10 * time.Second, Failed, "this machine is 5h0m0s behind Slack"},
	} {
		// The platform writes its answer right before it arrives.
		date := now.Add(test.took + test.ahead).Format(httpTime)
		got := CompareClocks("Slack", date, now, now.Add(test.took))
		if got.Check != "clock" || got.Verdict != test.verdict || got.Detail != test.detail || (got.Remedy == "") != (test.verdict == OK) {
			t.Errorf("%v ahead, in %v: got %+v, want verdict %v and %q", test.ahead, test.took, got, test.verdict, test.detail)
		}
	}
	if got := CompareClocks("Slack", "yesterday", now, now); got.Verdict != Warning || got.Detail != "Slack doesn't tell the time" {
		t.Errorf("no date: got %+v", got)
	}
}
