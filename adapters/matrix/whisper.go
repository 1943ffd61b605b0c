package matrix

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix/html"
)

// PostEphemeral says p to one person in a room with nobody else, which is made once.
func (m *Matrix) PostEphemeral(ctx context.Context, to adapters.UserID, p adapters.Post) error {
	if err := m.whisper(ctx, id.UserID(to), p); err != nil {
		return fmt.Errorf("whisper to %s: %w", to, err)
	}
	return nil
}

func (m *Matrix) whisper(ctx context.Context, to id.UserID, p adapters.Post) error {
	s, err := m.open(ctx)
	if err != nil {
		return err
	}
	in, err := m.privately(ctx, s, to)
	if err != nil {
		return err
	}
	p.Text = adapters.TextWithByline(p)
	for _, part := range parts(p) {
		c := contentOf(adapters.Persona{}, part)
		err := m.call(ctx, "send", adapters.RoomID(in), func(ctx context.Context) error {
			_, err := s.send(ctx, in, event.EventMessage, c, transaction(s, part.key))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// privately finds the room for a private conversation with somebody, or makes it.
func (m *Matrix) privately(ctx context.Context, s *session, to id.UserID) (id.RoomID, error) {
	m.whispering.Lock()
	defer m.whispering.Unlock()
	in, err := m.tables.direct(ctx, to)
	if err != nil {
		return "", &adapters.RetryError{Err: err}
	}
	if in != "" {
		ready, err := m.ready(ctx, s, in, to)
		if err != nil || ready {
			return in, err
		}
	}
	if in, err = m.createPrivate(ctx, s, to); err != nil {
		return "", err
	}
	return in, m.makeDirect(ctx, s, to, in)
}

// ready tells whether somebody is in a private room, or has it open before them, and nobody else. Whoever has left it is
// invited again.
func (m *Matrix) ready(ctx context.Context, s *session, in id.RoomID, to id.UserID) (bool, error) {
	m.mu.Lock()
	here := m.directs[in] == to
	m.mu.Unlock()
	people, err := s.state.GetRoomJoinedOrInvitedMembers(ctx, in)
	if err != nil {
		return false, &adapters.RetryError{Err: err}
	}
	if !here || slices.ContainsFunc(people, func(u id.UserID) bool { return u != s.me && u != to }) {
		return false, nil
	}
	if slices.Contains(people, to) {
		return true, nil
	}
	err = m.call(ctx, "invite", adapters.RoomID(in), func(ctx context.Context) error {
		_, err := s.client.InviteUser(ctx, in, &mautrix.ReqInviteUser{UserID: to})
		return err
	})
	if isFinal(err) {
		return false, nil
	}
	return err == nil, err
}

// createPrivate makes a room for a private conversation: an encrypted one if both can do that.
func (m *Matrix) createPrivate(ctx context.Context, s *session, to id.UserID) (in id.RoomID, err error) {
	err = m.call(ctx, "make a private room", "", func(ctx context.Context) error {
		request := &mautrix.ReqCreateRoom{Preset: "trusted_private_chat", IsDirect: true, Invite: []id.UserID{to}}
		secret, err := s.keys.canDecrypt(ctx, to)
		if err != nil {
			return err
		}
		if secret {
			request.InitialState = []*event.Event{{
				Type: event.StateEncryption, StateKey: new(string),
				Content: event.Content{Parsed: &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1}},
			}}
		}
		answer, err := s.client.CreateRoom(ctx, request)
		if err == nil && (answer == nil || answer.RoomID == "") {
			err = errNoAnswer
		}
		if err == nil {
			in = answer.RoomID
		}
		return err
	})
	return in, err
}

// makeDirect notes that a room is for a private conversation with somebody.
func (m *Matrix) makeDirect(ctx context.Context, s *session, with id.UserID, in id.RoomID) error {
	if _, err := m.readState(ctx, s, in); err != nil {
		return err
	}
	if err := m.tables.putDirect(ctx, with, in); err != nil {
		return &adapters.RetryError{Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for room, user := range m.directs {
		if user == with {
			delete(m.directs, room)
		}
	}
	m.directs[in] = with
	return nil
}

// hearCommand makes what somebody says in a private conversation a command, or gives one other words.
func (m *Matrix) hearCommand(ctx context.Context, s *session, e *event.Event) (adapters.Update, error) {
	c := e.Content.AsMessage()
	if !talk(e, c) {
		return nil, nil
	}
	first := c.RelatesTo.GetReplaceID()
	if first != "" {
		said, err := m.brief(ctx, s, e.RoomID, first)
		if refused(err, "M_NOT_FOUND", "M_FORBIDDEN") || c.NewContent == nil {
			return nil, nil
		}
		if err != nil || said.sender != e.Sender || said.redacted {
			return nil, err
		}
		c = c.NewContent
	}
	people, err := s.state.GetRoomJoinedOrInvitedMembers(ctx, e.RoomID)
	if err != nil {
		return nil, err
	}
	if len(people) > 2 {
		return nil, errNotPrivate
	}
	text := html.ToCommonMark(c, c.RelatesTo.GetReplyTo() != "", m.naming(ctx, s, e.RoomID))
	if named, ok := command(text, m.names(ctx, s, e.RoomID)); ok {
		text = named
	}
	if first != "" {
		return &adapters.Edit{Ref: adapters.Ref{ID: adapters.MessageID(first)}, Text: text, At: time.UnixMilli(e.Timestamp).UTC()}, nil
	}
	return &adapters.Command{
		ID: string(e.ID), User: m.user(ctx, s, e.RoomID, e.Sender), Text: text, At: time.UnixMilli(e.Timestamp).UTC(),
	}, nil
}

// errNotPrivate is what becomes of commands where others listen.
var errNotPrivate = fault{errors.New("there are others in this private conversation: nothing said in it is heard")}
