package matrix

import (
	"context"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
	"github.com/ukmedlibs/catchword/adapters/matrix/html"
)

// PostEphemeral posts p as a direct message. It creates the room once.
func (m *Matrix) PostEphemeral(ctx context.Context, to adapters.UserID, p adapters.Post) error {
	if err := m.postDM(ctx, id.UserID(to), p); err != nil {
		return fmt.Errorf("post to %s alone: %w", to, err)
	}
	return nil
}

func (m *Matrix) postDM(ctx context.Context, to id.UserID, p adapters.Post) error {
	s, err := m.ensureSession(ctx)
	if err != nil {
		return err
	}
	roomID, err := m.dmRoom(ctx, s, to)
	if err != nil {
		return err
	}
	p.Text = adapters.TextWithByline(p)
	for _, part := range parts(p) {
		c := contentOf(adapters.Persona{}, part)
		err := m.call(ctx, "send", adapters.RoomID(roomID), func(ctx context.Context) error {
			_, err := s.send(ctx, roomID, event.EventMessage, c, txnID(s, part.Key))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// dmRoom finds the room for direct messages with somebody, or creates it.
func (m *Matrix) dmRoom(ctx context.Context, s *session, to id.UserID) (id.RoomID, error) {
	m.dmMu.Lock()
	defer m.dmMu.Unlock()
	roomID, err := m.tables.dmRoom(ctx, to)
	if err != nil {
		return "", &adapters.RetryError{Err: err}
	}
	if roomID != "" {
		ready, err := m.dmRoomReady(ctx, s, roomID, to)
		if err != nil || ready {
			return roomID, err
		}
	}
	if roomID, err = m.createDMRoom(ctx, s, to); err != nil {
		return "", err
	}
	return roomID, m.saveDMRoom(ctx, s, to, roomID)
}

// dmRoomReady reports whether somebody is in a direct message room, or invited, and nobody else. If they have left it,
// it invites them again.
func (m *Matrix) dmRoomReady(ctx context.Context, s *session, roomID id.RoomID, to id.UserID) (bool, error) {
	m.mu.Lock()
	here := m.dmUsers[roomID] == to
	m.mu.Unlock()
	people, err := s.state.GetRoomJoinedOrInvitedMembers(ctx, roomID)
	if err != nil {
		return false, &adapters.RetryError{Err: err}
	}
	if !here || slices.ContainsFunc(people, func(u id.UserID) bool { return u != s.me && u != to }) {
		return false, nil
	}
	if slices.Contains(people, to) {
		return true, nil
	}
	err = m.call(ctx, "invite", adapters.RoomID(roomID), func(ctx context.Context) error {
		_, err := s.client.InviteUser(ctx, roomID, &mautrix.ReqInviteUser{UserID: to})
		return err
	})
	if calls.IsFinal(err) {
		return false, nil
	}
	return err == nil, err
}

// createDMRoom creates a room for direct messages, encrypted if both sides can do that.
func (m *Matrix) createDMRoom(ctx context.Context, s *session, to id.UserID) (roomID id.RoomID, err error) {
	err = m.call(ctx, "create direct message room", "", func(ctx context.Context) error {
		request := &mautrix.ReqCreateRoom{Preset: "trusted_private_chat", IsDirect: true, Invite: []id.UserID{to}}
		encrypt, err := s.keys.canDecrypt(ctx, to)
		if err != nil {
			return err
		}
		if encrypt {
			request.InitialState = []*event.Event{{
				Type: event.StateEncryption, StateKey: new(string),
				Content: event.Content{Parsed: &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1}},
			}}
		}
		resp, err := s.client.CreateRoom(ctx, request)
		if err == nil && (resp == nil || resp.RoomID == "") {
			err = errBadResponse
		}
		if err == nil {
			roomID = resp.RoomID
		}
		return err
	})
	return roomID, err
}

// saveDMRoom records that a room is for direct messages with somebody.
func (m *Matrix) saveDMRoom(ctx context.Context, s *session, with id.UserID, roomID id.RoomID) error {
	if _, err := m.readState(ctx, s, roomID); err != nil {
		return err
	}
	if err := m.tables.putDMRoom(ctx, with, roomID); err != nil {
		return &adapters.RetryError{Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for room, user := range m.dmUsers {
		if user == with {
			delete(m.dmUsers, room)
		}
	}
	m.dmUsers[roomID] = with
	return nil
}

// receiveDM converts a direct message to a command.
func (m *Matrix) receiveDM(ctx context.Context, s *session, e *event.Event) (adapters.Update, error) {
	c := e.Content.AsMessage()
	if !isUserMessage(e, c) {
		return nil, nil
	}
	var first eventMeta // of a message that e edits
	if edited := c.RelatesTo.GetReplaceID(); edited != "" {
		var err error
		first, err = m.eventMeta(ctx, s, e.RoomID, edited)
		if calls.HasCode(err, "M_NOT_FOUND", "M_FORBIDDEN") || c.NewContent == nil {
			return nil, nil
		}
		if err != nil || first.sender != e.Sender || first.redacted {
			return nil, err
		}
		c = c.NewContent
	}
	people, err := s.state.GetRoomJoinedOrInvitedMembers(ctx, e.RoomID)
	if err != nil {
		return nil, err
	}
	if len(people) > 2 {
		return nil, errNotDM
	}
	text := html.ToCommonMark(c, c.RelatesTo.GetReplyTo() != "", m.userNameOf(ctx, s, e.RoomID))
	if named, ok := parseCommand(text, m.botNames(ctx, s, e.RoomID)); ok {
		text = named
	}
	received := &adapters.Command{ID: string(e.ID), User: m.user(ctx, s, e.RoomID, e.Sender), Text: text, At: time.UnixMilli(e.Timestamp).UTC()}
	if first.id != "" {
		received.ID, received.At, received.EditedAt = string(first.id), time.UnixMilli(first.timestamp).UTC(), received.At
	}
	return received, nil
}

var errNotDM = calls.Errorf("there are other people in this direct message room: the bot ignores its messages")
