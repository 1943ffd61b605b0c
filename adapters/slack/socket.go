package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

const (
	hands     = 8        // how many updates are told at once
	waiting   = 128      // how many may wait for each hand
	frameMost = 16 << 20 // bytes
	// farewell is for how long a connection that Slack is about to close is still heard.
	farewell     = 15 * time.Second
	writeMost    = 10 * time.Second
	handshake    = 15 * time.Second
	longestPause = time.Minute
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
	*news
	acknowledge func()
}

// Run hears over several Socket Mode connections at once. Each is renewed by itself, before the old one ends where Slack
// announces the end.
//
// The library's own client for Socket Mode is not used: it keeps the reason of a disconnect to itself, closes the old
// connection before it opens the next, waits up to five minutes before it does, and may acknowledge over another
// connection than the one that an event came by.
func (s *Slack) Run(ctx context.Context, sink adapters.Sink) error {
	me, err := s.introduce(ctx)
	if err != nil {
		return s.ended(ctx, err)
	}
	// A hand tells what happened to the same message in the order in which it was heard, and takes its time to ask for
	// names, or for the store to come back, while the connections go on.
	var inboxes [hands]chan envelope
	all, within := errgroup.WithContext(ctx)
	for i := range inboxes {
		inboxes[i] = make(chan envelope, waiting)
		all.Go(func() error { return s.tell(within, sink, inboxes[i]) })
	}
	hear := func(e envelope) {
		sum := fnv.New32a()
		_, _ = sum.Write([]byte(e.about))
		select {
		case inboxes[sum.Sum32()%hands] <- e:
		case <-within.Done():
		}
	}
	orders := make(chan order, queued)
	for range takers {
		all.Go(func() error { return s.obey(within, sink, orders) })
	}
	missed := make(chan time.Time, 1)
	all.Go(func() error { return s.readPrivate(within, me, hear, missed) })
	for range s.config.Connections {
		all.Go(func() error { return s.connection(within, me, ears{hear, orders, missed}) })
	}
	return s.ended(ctx, all.Wait())
}

func (s *Slack) ended(ctx context.Context, err error) error {
	if ctx.Err() != nil || err == nil {
		return nil
	}
	return fmt.Errorf("hear slack workspace %s: %w", s.config.Name, err)
}

// introduce learns who the bot is, however long it takes.
func (s *Slack) introduce(ctx context.Context) (*identity, error) {
	for pause := s.pause; ; pause = min(2*pause, longestPause) {
		me, err := s.identity(ctx)
		retry, passes := errors.AsType[*adapters.RetryError](err)
		if !passes {
			return me, err
		}
		s.log.Warn("cannot reach Slack", "workspace", s.config.Name, "error", err)
		if !calls.Sleep(ctx, max(retry.After, pause)) {
			return nil, ctx.Err()
		}
	}
}

// tell tells the bot what was heard. What it can't store is told again, until it can.
func (s *Slack) tell(ctx context.Context, sink adapters.Sink, inbox <-chan envelope) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-inbox:
			for pause := s.pause / 4; ; pause = min(2*pause, 5*time.Second) {
				update, err := e.tell(ctx)
				if err == nil && update != nil {
					err = sink(ctx, update)
				}
				if err == nil {
					break
				}
				if refused(err, banned...) {
					return err
				}
				var after time.Duration
				if retry, ok := errors.AsType[*adapters.RetryError](err); ok {
					after = retry.After
				}
				if !calls.Sleep(ctx, max(pause, after)) {
					return nil
				}
			}
			e.acknowledge()
		}
	}
}

// connection holds one connection until ctx is done, or Slack wants no more of the app.
func (s *Slack) connection(ctx context.Context, me *identity, ears ears) error {
	var lines sync.WaitGroup
	defer lines.Wait()
	log := s.log.With("workspace", s.config.Name)
	var before *line
	for pause := s.pause; ctx.Err() == nil; {
		l := &line{Slack: s, ears: ears, me: me, leaving: make(chan string, 1), before: before}
		err := l.open(ctx)
		if err == nil {
			ended := make(chan error, 1)
			lines.Go(func() { ended <- l.listen(ctx) })
			var reason string
			select {
			case reason = <-l.leaving:
			case err = <-ended:
			}
			if l.greeted.Load() {
				pause, before = s.pause, l
			}
			if unwanted := farewells[reason]; unwanted != nil {
				log.Error(unwanted.Error())
				calls.Sleep(ctx, s.reopen)
				continue
			}
			if reason != "" { // "warning", "refresh_requested": Slack renews its machines
				log.Debug("connection is renewed", "reason", reason)
				continue
			}
		}
		if refused(err, banned...) || refused(err, "missing_scope") || isEnding(err) {
			return err
		}
		var after time.Duration
		if retry, ok := errors.AsType[*adapters.RetryError](err); ok {
			after = retry.After
		}
		if ctx.Err() == nil {
			s.lost.Add(1)
			log.Warn("connection lost", "error", s.conceal.Replace(err.Error()))
			// Not all connections of all workspaces at once.
			calls.Sleep(ctx, max(after, pause/2+rand.N(pause)))
		}
		pause = min(2*pause, longestPause)
	}
	return nil
}
