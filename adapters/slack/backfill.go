package slack

import (
	"context"
	"maps"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

const (
	// resendWindow is the longest gap whose events Slack sends again by itself: it tries for the last time after 5
	// minutes.
	resendWindow = 4 * time.Minute
	// dmReadInterval is the pause between reading two conversations, so that the channels get most of Slack's rate
	// limit.
	dmReadInterval = 2 * time.Second
	// maxDMWait is how long a message waits until its author's direct messages are read.
	maxDMWait = 30 * time.Second
)

// A dmBacklog is the direct messages that the bot missed and has not read yet. Those of somebody are read before
// anything that they post: they may have opted out. It serves one Run.
type dmBacklog struct {
	deliver func(context.Context, *event) error

	mu     sync.Mutex
	listed chan struct{}        // closed once unread is known
	unread map[string]*unreadDM // by user
}

// An unreadDM is somebody's direct messages since a time.
type unreadDM struct {
	channel string
	since   time.Time
	listed  time.Time
	mu      sync.Mutex // while it is read
	read    bool
}

// backfillLoop reads the direct messages that the bot missed: those from before it ran, as far back as they may still
// matter, and those since each time that gaps brings. The bot ignores what it has received before.
func (s *Slack) backfillLoop(ctx context.Context, me *identity, backlog *dmBacklog, gaps <-chan time.Time) error {
	for since := time.Now().Add(-calls.LookBack); ; {
		if err := me.requireScopes("im:read", "im:history"); err != nil {
			s.log.Warn("direct messages sent while catchword is down are not read", "workspace", s.config.Name, "error", err)
		} else if err := s.listDMs(ctx, me, backlog, since); err != nil && ctx.Err() == nil {
			s.log.Warn("could not list direct messages", "workspace", s.config.Name, "error", err)
		}
		backlog.noteListed()
		again := false
		for user, dm := range backlog.all() {
			if err := s.readDM(ctx, me, backlog, user, dm); err != nil && ctx.Err() == nil {
				s.log.Warn("could not read direct messages", "workspace", s.config.Name, "error", err)
			}
			select {
			case since = <-gaps:
				again = true
			case <-ctx.Done():
				return nil
			case <-time.After(s.dmReadInterval):
			}
			if again {
				break
			}
		}
		if again {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case since = <-gaps:
		}
	}
}

// newDMBacklog returns the backlog of one Run. Until the direct messages are listed, messages wait.
func newDMBacklog(deliver func(context.Context, *event) error) *dmBacklog {
	return &dmBacklog{deliver: deliver, listed: make(chan struct{}), unread: map[string]*unreadDM{}}
}

// expect makes messages wait until the direct messages are listed again, after a gap.
func (b *dmBacklog) expect() {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-b.listed:
		b.listed = make(chan struct{})
	default:
	}
}

// noteListed ends that.
func (b *dmBacklog) noteListed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-b.listed:
	default:
		close(b.listed)
	}
}

func (b *dmBacklog) awaited() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.listed
}

// all is a copy of what is unread.
func (b *dmBacklog) all() map[string]*unreadDM {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.unread)
}

// listDMs finds out with whom the bot has direct messages.
func (s *Slack) listDMs(ctx context.Context, me *identity, backlog *dmBacklog, since time.Time) error {
	for cursor, first := "", true; first || cursor != ""; first = false {
		var page []slackgo.Channel
		err := calls.Retry(ctx, func() error {
			return s.call(ctx, "conversations.list", "", func(ctx context.Context) (err error) {
				params := &slackgo.GetConversationsParameters{Cursor: cursor, Limit: channelPageSize, Types: []string{"im"}}
				page, cursor, err = s.api.GetConversationsContext(ctx, params)
				return err
			})
		})
		if err != nil {
			return err
		}
		backlog.mu.Lock()
		for _, im := range page {
			if im.User == me.userID || im.User == "USLACKBOT" {
				continue
			}
			dm := &unreadDM{channel: im.ID, since: since, listed: time.Now()}
			if before := backlog.unread[im.User]; before != nil && before.since.Before(since) {
				dm.since = before.since
			}
			backlog.unread[im.User] = dm
		}
		backlog.mu.Unlock()
	}
	return nil
}

// awaitDM reads the direct messages of somebody who has posted a message, unless they are read. It gives up after a
// while: then what they sent in private counts from when it is read.
func (s *Slack) awaitDM(ctx context.Context, me *identity, user string) error {
	s.mu.Lock()
	backlog := s.backlog
	s.mu.Unlock()
	if backlog == nil {
		return nil
	}
	wait, cancel := context.WithTimeout(ctx, maxDMWait)
	defer cancel()
	select {
	case <-backlog.awaited():
	case <-wait.Done():
	}
	backlog.mu.Lock()
	dm := backlog.unread[user]
	backlog.mu.Unlock()
	if dm == nil || time.Since(dm.listed) > maxDMWait {
		return nil
	}
	err := s.readDM(ctx, me, backlog, user, dm)
	if calls.IsFinal(err) {
		return nil // the loop logs it
	}
	return err
}

// readDM reads one person's direct messages, with their threads, unless that is done.
func (s *Slack) readDM(ctx context.Context, me *identity, backlog *dmBacklog, user string, dm *unreadDM) error {
	dm.mu.Lock()
	defer dm.mu.Unlock()
	if dm.read {
		return nil
	}
	all, err := s.readAll(ctx, adapters.RoomID(dm.channel), "", dm.since)
	if err != nil {
		return err
	}
	for _, m := range all {
		if err := s.deliverPastDM(ctx, me, backlog, dm.channel, m.Msg); err != nil {
			return err
		}
		if m.ReplyCount == 0 {
			continue
		}
		replies, err := s.readAll(ctx, adapters.RoomID(dm.channel), adapters.MessageID(m.Timestamp), dm.since)
		if err != nil {
			return err
		}
		for _, r := range replies {
			if r.Timestamp == m.Timestamp {
				continue
			}
			if err := s.deliverPastDM(ctx, me, backlog, dm.channel, r.Msg); err != nil {
				return err
			}
		}
	}
	dm.read = true
	backlog.mu.Lock()
	defer backlog.mu.Unlock()
	if backlog.unread[user] == dm {
		delete(backlog.unread, user)
	}
	return nil
}

// deliverPastDM delivers a direct message from history as if it were new.
func (s *Slack) deliverPastDM(ctx context.Context, me *identity, backlog *dmBacklog, channel string, m slackMessage) error {
	m.Channel = channel
	if ev := s.receiveDM(me, messageEvent{Message: slackgo.Message{Msg: m}}); ev != nil {
		return backlog.deliver(ctx, ev)
	}
	return nil
}
