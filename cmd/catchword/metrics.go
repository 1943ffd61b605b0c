package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
)

// scrapeTimeout is how long counting what waits in the store may take.
const scrapeTimeout = 5 * time.Second

// metrics counts what the bot tells of. No label holds anything of a participant's.
type metrics struct {
	registry *prometheus.Registry

	sent, failed, missed, retries    *prometheus.CounterVec
	rateLimitWaits, rateLimitSeconds *prometheus.CounterVec
	answers, gapsFilled              *prometheus.CounterVec
	lateness, relayLag               *prometheus.HistogramVec
	storeSeconds                     *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "catchword_" + name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	histogram := func(name, help string, buckets []float64) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "catchword_" + name, Help: help, Buckets: buckets}, []string{"workspace"})
		m.registry.MustRegister(h)
		return h
	}
	m.sent = counter("posts_said_total", "Posts said, by kind: the steps of the agenda, relay for passed-on answers, reaction, whisper.", "workspace", "kind")
	m.failed = counter("posts_failed_total", "Posts given up because the platform refuses them for good.", "workspace", "kind")
	m.missed = counter("reminders_missed_total", "Reminders that were not said while they were worth saying.", "workspace")
	m.retries = counter("posts_delayed_total", "Tries to say a post that failed in passing and are repeated.", "workspace")
	m.rateLimitWaits = counter("rate_limit_waits_total", "Times that a platform asked to be left in peace.", "workspace")
	m.rateLimitSeconds = counter("rate_limit_wait_seconds_total", "Seconds for which it asked.", "workspace")
	m.answers = counter("answers_total", "Answers taken, by how they were known: thread, tag, hashtag or live.", "workspace", "how")
	m.gapsFilled = counter("gaps_filled_total", "Times that what may have been missed in a room was read from its history.", "workspace")
	m.lateness = histogram("step_lateness_seconds", "How late the steps of an agenda were said.", []float64{.1, .5, 1, 2, 5, 10, 30, 60, 120, 300, 900})
	m.relayLag = histogram("relay_lag_seconds", "From when an answer was said until its copy stood in this workspace.", []float64{.05, .1, .25, .5, 1, 2, 5, 10, 30, 60, 300})
	m.storeSeconds = histogram("store_seconds", "How long it took to store an update with all that follows from it.", []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5})

	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "catchword_build_info", Help: "The build that is running; always 1.", ConstLabels: prometheus.Labels{"version": version()},
	})
	build.Set(1)
	m.registry.MustRegister(build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observe counts an event.
func (m *metrics) observe(e bot.Event) {
	switch e.Kind {
	case bot.PostSent:
		m.sent.WithLabelValues(e.Workspace, e.Detail).Inc()
		switch e.Detail {
		case string(store.KindRelay):
			m.relayLag.WithLabelValues(e.Workspace).Observe(e.Duration.Seconds())
		case string(store.KindReaction), string(store.KindSuperseded):
		default:
			m.lateness.WithLabelValues(e.Workspace).Observe(e.Duration.Seconds())
		}
	case bot.PostFailed:
		m.failed.WithLabelValues(e.Workspace, e.Detail).Inc()
	case bot.ReminderMissed:
		m.missed.WithLabelValues(e.Workspace).Inc()
	case bot.PostDelayed:
		m.retries.WithLabelValues(e.Workspace).Inc()
		if e.Duration > 0 {
			m.rateLimitWaits.WithLabelValues(e.Workspace).Inc()
			m.rateLimitSeconds.WithLabelValues(e.Workspace).Add(e.Duration.Seconds())
		}
	case bot.AnswerFiled:
		m.answers.WithLabelValues(e.Workspace, e.Detail).Inc()
	case bot.UpdateStored:
		m.storeSeconds.WithLabelValues(e.Workspace).Observe(e.Duration.Seconds())
	case bot.GapFilled:
		m.gapsFilled.WithLabelValues(e.Workspace).Inc()
	}
}

// handler shows everything, in Prometheus' own format.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 2 * scrapeTimeout})
}

// look has every scrape ask how the workspaces are doing, and what waits in the store.
func (m *metrics) registerStatus(status func() []bot.Status, backlogs func(context.Context, time.Time) ([]store.Backlog, error), log *slog.Logger) {
	m.registry.MustRegister(&statusCollector{status, backlogs, log})
}

// A statusCollector is what is asked at each scrape.
type statusCollector struct {
	status   func() []bot.Status
	backlogs func(context.Context, time.Time) ([]store.Backlog, error)
	log      *slog.Logger
}

var (
	receivingDesc   = prometheus.NewDesc("catchword_workspace_hearing", "1 while a workspace is heard, else 0.", []string{"workspace"}, nil)
	joinedDesc      = prometheus.NewDesc("catchword_room_joined", "1 once a configured room is joined, else 0.", []string{"workspace", "room"}, nil)
	dueDesc         = prometheus.NewDesc("catchword_posts_due", "Posts that are due and not said yet, or do not read yet as they should: steps of agendas, and what is passed on.", []string{"workspace", "lane"}, nil)
	oldestDueDesc   = prometheus.NewDesc("catchword_oldest_due_seconds", "For how long the oldest of them has been due.", []string{"workspace", "lane"}, nil)
	reconnectsDesc  = prometheus.NewDesc("catchword_reconnects_total", "Connections that were lost, without those that a platform renews by plan.", []string{"workspace"}, nil)
	undecryptedDesc = prometheus.NewDesc("catchword_undecryptable_messages", "Messages that wait for the keys to read them.", []string{"workspace"}, nil)
	syncGapsDesc    = prometheus.NewDesc("catchword_sync_gaps_filled_total", "Stretches of updates that a platform left out and the adapter fetched by itself.", []string{"workspace"}, nil)
)

func (l *statusCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{receivingDesc, joinedDesc, dueDesc, oldestDueDesc, reconnectsDesc, undecryptedDesc, syncGapsDesc} {
		ch <- d
	}
}

func (l *statusCollector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	counter := func(d *prometheus.Desc, v int, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	truth := map[bool]float64{true: 1}
	waiting := map[string]map[int]store.Backlog{}
	now := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	all, err := l.backlogs(ctx, now)
	if err != nil {
		l.log.Error("cannot count what waits", "error", err)
	}
	for _, b := range all {
		if waiting[b.Workspace] == nil {
			waiting[b.Workspace] = map[int]store.Backlog{}
		}
		waiting[b.Workspace][b.Lane] = b
	}
	for _, s := range l.status() {
		gauge(receivingDesc, truth[s.Receiving && s.Err == nil], s.Workspace)
		for _, r := range s.Rooms {
			gauge(joinedDesc, truth[r.Joined], s.Workspace, r.Name)
		}
		counter(reconnectsDesc, s.Reconnects, s.Workspace)
		counter(syncGapsDesc, s.Backfills, s.Workspace)
		gauge(undecryptedDesc, float64(s.Undecrypted), s.Workspace)
		for lane, name := range map[int]string{store.StepLane: "step", store.RelayLane: "relay"} {
			if err != nil {
				continue // better no figure than a wrong one
			}
			b, age := waiting[s.Workspace][lane], 0.0
			if b.Posts > 0 {
				age = now.Sub(b.Oldest).Seconds()
			}
			gauge(dueDesc, float64(b.Posts), s.Workspace, name)
			gauge(oldestDueDesc, age, s.Workspace, name)
		}
	}
}
