package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
)

// metricsWithEvents returns metrics that have counted one event of each kind.
func metricsWithEvents() *metrics {
	m := newMetrics()
	for _, e := range []bot.Event{
		{Kind: bot.PostSent, Detail: "question", Duration: 3 * time.Second},
		{Kind: bot.PostSent, Detail: "relay", Duration: 80 * time.Millisecond},
		{Kind: bot.PostSent, Detail: "reaction"},
		{Kind: bot.PostFailed, Detail: "closing"},
		{Kind: bot.ReminderMissed, Detail: "reminder"},
		{Kind: bot.PostDelayed, Detail: "relay"},
		{Kind: bot.PostDelayed, Detail: "relay", Duration: 28 * time.Second},
		{Kind: bot.AnswerFiled, Detail: "thread"},
		{Kind: bot.UpdateStored, Duration: 2 * time.Millisecond},
		{Kind: bot.GapFilled},
	} {
		e.Workspace = "nhs"
		m.observe(e)
	}
	m.registerStatus(func() []bot.Status {
		return []bot.Status{{
			Workspace: "nhs", Rooms: []bot.RoomStatus{{Name: "#ukmedlibs", Joined: true}, {Name: "#other"}},
			Report: adapters.Report{Receiving: true, Reconnects: 2, Backfills: 4, Undecrypted: 1},
		}}
	}, func(_ context.Context, now time.Time) ([]store.Backlog, error) {
		return []store.Backlog{{Workspace: "nhs", Lane: store.RelayLane, Posts: 7, Oldest: now.Add(-time.Hour)}}, nil
	}, slog.New(slog.DiscardHandler))
	return m
}

func TestMetrics(t *testing.T) {
	m := metricsWithEvents()
	resp, got := newTestServer(t, webHandler(notFound(), m.handler(), notFound())).get("GET", "/metrics")
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("got %s and %s", resp.Status, got)
	}
	for _, want := range []string{
		`catchword_posts_sent_total{kind="question",workspace="nhs"} 1`,
		`catchword_posts_failed_total{kind="closing",workspace="nhs"} 1`,
		`catchword_reminders_missed_total{workspace="nhs"} 1`,
		`catchword_post_retries_total{workspace="nhs"} 2`,
		`catchword_rate_limit_waits_total{workspace="nhs"} 1`,
		`catchword_rate_limit_wait_seconds_total{workspace="nhs"} 28`,
		`catchword_answers_total{how="thread",workspace="nhs"} 1`,
		`catchword_backfills_total{workspace="nhs"} 1`,
		`catchword_sync_gaps_filled_total{workspace="nhs"} 4`,
		`catchword_step_lateness_seconds_bucket{workspace="nhs",le="2"} 0`,
		`catchword_step_lateness_seconds_bucket{workspace="nhs",le="5"} 1`,
		`catchword_step_lateness_seconds_count{workspace="nhs"} 1`,
		`catchword_relay_lag_seconds_bucket{workspace="nhs",le="0.1"} 1`,
		`catchword_relay_lag_seconds_count{workspace="nhs"} 1`,
		`catchword_update_store_duration_seconds_count{workspace="nhs"} 1`,
		`catchword_workspace_receiving{workspace="nhs"} 1`,
		`catchword_room_joined{room="#ukmedlibs",workspace="nhs"} 1`,
		`catchword_room_joined{room="#other",workspace="nhs"} 0`,
		`catchword_posts_due{queue="relay",workspace="nhs"} 7`,
		`catchword_posts_due{queue="step",workspace="nhs"} 0`,
		`catchword_oldest_due_post_age_seconds{queue="relay",workspace="nhs"} 3600`,
		`catchword_reconnects_total{workspace="nhs"} 2`,
		`catchword_undecryptable_messages{workspace="nhs"} 1`,
		`catchword_build_info{version="catchword `,
		`go_goroutines `, `process_resident_memory_bytes `,
	} {
		if !strings.Contains(got, "\n"+want) {
			t.Errorf("got no %s in\n%s", want, ownMetrics(got))
		}
	}
	// Prometheus' own linter checks the names.
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	faults, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		if strings.HasPrefix(f.Metric, "catchword_") {
			t.Errorf("%s: %s", f.Metric, f.Text)
		}
	}
}

func ownMetrics(metrics string) string {
	return strings.Join(regexp.MustCompile(`(?m)^catchword_.*$`).FindAllString(metrics, -1), "\n")
}

// If the store fails, only the figures from the store are missing.
func TestMetricsWithoutAStore(t *testing.T) {
	m := newMetrics()
	m.registerStatus(func() []bot.Status { return []bot.Status{{Workspace: "nhs", Report: adapters.Report{Receiving: true}}} },
		func(context.Context, time.Time) ([]store.Backlog, error) { return nil, errors.New("disk full") }, slog.New(slog.DiscardHandler))
	resp, got := newTestServer(t, webHandler(notFound(), m.handler(), notFound())).get("GET", "/metrics")
	if resp.StatusCode != http.StatusOK || strings.Contains(got, "posts_due") || !strings.Contains(got, "catchword_workspace_receiving") {
		t.Errorf("got %s and\n%s", resp.Status, ownMetrics(got))
	}
}

// TestMetricsAreDocumented checks that deploy/README.md lists every metric, and that alerts and dashboard use no
// others.
func TestMetricsAreDocumented(t *testing.T) {
	families, err := metricsWithEvents().registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	table, known := "| metric | type | labels | meaning |\n|---|---|---|---|\n", []string{}
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "catchword_") {
			continue
		}
		known = append(known, f.GetName())
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, "`"+l.GetName()+"`")
		}
		table += fmt.Sprintf("| `%s` | %s | %s | %s |\n", f.GetName(), strings.ToLower(f.GetType().String()), strings.Join(labels, ", "), f.GetHelp())
	}
	const begin, end = "<!-- metrics -->\n", "<!-- end -->\n"
	checkUpToDate(t, "deploy/README.md", func(readme string) string {
		before, rest, _ := strings.Cut(readme, begin)
		_, after, found := strings.Cut(rest, end)
		if !found {
			t.Fatalf("deploy/README.md lacks %q or %q after it", begin, end)
		}
		return before + begin + table + end + after
	})
	for _, file := range []string{"deploy/prometheus/alerts.yaml", "deploy/prometheus/alerts_test.yaml", "deploy/grafana/dashboard.json"} {
		text, err := os.ReadFile(filepath.Join(repository, file))
		if err != nil {
			t.Fatal(err)
		}
		names := regexp.MustCompile(`\bcatchword_[a-z_]+`).FindAllString(string(text), -1)
		if len(names) < 5 {
			t.Errorf("%s names %v, want more", file, names)
		}
		for _, name := range names {
			if base := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, ""); !slices.Contains(known, name) && !slices.Contains(known, base) {
				t.Errorf("%s names %s, which is not a metric", file, name)
			}
		}
	}
}

// TestDeployedVariables checks that the files of deploy set only variables that catchword reads.
func TestDeployedVariables(t *testing.T) {
	known := []string{}
	for _, v := range documentedVariables() {
		known = append(known, v.name)
	}
	for _, pattern := range []string{"Dockerfile", "deploy/*.yaml", "deploy/*.md", "deploy/kubernetes/*", "deploy/systemd/*"} {
		files, err := filepath.Glob(filepath.Join(repository, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: got no files, and error %v", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range regexp.MustCompile(`\bCATCHWORD_[A-Z_]+`).FindAllString(string(text), -1) {
				if !slices.Contains(known, name) {
					t.Errorf("%s names %s, which is not a variable", file, name)
				}
			}
		}
	}
}
