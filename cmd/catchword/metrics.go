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

// scrapeTimeout limits how long counting the pending posts in the store may take.
const scrapeTimeout = 5 * time.Second

// metrics counts the bot's events. No label holds participant data.
type metrics struct {
	registry *prometheus.Registry

	sent, failed, missed, retries    *prometheus.CounterVec
	rateLimitWaits, rateLimitSeconds *prometheus.CounterVec
	answers, backfills               *prometheus.CounterVec
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
	m.sent = counter("posts_sent_total", "Posts sent, by kind: a step of the agenda, relay for relayed answers, reaction.", "workspace", "kind")
	m.failed = counter("posts_failed_total", "Posts that the platform rejected for good.", "workspace", "kind")
	m.missed = counter("reminders_missed_total", "Reminders that expired before they could be posted.", "workspace")
	m.retries = counter("post_retries_total", "Attempts to send a post that failed temporarily and are retried.", "workspace")
	m.rateLimitWaits = counter("rate_limit_waits_total", "Times rate-limited.", "workspace")
	m.rateLimitSeconds = counter("rate_limit_wait_seconds_total", "Seconds of waiting that rate limits asked for.", "workspace")
	m.answers = counter("answers_total", "Answers recorded, by how they were recognised: thread, tag, hashtag or live.", "workspace", "how")
	m.backfills = counter("backfills_total", "Times that a room's history was read for missed messages.", "workspace")
	m.lateness = histogram("step_lateness_seconds", "How late the steps of an agenda were posted.", []float64{.1, .5, 1, 2, 5, 10, 30, 60, 120, 300, 900})
	m.relayLag = histogram("relay_lag_seconds", "Time from an answer to its copy in this workspace.", []float64{.05, .1, .25, .5, 1, 2, 5, 10, 30, 60, 300})
	m.storeSeconds = histogram("update_store_duration_seconds", "Time to store an update and everything that follows from it.", []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5})

	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "catchword_build_info", Help: "The version that is running; always 1.", ConstLabels: prometheus.Labels{"version": version()},
	})
	build.Set(1)
	m.registry.MustRegister(build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observe counts an event of the bot.
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
		m.backfills.WithLabelValues(e.Workspace).Inc()
	}
}

// handler serves all metrics in Prometheus' text format.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 2 * scrapeTimeout})
}

// registerStatus makes every scrape ask for the status of the workspaces and the pending posts.
func (m *metrics) registerStatus(status func() []bot.Status, backlogs func(context.Context, time.Time) ([]store.Backlog, error), log *slog.Logger) {
	m.registry.MustRegister(&statusCollector{status, backlogs, log})
}

// A statusCollector collects what is read at each scrape, rather than counted.
type statusCollector struct {
	status   func() []bot.Status
	backlogs func(context.Context, time.Time) ([]store.Backlog, error)
	log      *slog.Logger
}

var (
	receivingDesc   = prometheus.NewDesc("catchword_workspace_receiving", "1 while the workspace receives messages, otherwise 0.", []string{"workspace"}, nil)
	joinedDesc      = prometheus.NewDesc("catchword_room_joined", "1 while a configured room is joined and takes posts, otherwise 0.", []string{"workspace", "room"}, nil)
	dueDesc         = prometheus.NewDesc("catchword_posts_due", "Posts waiting to be sent or edited, by queue: step for steps of the agenda, relay for relayed answers.", []string{"workspace", "queue"}, nil)
	oldestDueDesc   = prometheus.NewDesc("catchword_oldest_due_post_age_seconds", "How long the oldest waiting post has been due.", []string{"workspace", "queue"}, nil)
	reconnectsDesc  = prometheus.NewDesc("catchword_reconnects_total", "Connections lost, not counting those that the platform renews routinely.", []string{"workspace"}, nil)
	undecryptedDesc = prometheus.NewDesc("catchword_undecryptable_messages", "Messages that can't be decrypted until their keys arrive.", []string{"workspace"}, nil)
	unreadableDesc  = prometheus.NewDesc("catchword_unreadable_events_total", "Events with fields that couldn't be read. The rest of them was received.", []string{"workspace"}, nil)
	syncGapsDesc    = prometheus.NewDesc("catchword_sync_gaps_filled_total", "Gaps in a sync that the adapter filled by itself.", []string{"workspace"}, nil)
)

func (c *statusCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{receivingDesc, joinedDesc, dueDesc, oldestDueDesc, reconnectsDesc, undecryptedDesc, unreadableDesc, syncGapsDesc} {
		ch <- d
	}
}

func (c *statusCollector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	counter := func(d *prometheus.Desc, v int, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	boolValue := map[bool]float64{true: 1}
	pending := map[string]map[int]store.Backlog{}
	now := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	all, err := c.backlogs(ctx, now)
	if err != nil {
		c.log.Error("cannot count pending posts", "error", err)
	}
	for _, b := range all {
		if pending[b.Workspace] == nil {
			pending[b.Workspace] = map[int]store.Backlog{}
		}
		pending[b.Workspace][b.Lane] = b
	}
	for _, s := range c.status() {
		gauge(receivingDesc, boolValue[s.Receiving && s.Err == nil], s.Workspace)
		for _, r := range s.Rooms {
			gauge(joinedDesc, boolValue[r.Joined && !r.Closed], s.Workspace, r.Name)
		}
		counter(reconnectsDesc, s.Reconnects, s.Workspace)
		counter(syncGapsDesc, s.Backfills, s.Workspace)
		counter(unreadableDesc, s.Unreadable, s.Workspace)
		gauge(undecryptedDesc, float64(s.Undecrypted), s.Workspace)
		for lane, queue := range map[int]string{store.StepLane: "step", store.RelayLane: "relay"} {
			if err != nil {
				continue // no figure is better than a wrong one
			}
			b, age := pending[s.Workspace][lane], 0.0
			if b.Posts > 0 {
				age = now.Sub(b.Oldest).Seconds()
			}
			gauge(dueDesc, float64(b.Posts), s.Workspace, queue)
			gauge(oldestDueDesc, age, s.Workspace, queue)
		}
	}
}
