package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

const (
	maxFrameSize = 16 << 20 // bytes
	// shutdownGrace is how long a connection is still read that Slack is about to close.
	shutdownGrace    = 15 * time.Second
	writeTimeout     = 10 * time.Second
	handshakeTimeout = 15 * time.Second
	maxBackoff       = time.Minute
)

// A frame is a message of Slack's over a connection: https://docs.slack.dev/apis/events-api/using-socket-mode
type frame struct {
	Type    string          `json:"type"`
	ID      string          `json:"envelope_id"`
	Reason  string          `json:"reason"` // of a disconnect
	Payload json.RawMessage `json:"payload"`
	hello
}

// A hello is the first frame of a connection.
type hello struct {
	Connections int `json:"num_connections"` // of the app, including this one
	Info        struct {
		App string `json:"app_id"`
	} `json:"connection_info"`
}

// An envelope is an event to acknowledge once it is delivered.
type envelope struct {
	*event
	acknowledge func()
}

// Run receives over several Socket Mode connections at once. Each is renewed by itself, and before the old one ends if
// Slack announces that.
//
// It does not use the library's Socket Mode client, which hides why Slack disconnects, closes the old connection before
// it opens the next, waits up to five minutes in between, and may acknowledge an event over another connection.
func (s *Slack) Run(ctx context.Context, sink adapters.Sink) error {
	me, err := s.waitForIdentity(ctx)
	if err != nil {
		return s.runError(ctx, err)
	}
	all, within := errgroup.WithContext(ctx)
	waiting := deliveries{byKey: map[string][]envelope{}}
	receive := func(e envelope) {
		if waiting.add(e) {
			all.Go(func() error { return s.deliver(within, sink, &waiting, e) })
		}
	}
	commands := make(chan command, commandQueueSize)
	for range commandWorkers {
		all.Go(func() error { return s.handleCommands(within, sink, commands) })
	}
	backlog := newDMBacklog(func(ctx context.Context, ev *event) error {
		err := ev.deliver(ctx, sink)
		if calls.IsFinal(err) {
			s.log.Warn("skipped a direct message that can't be read", "workspace", s.config.Name, "error", err)
			return nil
		}
		return err
	})
	s.mu.Lock()
	s.backlog = backlog
	s.mu.Unlock()
	gaps := make(chan time.Time, 1)
	all.Go(func() error { return s.backfillLoop(within, me, backlog, gaps) })
	for range s.config.Connections {
		all.Go(func() error { return s.runConn(within, me, inboxes{receive, commands, gaps}) })
	}
	return s.runError(ctx, all.Wait())
}

func (s *Slack) runError(ctx context.Context, err error) error {
	if ctx.Err() != nil || err == nil {
		return nil
	}
	return fmt.Errorf("receive from slack workspace %s: %w", s.config.Name, err)
}

// waitForIdentity asks who the bot is until Slack answers.
func (s *Slack) waitForIdentity(ctx context.Context) (*identity, error) {
	for backoff := (calls.Backoff{Min: s.firstBackoff, Max: maxBackoff}); ; {
		me, err := s.identity(ctx)
		if !calls.Retryable(err) {
			return me, err
		}
		s.log.Warn("cannot reach Slack", "workspace", s.config.Name, "error", err)
		if !backoff.Sleep(ctx, err) {
			return nil, ctx.Err()
		}
	}
}

// deliveries are the events that wait for earlier events about the same message. An event may have to wait for a name,
// or for the store, while those about other messages go on.
type deliveries struct {
	mu    sync.Mutex
	byKey map[string][]envelope // has a key while one of its events is being delivered
}

// add reports whether the event is first, and its caller has to deliver it. Otherwise it waits.
func (d *deliveries) add(e envelope) (first bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	queue, busy := d.byKey[e.key]
	if d.byKey[e.key] = queue; busy {
		d.byKey[e.key] = append(queue, e)
	}
	return !busy
}

// next is the event that waited for this one.
func (d *deliveries) next(key string) (e envelope, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	queue := d.byKey[key]
	if len(queue) == 0 {
		delete(d.byKey, key)
		return envelope{}, false
	}
	d.byKey[key] = queue[1:]
	return queue[0], true
}

// deliver hands an event to sink once.
func (e *event) deliver(ctx context.Context, sink adapters.Sink) error {
	update, err := e.resolve(ctx)
	if err == nil && update != nil {
		err = sink(ctx, update)
	}
	return err
}

// deliver hands an event to sink until it is stored, and then those that waited for it.
func (s *Slack) deliver(ctx context.Context, sink adapters.Sink, waiting *deliveries, e envelope) error {
	for ok := true; ok; e, ok = waiting.next(e.key) {
		for backoff := (calls.Backoff{Min: s.firstBackoff / 4, Max: 5 * time.Second}); ; {
			err := e.event.deliver(ctx, sink)
			if err == nil {
				break
			}
			if calls.IsFinal(err) && !isFatal(err) {
				s.unreadable.Add(1)
				s.log.Error("skipped an event that can't be read", "workspace", s.config.Name, "error", err)
				break
			}
			if !backoff.Sleep(ctx, err) {
				return nil
			}
		}
		e.acknowledge()
	}
	return nil
}

// runConn keeps one connection open until ctx is done, or Slack rejects the app from the start.
func (s *Slack) runConn(ctx context.Context, me *identity, in inboxes) error {
	var conns sync.WaitGroup
	defer conns.Wait()
	log := s.log.With("workspace", s.config.Name)
	var before *conn
	for backoff := (calls.Backoff{Min: s.firstBackoff, Max: maxBackoff, Jitter: true}); ctx.Err() == nil; {
		cn := &conn{Slack: s, inboxes: in, me: me, disconnect: make(chan string, 1), previous: before}
		err := cn.open(ctx)
		if err == nil {
			ended := make(chan error, 1)
			conns.Go(func() { ended <- cn.readLoop(ctx) })
			var reason string
			select {
			case reason = <-cn.disconnect:
			case err = <-ended:
			}
			if cn.gotHello.Load() {
				before = cn
				backoff.Reset()
			}
			if unwanted := rejections[reason]; unwanted != nil {
				log.Error(unwanted.Error())
				calls.Sleep(ctx, s.reopenDelay)
				continue
			}
			if reason != "" { // "warning", "refresh_requested": Slack restarts its servers
				log.Debug("renewing the connection", "reason", reason)
				continue
			}
		}
		// Once it has worked, somebody can make it work again: an admin approves the app, or gives the token back.
		if before == nil && (isFatal(err) || calls.HasCode(err, "missing_scope")) {
			return err
		}
		if ctx.Err() == nil {
			s.lostConns.Add(1)
			log.Warn("connection lost", "error", s.secrets.Mask(err.Error()))
			backoff.Sleep(ctx, err)
		}
	}
	return nil
}
