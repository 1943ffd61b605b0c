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
	// promptly is how soon a command has to be stored. After 3 s, Slack tells the person that nobody has answered:
	// https://docs.slack.dev/interactivity/implementing-slash-commands
	promptly = 2500 * time.Millisecond
	// naming is how much of that may be spent on the name of the person.
	naming = time.Second
	// takers is how many commands are taken at once, and queued how many more may wait.
	takers = 8
	queued = 64
)

// notTaken is what the person is told then. Slack does not tell of a command again.
const notTaken = "I couldn't take that just now, so nothing has happened. Please try again in a moment."

// An order is a slash command or the press of a button. Unlike an event, Slack tells of it once, and the person waits:
// either it is stored promptly, or they are told that it isn't, and it will not be.
type order struct {
	until   time.Time
	command func(context.Context) *adapters.Command
	taken   func(context.Context) // acknowledges it
	refused func(context.Context)
}

// obey has the bot take orders, apart from what else is heard, which may wait.
func (s *Slack) obey(ctx context.Context, sink adapters.Sink, orders <-chan order) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case o := <-orders:
			if s.stored(ctx, sink, o) {
				o.taken(ctx)
			} else if ctx.Err() == nil {
				s.log.Warn("a command could not be stored in time", "workspace", s.config.Name)
				o.refused(ctx)
			}
		}
	}
}

func (s *Slack) stored(ctx context.Context, sink adapters.Sink, o order) bool {
	ctx, cancel := context.WithDeadline(ctx, o.until)
	defer cancel()
	if ctx.Err() != nil {
		return false
	}
	command := o.command(ctx)
	for pause := s.pause / 4; ; pause *= 2 {
		if sink(ctx, command) == nil {
			return true
		}
		if !calls.Sleep(ctx, pause) {
			return false
		}
	}
}

// slash reads a slash command: https://docs.slack.dev/interactivity/implementing-slash-commands
func (l *line) slash(f frame) (*order, error) {
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
	at := time.Now().UTC().Truncate(time.Millisecond) // Slack tells no time
	return &order{
		command: func(ctx context.Context) *adapters.Command {
			c := &adapters.Command{ID: p.Trigger, Room: l.place(p.Channel), At: at}
			ctx, cancel := context.WithTimeout(ctx, naming)
			defer cancel()
			c.User = l.person(ctx, p.User, p.UserName)
			// A mention that can't be looked up in time reads as Slack has labelled it.
			text, _ := l.text(ctx, l.me, &said{Text: p.Text})
			c.Text = strings.TrimSpace(text)
			return c
		},
		taken:   func(context.Context) { l.acknowledge(f.ID, nil) },
		refused: func(context.Context) { l.acknowledge(f.ID, reply{Text: notTaken, ResponseType: "ephemeral"}) },
	}, nil
}

// place is the joined room of this ID, or "" for anywhere else.
func (s *Slack) place(channel string) adapters.RoomID {
	if id := adapters.RoomID(channel); s.joined(id) {
		return id
	}
	return ""
}

// person is somebody, under their name if Slack tells it in time, else under their handle.
func (s *Slack) person(ctx context.Context, id, handle string) adapters.User {
	if u, err := s.people.get(ctx, id); err == nil {
		return u
	}
	if handle == "" {
		handle = id
	}
	return adapters.User{ID: adapters.UserID(id), Name: handle}
}

// hearPrivate is what somebody says to the bot in their direct messages, edits there, or deletes.
func (s *Slack) hearPrivate(me *identity, e messageEvent) *news {
	switch {
	case e.SubType == "message_deleted" && e.DeletedTimestamp != "":
		ref := adapters.Ref{ID: adapters.MessageID(e.Channel + "/" + e.DeletedTimestamp)}
		return at(&adapters.Deletion{Ref: ref, At: when(e.EventTimestamp)}, e.Channel)
	case e.SubType == "message_changed" && e.SubMessage != nil:
		return s.hearPrivateEdit(me, e)
	}
	if e.SubMessage != nil || anonymous(&e.Msg) || me.own(&e.Msg) || !s.heeds(&e.Msg) {
		return nil
	}
	m := e.Msg
	return &news{about: e.Channel, tell: func(ctx context.Context) (adapters.Update, error) {
		heard, err := s.message(ctx, me, "", &m)
		if err != nil {
			return nil, err
		}
		text := heard.Text
		if heard.ToBot {
			text = heard.Command
		}
		return &adapters.Command{ID: e.Channel + "/" + m.Timestamp, User: heard.Author, Text: strings.TrimSpace(text), At: heard.At}, nil
	}}
}

// hearPrivateEdit leaves out what else Slack calls a change, as hearChange does.
func (s *Slack) hearPrivateEdit(me *identity, e messageEvent) *news {
	m, before := e.SubMessage, e.PreviousMessage
	if me.own(m) || anonymous(m) || !s.heeds(m) || m.Edited == nil || before != nil && before.Text == m.Text || !s.isLatest(e.Channel+" "+m.Timestamp, e.EventTimestamp) {
		return nil
	}
	return &news{about: e.Channel, tell: func(ctx context.Context) (adapters.Update, error) {
		heard, err := s.message(ctx, me, "", m)
		if err != nil {
			return nil, err
		}
		text := heard.Text
		if heard.ToBot {
			text = heard.Command
		}
		ref := adapters.Ref{ID: adapters.MessageID(e.Channel + "/" + m.Timestamp)}
		return &adapters.Edit{Ref: ref, Text: strings.TrimSpace(text), At: heard.EditedAt}, nil
	}}
}

// hearArrival tells who has come into a room, unless it is another app.
func (s *Slack) hearArrival(me *identity, d delivery) (*news, error) {
	var e struct {
		User    string `json:"user"`
		Channel string `json:"channel"`
		TS      string `json:"event_ts"`
	}
	if err := json.Unmarshal(d.Event, &e); err != nil {
		return nil, err
	}
	room := adapters.RoomID(e.Channel)
	if e.User == "" || e.User == me.user || !s.joined(room) {
		return nil, nil
	}
	return &news{about: e.User, tell: func(ctx context.Context) (adapters.Update, error) {
		u, err := s.people.get(ctx, e.User)
		if err != nil {
			return nil, err
		}
		if _, app := s.apps.Load(e.User); app {
			return nil, nil
		}
		return &adapters.MemberJoined{Room: room, User: u, At: when(e.TS)}, nil
	}}, nil
}
