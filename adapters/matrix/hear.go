package matrix

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mau.fi/util/variationselector"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix/html"
)

// keyField is where a post carries its key in its event's content. Everybody in the room can see it.
const keyField = "dev.catchword.key"

// decrypted is an event in plain, whether it was encrypted or not.
func (m *Matrix) decrypted(ctx context.Context, s *session, e *event.Event) (*event.Event, error) {
	parse(e)
	if e.Type.Type != event.EventEncrypted.Type || redacted(e) {
		return e, nil
	}
	if e.Content.Parsed == nil {
		return nil, errors.New("the event is encrypted in no way that is known")
	}
	plain, err := s.keys.decrypt(ctx, e)
	if err == nil {
		plain.Content.Parsed = nil // may be half of what the event says, where the library could not read the rest
		parse(plain)
	}
	return plain, err
}

// redacted tells whether nothing is left of an event but that it was there.
func redacted(e *event.Event) bool {
	return e.Unsigned.RedactedBecause != nil || len(e.Content.Raw) == 0
}

// understand makes an event what the bot hears, or nil if it is to be ignored. It may be repeated.
func (m *Matrix) understand(ctx context.Context, s *session, e *event.Event) (adapters.Update, error) {
	if e.Sender == s.me || redacted(e) {
		return nil, nil
	}
	m.mu.Lock()
	r, private := m.rooms[e.RoomID], m.directs[e.RoomID]
	m.mu.Unlock()
	if r == nil {
		switch {
		case private != "" && e.Type.Type == event.EventMessage.Type:
			return m.hearCommand(ctx, s, e)
		case private != "" && e.Type.Type == event.EventRedaction.Type && redacts(e) != "":
			return &adapters.Deletion{Ref: adapters.Ref{ID: adapters.MessageID(redacts(e))}, At: time.UnixMilli(e.Timestamp).UTC()}, nil
		}
		return nil, nil
	}
	switch e.Type.Type {
	case event.EventReaction.Type:
		return m.hearReaction(ctx, r, e)
	case event.EventRedaction.Type:
		return m.hearRedaction(ctx, s, r, e)
	}
	c, ok := said(e)
	switch {
	case !ok || !talk(e, c):
		return nil, nil
	case c.RelatesTo.GetReplaceID() != "":
		return m.hearEdit(ctx, s, r, e, c)
	default:
		return known(m.message(ctx, s, r, e, c))
	}
}

// said is the content of a message. Of a poll it is what relates it to others alone.
func said(e *event.Event) (*event.MessageEventContent, bool) {
	switch c := e.Content.Parsed.(type) {
	case *event.MessageEventContent:
		return c, true
	case *event.PollStartEventContent:
		return &event.MessageEventContent{MsgType: event.MsgText, RelatesTo: c.RelatesTo}, true
	}
	return nil, false
}

// known keeps a nil message from being an update that isn't nil.
func known(m *adapters.Message, err error) (adapters.Update, error) {
	if m == nil || err != nil {
		return nil, err
	}
	return m, nil
}

// talk tells whether a message is one in which somebody says something. Notices are those of programs, which don't answer
// each other: https://spec.matrix.org/latest/client-server-api/#mnotice. What carries a key is a post of a catchword's.
func talk(e *event.Event, c *event.MessageEventContent) bool {
	return e.Content.Raw[keyField] == nil && c.MsgType != event.MsgNotice && c.MsgType != event.MsgVerificationRequest
}

// message makes an event what the bot hears.
func (m *Matrix) message(ctx context.Context, s *session, r *room, e *event.Event, c *event.MessageEventContent) (*adapters.Message, error) {
	thread, err := m.threadOf(ctx, s, e.RoomID, c.RelatesTo)
	if err != nil {
		return nil, err
	}
	heard := &adapters.Message{
		Ref:    adapters.Ref{Room: r.place, ID: adapters.MessageID(e.ID)},
		Thread: adapters.MessageID(thread),
		Author: m.user(ctx, s, e.RoomID, e.Sender),
		At:     time.UnixMilli(e.Timestamp).UTC(),
	}
	m.word(ctx, s, heard, e, c)
	return heard, nil
}

// word fills in what a message says.
func (m *Matrix) word(ctx context.Context, s *session, heard *adapters.Message, e *event.Event, c *event.MessageEventContent) {
	if file, ok := fileOf(e, c); ok {
		heard.Files = []adapters.File{file}
	}
	if poll, ok := e.Content.Parsed.(*event.PollStartEventContent); ok {
		heard.Text = html.PollToCommonMark(poll)
	} else if e.Type.Type != event.EventSticker.Type {
		heard.Text = html.ToCommonMark(c, c.RelatesTo.GetReplyTo() != "", m.naming(ctx, s, e.RoomID))
	}
	heard.Command, heard.ToBot = command(heard.Text, m.names(ctx, s, e.RoomID))
}

// hearEdit makes an edit the whole message that it gave new words. Nobody can edit what others have said: the homeserver
// lets them, and it is for whoever shows it to tell.
func (m *Matrix) hearEdit(ctx context.Context, s *session, r *room, e *event.Event, c *event.MessageEventContent) (adapters.Update, error) {
	first, err := m.brief(ctx, s, e.RoomID, c.RelatesTo.GetReplaceID())
	if refused(err, "M_NOT_FOUND", "M_FORBIDDEN") || c.NewContent == nil {
		return nil, nil
	}
	if err != nil || first.sender != e.Sender || first.redacted || first.replaces != "" {
		return nil, err
	}
	thread, err := m.threadOf(ctx, s, e.RoomID, &first.relates)
	if err != nil {
		return nil, err
	}
	heard := &adapters.Message{
		Ref:      adapters.Ref{Room: r.place, ID: adapters.MessageID(first.id)},
		Thread:   adapters.MessageID(thread),
		Author:   m.user(ctx, s, e.RoomID, e.Sender),
		At:       time.UnixMilli(first.at).UTC(),
		EditedAt: time.UnixMilli(max(e.Timestamp, first.at)).UTC(),
	}
	m.word(ctx, s, heard, e, c.NewContent)
	return heard, nil
}

// hearReaction remembers whose it was: whoever takes it off names its event alone.
func (m *Matrix) hearReaction(ctx context.Context, r *room, e *event.Event) (adapters.Update, error) {
	on, ok := reactionOf(e)
	if !ok {
		return nil, nil
	}
	if err := m.tables.putReaction(ctx, e.ID, on); err != nil {
		return nil, err
	}
	return on.update(r, m.original(on.message), true, e.Timestamp), nil
}

// reactionOf reads a reaction. Some keyboards add variation selectors to their emoji, and others don't.
func reactionOf(e *event.Event) (reaction, bool) {
	relates := e.Content.AsReaction().RelatesTo
	on := reaction{message: relates.GetAnnotationID(), user: e.Sender, emoji: emojiIn(relates.GetAnnotationKey())}
	return on, on.message != "" && on.emoji != ""
}

// emojiIn is an emoji as all platforms write it, and emojiOut as Matrix does:
// https://spec.matrix.org/latest/client-server-api/#annotating-events
func emojiIn(emoji string) string {
	return variationselector.FullyQualify(strings.Join(strings.Fields(emoji), " "))
}
func emojiOut(emoji string) string { return variationselector.Add(emoji) }

func (r reaction) update(in *room, message id.EventID, on bool, at int64) *adapters.Reaction {
	return &adapters.Reaction{
		Ref: adapters.Ref{Room: in.place, ID: adapters.MessageID(message)}, User: adapters.UserID(r.user), Emoji: r.emoji, Added: on,
		At: time.UnixMilli(at).UTC(),
	}
}

// hearRedaction tells the end of a message from that of a reaction, and from that of an edit.
func (m *Matrix) hearRedaction(ctx context.Context, s *session, r *room, e *event.Event) (adapters.Update, error) {
	target := redacts(e)
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
		return off.update(r, m.original(off.message), false, e.Timestamp), nil
	}
	message, err := m.tables.edited(ctx, target)
	if err != nil {
		return nil, err
	}
	if message != "" {
		return known(m.hearEditGone(ctx, s, r, e, message))
	}
	return &adapters.Deletion{Ref: adapters.Ref{Room: r.place, ID: adapters.MessageID(target)}, At: time.UnixMilli(e.Timestamp).UTC()}, nil
}

// noteEdit remembers which message an event edits, if it does: what is left of it when it is taken back doesn't tell. What the
// account has edited by itself is noted when it does so.
func (m *Matrix) noteEdit(ctx context.Context, s *session, e *event.Event) error {
	b := briefOf(e)
	if b.replaces == "" || b.sender == s.me {
		return nil
	}
	return m.tables.putEdit(ctx, b.id, b.replaces)
}

// hearEditGone makes the end of an edit the whole message as it reads without it: what was taken back must not stay anywhere.
func (m *Matrix) hearEditGone(ctx context.Context, s *session, r *room, e *event.Event, message id.EventID) (*adapters.Message, error) {
	first, err := m.event(ctx, s, r.id, message)
	if refused(err, "M_NOT_FOUND", "M_FORBIDDEN") {
		return nil, nil
	}
	if err != nil || first.Sender == s.me || redacted(first) {
		return nil, err
	}
	if first, err = m.decrypted(ctx, s, first); err != nil {
		return nil, fault{fmt.Errorf("an edit of %s was taken back, and what it read before can't be decrypted: %w", message, err)}
	}
	c, ok := said(first)
	if !ok {
		return nil, nil
	}
	heard, err := m.message(ctx, s, r, first, c)
	if err != nil {
		return nil, err
	}
	newest, err := m.newestEdit(ctx, s, r, first, redacts(e))
	if err != nil {
		return nil, err
	}
	if newest != nil {
		if err := m.noteEdit(ctx, s, newest); err != nil { // it may be taken back before a sync tells of it
			return nil, err
		}
		m.word(ctx, s, heard, first, newest.Content.AsMessage().NewContent)
	}
	heard.EditedAt = time.UnixMilli(max(e.Timestamp, first.Timestamp)).UTC()
	return heard, nil
}

// newestEdit is the last edit of a message that its sender has made and that can be read, without one that is gone; or nil.
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
			if newest == nil || earlier(newest, plain) < 0 {
				newest = plain
			}
		}
	}
	return newest, nil
}

// redacts is what a redaction takes back. Newer rooms say it in its content.
func redacts(e *event.Event) id.EventID {
	if target := e.Content.AsRedaction().Redacts; target != "" {
		return target
	}
	return e.Redacts
}
