package matrix

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.mau.fi/util/variationselector"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
	"github.com/ukmedlibs/catchword/adapters/matrix/html"
)

// keyField is the field of an event's content with the key of its post. Everybody in the room can see it.
const keyField = "dev.catchword.key"

// decrypted decrypts an event if it is encrypted.
func (m *Matrix) decrypted(ctx context.Context, s *session, e *event.Event) (*event.Event, error) {
	m.noteUnreadable(e, parse(e))
	if e.Type.Type != event.EventEncrypted.Type || redacted(e) {
		return e, nil
	}
	if e.Content.Parsed == nil {
		return nil, errors.New("the event is encrypted in an unknown way")
	}
	plain, err := s.keys.decrypt(ctx, e)
	if err == nil {
		plain.Content.Parsed = nil // it is incomplete if the library could not read all of the event
		m.noteUnreadable(e, parse(plain))
	}
	return plain, err
}

// noteUnreadable counts and logs an event of a joined room with fields that can't be read.
func (m *Matrix) noteUnreadable(e *event.Event, fields []string) {
	if r := m.room(e.RoomID); r == nil || len(fields) == 0 || !m.firstTime("unreadable "+string(e.ID)) {
		return
	}
	m.unreadable.Add(1)
	m.log.Warn("ignored fields of an event that can't be read", "room", e.RoomID, "event", e.ID, "fields", fields)
}

// redacted reports whether an event was redacted.
func redacted(e *event.Event) bool {
	return e.Unsigned.RedactedBecause != nil || len(e.Content.Raw) == 0
}

// toUpdate converts an event. It returns nil for one to ignore. It may be repeated.
func (m *Matrix) toUpdate(ctx context.Context, s *session, e *event.Event) (adapters.Update, error) {
	if e.Sender == s.me || redacted(e) || m.isRedactedUser(e) {
		return nil, nil
	}
	m.mu.Lock()
	r, private := m.rooms[e.RoomID], m.dmUsers[e.RoomID]
	m.mu.Unlock()
	if r == nil {
		switch {
		case private != "" && e.Type.Type == event.EventMessage.Type:
			return m.receiveDM(ctx, s, e)
		case private != "" && e.Type.Type == event.EventRedaction.Type && redactedID(e) != "":
			return &adapters.Deletion{Ref: adapters.Ref{ID: adapters.MessageID(redactedID(e))}, At: time.UnixMilli(e.Timestamp).UTC()}, nil
		}
		return nil, nil
	}
	switch e.Type.Type {
	case event.EventReaction.Type:
		return m.receiveReaction(ctx, r, e)
	case event.EventRedaction.Type:
		return m.receiveRedaction(ctx, s, r, e)
	}
	c, ok := messageContent(e)
	switch {
	case !ok || !isUserMessage(e, c):
		return nil, nil
	case c.RelatesTo.GetReplaceID() != "":
		return m.receiveEdit(ctx, s, r, e, c)
	default:
		return asUpdate(m.toMessage(ctx, s, r, e, c))
	}
}

// messageContent is the content of a message. For a poll it only has the relation to other events.
func messageContent(e *event.Event) (*event.MessageEventContent, bool) {
	switch c := e.Content.Parsed.(type) {
	case *event.MessageEventContent:
		return c, true
	case *event.PollStartEventContent:
		return &event.MessageEventContent{MsgType: event.MsgText, RelatesTo: c.RelatesTo}, true
	}
	return nil, false
}

// asUpdate keeps a nil message from being an update that isn't nil.
func asUpdate(m *adapters.Message, err error) (adapters.Update, error) {
	if m == nil || err != nil {
		return nil, err
	}
	return m, nil
}

// isUserMessage reports whether a person wrote a message. Notices come from programs, which don't answer each other:
// https://spec.matrix.org/latest/client-server-api/#mnotice. An event with a key is
// a post of some catchword.
func isUserMessage(e *event.Event, c *event.MessageEventContent) bool {
	return e.Content.Raw[keyField] == nil && c.MsgType != event.MsgNotice && c.MsgType != event.MsgVerificationRequest
}

func (m *Matrix) toMessage(ctx context.Context, s *session, r *room, e *event.Event, c *event.MessageEventContent) (*adapters.Message, error) {
	received, err := m.newMessage(ctx, s, r, e, eventMetaOf(e))
	if err != nil {
		return nil, err
	}
	m.setContent(ctx, s, received, e, c)
	return received, nil
}

// newMessage begins a message with its place and author. first is the event that began it; e may be an edit.
func (m *Matrix) newMessage(ctx context.Context, s *session, r *room, e *event.Event, first eventMeta) (*adapters.Message, error) {
	thread, err := m.threadOf(ctx, s, e.RoomID, &first.relates)
	if err != nil {
		return nil, err
	}
	return &adapters.Message{
		Ref:    adapters.Ref{Room: r.stableID, ID: adapters.MessageID(first.id)},
		Thread: adapters.MessageID(thread),
		Author: m.user(ctx, s, e.RoomID, e.Sender),
		At:     time.UnixMilli(first.timestamp).UTC(),
	}, nil
}

// setContent fills in the text, the files and the command of a message.
func (m *Matrix) setContent(ctx context.Context, s *session, received *adapters.Message, e *event.Event, c *event.MessageEventContent) {
	if file, ok := fileOf(e, c); ok {
		received.Files = []adapters.File{file}
	}
	if poll, ok := e.Content.Parsed.(*event.PollStartEventContent); ok {
		received.Text = html.PollToCommonMark(poll)
	} else if e.Type.Type != event.EventSticker.Type {
		received.Text = html.ToCommonMark(c, c.RelatesTo.GetReplyTo() != "", m.userNameOf(ctx, s, e.RoomID))
	}
	received.Command, received.ToBot = parseCommand(received.Text, m.botNames(ctx, s, e.RoomID))
}

// receiveEdit converts an edit to the whole message as it reads now. It ignores edits of other people's messages, which
// homeservers accept.
func (m *Matrix) receiveEdit(ctx context.Context, s *session, r *room, e *event.Event, c *event.MessageEventContent) (adapters.Update, error) {
	first, err := m.eventMeta(ctx, s, e.RoomID, c.RelatesTo.GetReplaceID())
	if calls.HasCode(err, "M_NOT_FOUND", "M_FORBIDDEN") || c.NewContent == nil {
		return nil, nil
	}
	if err != nil || first.sender != e.Sender || first.redacted || first.replaces != "" {
		return nil, err
	}
	received, err := m.newMessage(ctx, s, r, e, first)
	if err != nil {
		return nil, err
	}
	received.EditedAt = time.UnixMilli(max(e.Timestamp, first.timestamp)).UTC()
	m.setContent(ctx, s, received, e, c.NewContent)
	return received, nil
}

// receiveReaction stores a reaction: its redaction only names the event.
func (m *Matrix) receiveReaction(ctx context.Context, r *room, e *event.Event) (adapters.Update, error) {
	on, ok := reactionOf(e)
	if !ok {
		return nil, nil
	}
	if err := m.tables.putReaction(ctx, e.ID, on); err != nil {
		return nil, err
	}
	return on.toUpdate(r, m.originalRoot(on.message), true, e.Timestamp), nil
}

// reactionOf reads a reaction. Only some keyboards add variation selectors to emoji.
func reactionOf(e *event.Event) (reaction, bool) {
	relates := e.Content.AsReaction().RelatesTo
	key := relates.GetAnnotationKey()
	if strings.Contains(key, "://") {
		key = customEmoji(e)
	}
	on := reaction{message: relates.GetAnnotationID(), user: e.Sender, emoji: normaliseEmoji(key)}
	return on, on.message != "" && on.emoji != ""
}

// customEmoji is what to show of a reaction whose key is the address of a picture: its name, if the client gives one.
// https://github.com/matrix-org/matrix-spec-proposals/pull/4027
func customEmoji(e *event.Event) string {
	for _, field := range []string{"com.beeper.reaction.shortcode", "shortcode"} {
		name, _ := e.Content.Raw[field].(string)
		if name = strings.Trim(adapters.CleanLine(name), ": "); name != "" && !strings.Contains(name, "://") {
			return ":" + strings.ReplaceAll(name, " ", "_") + ":"
		}
	}
	return "custom emoji"
}

// normaliseEmoji writes an emoji as the bot expects it, and toMatrixEmoji as Matrix does:
// https://spec.matrix.org/latest/client-server-api/#annotating-events
func normaliseEmoji(emoji string) string {
	if emoji = adapters.CleanLine(emoji); emoji == "" {
		return ""
	}
	return variationselector.FullyQualify(adapters.CleanName(emoji))
}
func toMatrixEmoji(emoji string) string { return variationselector.Add(emoji) }

func (r reaction) toUpdate(room *room, message id.EventID, on bool, at int64) *adapters.Reaction {
	return &adapters.Reaction{
		Ref: adapters.Ref{Room: room.stableID, ID: adapters.MessageID(message)}, User: adapters.UserID(r.user), Emoji: r.emoji, Added: on,
		At: time.UnixMilli(at).UTC(),
	}
}

// receiveRedaction receives the redaction of a message, a reaction or an edit.
func (m *Matrix) receiveRedaction(ctx context.Context, s *session, r *room, e *event.Event) (adapters.Update, error) {
	target := redactedID(e)
	if target == "" {
		return nil, nil
	}
	off, ok, err := m.tables.reaction(ctx, target)
	if err != nil {
		return nil, err
	}
	if ok && off.user == s.me {
		return nil, nil
	}
	if ok {
		return off.toUpdate(r, m.originalRoot(off.message), false, e.Timestamp), nil
	}
	message, err := m.tables.editedMessage(ctx, target)
	if err != nil {
		return nil, err
	}
	if message != "" {
		return asUpdate(m.receiveEditRedaction(ctx, s, r, e, message))
	}
	return &adapters.Deletion{Ref: adapters.Ref{Room: r.stableID, ID: adapters.MessageID(target)}, At: time.UnixMilli(e.Timestamp).UTC()}, nil
}

// noteEdit stores which message an edit is about: once the edit is redacted, it no longer says so. editEvent stores the
// account's own edits.
func (m *Matrix) noteEdit(ctx context.Context, s *session, e *event.Event) error {
	meta := eventMetaOf(e)
	if meta.replaces == "" || meta.sender == s.me {
		return nil
	}
	return m.tables.putEdit(ctx, meta.id, meta.replaces)
}

// receiveEditRedaction converts the redaction of an edit to the whole message as it reads without that edit.
func (m *Matrix) receiveEditRedaction(ctx context.Context, s *session, r *room, e *event.Event, message id.EventID) (*adapters.Message, error) {
	first, err := m.getEvent(ctx, s, r.id, message)
	if calls.HasCode(err, "M_NOT_FOUND", "M_FORBIDDEN") {
		return nil, nil
	}
	if err != nil || first.Sender == s.me || redacted(first) {
		return nil, err
	}
	if first, err = m.decrypted(ctx, s, first); err != nil {
		return nil, calls.Errorf("an edit of %s was redacted, and its earlier text can't be decrypted: %w", message, err)
	}
	c, ok := messageContent(first)
	if !ok {
		return nil, nil
	}
	received, err := m.toMessage(ctx, s, r, first, c)
	if err != nil {
		return nil, err
	}
	newest, err := m.newestEdit(ctx, s, r, first, redactedID(e))
	if err != nil {
		return nil, err
	}
	if newest != nil {
		if err := m.noteEdit(ctx, s, newest); err != nil { // it may be redacted before it comes with a sync
			return nil, err
		}
		m.setContent(ctx, s, received, first, newest.Content.AsMessage().NewContent)
	}
	received.EditedAt = time.UnixMilli(max(e.Timestamp, first.Timestamp)).UTC()
	return received, nil
}

// newestEdit is the last readable edit of a message by its sender, except for gone; nil for none.
func (m *Matrix) newestEdit(ctx context.Context, s *session, r *room, first *event.Event, gone id.EventID) (newest *event.Event, err error) {
	for page, err := range m.relations(ctx, s, r, first.ID, event.RelReplace) {
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			if e.Sender != first.Sender || e.ID == gone || redacted(e) {
				continue
			}
			plain, err := m.decrypted(ctx, s, e)
			if err != nil || plain.Content.AsMessage().NewContent == nil {
				continue
			}
			if newest == nil || compareEvents(newest, plain) < 0 {
				newest = plain
			}
		}
	}
	return newest, nil
}

// redactedID is the event that a redaction redacts. Newer rooms have it in the content.
func redactedID(e *event.Event) id.EventID {
	if target := e.Content.AsRedaction().Redacts; target != "" {
		return target
	}
	return e.Redacts
}
