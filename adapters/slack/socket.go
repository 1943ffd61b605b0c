package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

const (
	workers         = 8        // how many updates are told at once
	workerQueueSize = 128      // how many may wait for each hand
	maxFrameSize    = 16 << 20 // bytes
	// shutdownGrace is for how long a connection that Slack is about to close is still heard.
	shutdownGrace    = 15 * time.Second
	writeTimeout     = 10 * time.Second
	handshakeTimeout = 15 * time.Second
	maxBackoff       = time.Minute
)

// A frame is what comes over a connection: https://docs.slack.dev/apis/events-api/using-socket-mode
type frame struct {
	Type    string          `json:"type"`
	ID      string          `json:"envelope_id"`
	Reason  string          `json:"reason"` // of a disconnect
	Payload json.RawMessage `json:"payload"`
	hello
}

// A hello is the first frame of a connection.
type hello struct {
	Connections int `json:"num_connections"` // of the app, this one among them
	Info        struct {
		App string `json:"app_id"`
	} `json:"connection_info"`
}

// An envelope is news that is acknowledged once it has been told.
type envelope struct {
	*event
	acknowledge func()
}

// Run hears over several Socket Mode connections at once. Each is renewed by itself, before the old one ends where Slack
// announces the end.
//
// The library's own client for Socket Mode is not used: it keeps the reason of a disconnect to itself, closes the old
// connection before it opens the next, waits up to five minutes before it does, and may acknowledge over another
// connection than the one that an event came by.
func (s *Slack) Run(ctx context.Context, sink adapters.Sink) error {
	me, err := s.waitForIdentity(ctx)
	if err != nil {
		return s.runError(ctx, err)
	}
	// A hand tells what happened to the same message in the order in which it was heard, and takes its time to ask for
	// names, or for the store to come back, while the connections go on.
	var queues [workers]chan envelope
	all, within := errgroup.WithContext(ctx)
	for i := range queues {
		queues[i] = make(chan envelope, workerQueueSize)
		all.Go(func() error { return s.deliver(within, sink, queues[i]) })
	}
	receive := func(e envelope) {
		sum := fnv.New32a()
		_, _ = sum.Write([]byte(e.key))
		select {
		case queues[sum.Sum32()%workers] <- e:
		case <-within.Done():
		}
	}
	commands := make(chan command, commandQueueSize)
	for range commandWorkers {
		all.Go(func() error { return s.handleCommands(within, sink, commands) })
	}
	gaps := make(chan time.Time, 1)
	all.Go(func() error { return s.backfillLoop(within, me, receive, gaps) })
	for range s.config.Connections {
		all.Go(func() error { return s.runConn(within, me, inboxes{receive, commands, gaps}) })
	}
	return s.runError(ctx, all.Wait())
}

func (s *Slack) runError(ctx context.Context, err error) error {
	if ctx.Err() != nil || err == nil {
		return nil
	}
	return fmt.Errorf("hear slack workspace %s: %w", s.config.Name, err)
}

// waitForIdentity learns who the bot is, however long it takes.
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

// tell tells the bot what was heard. What it can't store is told again, until it can.
func (s *Slack) deliver(ctx context.Context, sink adapters.Sink, queue <-chan envelope) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-queue:
			for backoff := (calls.Backoff{Min: s.firstBackoff / 4, Max: 5 * time.Second}); ; {
				update, err := e.resolve(ctx)
				if err == nil && update != nil {
					err = sink(ctx, update)
				}
				if err == nil {
					break
				}
				if isFatal(err) {
					return err
				}
				if !backoff.Sleep(ctx, err) {
					return nil
				}
			}
			e.acknowledge()
		}
	}
}

// runConn holds one connection until ctx is done, or Slack wants no more of the app.
func (s *Slack) runConn(ctx context.Context, me *identity, in inboxes) error {
	var lines sync.WaitGroup
	defer lines.Wait()
	log := s.log.With("workspace", s.config.Name)
	var before *conn
	for backoff := (calls.Backoff{Min: s.firstBackoff, Max: maxBackoff, Jitter: true}); ctx.Err() == nil; {
		l := &conn{Slack: s, inboxes: in, me: me, disconnect: make(chan string, 1), previous: before}
		err := l.open(ctx)
		if err == nil {
			ended := make(chan error, 1)
			lines.Go(func() { ended <- l.readLoop(ctx) })
			var reason string
			select {
			case reason = <-l.disconnect:
			case err = <-ended:
			}
			if l.gotHello.Load() {
				before = l
				backoff.Reset()
			}
			if unwanted := rejections[reason]; unwanted != nil {
				log.Error(unwanted.Error())
				calls.Sleep(ctx, s.reopenDelay)
				continue
			}
			if reason != "" { // "warning", "refresh_requested": Slack renews its machines
				log.Debug("connection is renewed", "reason", reason)
				continue
			}
		}
		if isFatal(err) || calls.HasCode(err, "missing_scope") {
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
