package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

const (
	// commandTimeout is how long storing a command may take. After 3 s, Slack shows the person an error:
	// https://docs.slack.dev/interactivity/implementing-slash-commands
	commandTimeout = 2500 * time.Millisecond
	// nameTimeout is how much of that may go into looking up the person's name.
	nameTimeout = time.Second
	// commandWorkers is how many commands are handled at once, and commandQueueSize how many more may wait.
	commandWorkers   = 8
	commandQueueSize = 64
)

// commandFailedText is what the person sees if it takes longer. Slack does not send a command again.
const commandFailedText = "I couldn't take that just now, so nothing has happened. Please try again in a moment."

// A command is a slash command or a button press. Unlike an event, Slack sends it once, and the person waits: it is
// stored promptly, or it is rejected and never stored.
type command struct {
	deadline time.Time
	build    func(context.Context) *adapters.Command
	accept   func(context.Context)
	reject   func(context.Context)
}

// handleCommands stores commands apart from other events, which may wait.
func (s *Slack) handleCommands(ctx context.Context, sink adapters.Sink, commands <-chan command) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case cmd := <-commands:
			if s.storeCommand(ctx, sink, cmd) {
				cmd.accept(ctx)
			} else if ctx.Err() == nil {
				s.log.Warn("command not stored in time", "workspace", s.config.Name)
				cmd.reject(ctx)
			}
		}
	}
}

func (s *Slack) storeCommand(ctx context.Context, sink adapters.Sink, cmd command) bool {
	ctx, cancel := context.WithDeadline(ctx, cmd.deadline)
	defer cancel()
	if ctx.Err() != nil {
		return false
	}
	command := cmd.build(ctx)
	for backoff := (calls.Backoff{Min: s.firstBackoff / 4}); ; {
		if sink(ctx, command) == nil {
			return true
		}
		if !backoff.Sleep(ctx, nil) {
			return false
		}
	}
}

// slashCommand reads a slash command: https://docs.slack.dev/interactivity/implementing-slash-commands
func (cn *conn) slashCommand(f frame) (*command, error) {
	var p struct {
		Channel  string `json:"channel_id"`
		User     string `json:"user_id"`
		UserName string `json:"user_name"`
		Text     string `json:"text"`
		Trigger  string `json:"trigger_id"`
	}
	if err := json.Unmarshal(f.Payload, &p); err != nil {
		return nil, fmt.Errorf("read slash command: %w", err)
	}
	if p.Trigger == "" {
		p.Trigger = f.ID
	}
	at := time.Now().UTC().Truncate(time.Millisecond) // Slack sends no time
	return &command{
		build: func(ctx context.Context) *adapters.Command {
			c := &adapters.Command{ID: p.Trigger, Room: cn.joinedRoom(p.Channel), At: at}
			ctx, cancel := context.WithTimeout(ctx, nameTimeout)
			defer cancel()
			c.User = cn.commandUser(ctx, p.User, p.UserName)
			// A mention that can't be looked up in time reads as Slack labelled it.
			text, _ := cn.text(ctx, cn.me, &slackMessage{Text: p.Text})
			c.Text = strings.TrimSpace(text)
			return c
		},
		accept: func(context.Context) { cn.acknowledge(f.ID, nil) },
		reject: func(context.Context) {
			cn.acknowledge(f.ID, response{Text: commandFailedText, ResponseType: "ephemeral"})
		},
	}, nil
}

// joinedRoom is the joined room of this ID, or "" for anywhere else.
func (s *Slack) joinedRoom(channel string) adapters.RoomID {
	if id := adapters.RoomID(channel); s.joined(id) {
		return id
	}
	return ""
}

// commandUser looks somebody up, and falls back to their handle.
func (s *Slack) commandUser(ctx context.Context, id, handle string) adapters.User {
	if u, err := s.users.get(ctx, id); err == nil {
		return u
	}
	return adapters.User{ID: adapters.UserID(id), Name: adapters.CleanName(handle, id)}
}

// receiveDM receives a direct message, or an edit or deletion of one.
func (s *Slack) receiveDM(me *identity, e messageEvent) *event {
	switch {
	case e.SubType == "message_deleted" && e.DeletedTimestamp != "":
		ref := adapters.Ref{ID: adapters.MessageID(e.Channel + "/" + e.DeletedTimestamp)}
		return resolvedEvent(&adapters.Deletion{Ref: ref, At: parseTS(e.EventTimestamp)}, e.Channel)
	case e.SubType == "message_changed" && e.SubMessage != nil:
		return s.receiveDMEdit(me, e)
	}
	if e.SubMessage != nil || hasNoAuthor(&e.Msg) || me.own(&e.Msg) || !s.accepts(&e.Msg) {
		return nil
	}
	return s.dmCommand(me, e.Channel, &e.Msg)
}

// dmCommand is an event with a complete direct message.
func (s *Slack) dmCommand(me *identity, channel string, m *slackMessage) *event {
	return &event{key: channel, resolve: func(ctx context.Context) (adapters.Update, error) {
		received, err := s.message(ctx, me, "", m)
		if err != nil {
			return nil, err
		}
		text := received.Text
		if received.ToBot {
			text = received.Command
		}
		return &adapters.Command{
			ID: channel + "/" + m.Timestamp, User: received.Author, Text: strings.TrimSpace(text), At: received.At, EditedAt: received.EditedAt,
		}, nil
	}}
}

// receiveDMEdit ignores what is not an edit, as receiveChange does.
func (s *Slack) receiveDMEdit(me *identity, e messageEvent) *event {
	m, before := e.SubMessage, e.PreviousMessage
	if me.own(m) || hasNoAuthor(m) || !s.accepts(m) || m.Edited == nil || before != nil && before.Text == m.Text || !s.isLatest(e.Channel+" "+m.Timestamp, e.EventTimestamp) {
		return nil
	}
	return s.dmCommand(me, e.Channel, m)
}

// receiveMemberJoined receives that somebody has joined a channel. It ignores apps.
func (s *Slack) receiveMemberJoined(me *identity, d eventPayload) (*event, error) {
	var e struct {
		User    string `json:"user"`
		Channel string `json:"channel"`
		TS      string `json:"event_ts"`
	}
	if err := json.Unmarshal(d.Event, &e); err != nil {
		return nil, err
	}
	room := adapters.RoomID(e.Channel)
	if e.User == me.userID {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r := s.rooms[room]; r != nil && !r.left {
			return nil, nil // the bot has joined by itself, or its removal comes late
		} else if r != nil {
			r.left = false
		}
		return resolvedEvent(&adapters.RoomOpened{Room: room}, e.Channel), nil
	}
	if e.User == "" || !s.joined(room) {
		return nil, nil
	}
	return &event{key: e.User, resolve: func(ctx context.Context) (adapters.Update, error) {
		u, err := s.users.get(ctx, e.User)
		if err != nil {
			return nil, err
		}
		if _, app := s.appUsers.Load(e.User); app {
			return nil, nil
		}
		return &adapters.MemberJoined{Room: room, User: u, At: parseTS(e.TS)}, nil
	}}, nil
}
