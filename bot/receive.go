package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// receiver takes what an adapter receives, gaps included.
func (b *Bot) receiver(ws *workspace) adapters.Sink {
	sink := b.sink(ws)
	return func(ctx context.Context, u adapters.Update) error {
		if gap, ok := u.(*adapters.Gap); ok {
			if err := b.db.NoteGapStart(ctx, ws.Name, gap.Since); err != nil {
				return fmt.Errorf("note a gap: %w", err)
			}
			ws.gaps.send()
			return nil
		}
		if opened, ok := u.(*adapters.RoomOpened); ok {
			b.log.Debug("a room may be open", "workspace", ws.Name, "room", opened.Room)
			ws.opened.send()
			ws.gaps.send()
			return nil
		}
		return sink(ctx, u)
	}
}

// sink stores each update with all its consequences in one transaction, before the adapter may acknowledge it.
func (b *Bot) sink(ws *workspace) adapters.Sink {
	workspace := ws.Name
	return func(ctx context.Context, u adapters.Update) error {
		ws.names.note(u)
		b.learnNames(ctx, u)
		began := time.Now() // wall clock: this measures our own work
		err := b.db.Transact(ctx, func(ctx context.Context) error {
			switch u := u.(type) {
			case *adapters.Message:
				return b.receiveMessage(ctx, ws, u)
			case *adapters.Edit:
				return b.receiveEdit(ctx, ws, u)
			case *adapters.Deletion:
				return b.receiveDeletion(ctx, ws, u)
			case *adapters.FileDeleted:
				return b.receiveFileDeletion(ctx, workspace, u)
			case *adapters.UserRedacted:
				return b.receiveUserRedacted(ctx, ws, u)
			case *adapters.Reaction:
				return b.receiveReaction(ctx, workspace, u)
			case *adapters.Command:
				return b.receiveCommand(ctx, ws, u)
			case *adapters.MemberJoined:
				return b.greet(ctx, ws, u)
			case *adapters.RoomRenamed:
				return b.db.RenameRoom(ctx, store.RoomRef{Workspace: workspace, Room: u.Room}, u.Name)
			case *adapters.Undecrypted:
				return b.receiveUndecrypted(ctx, workspace, u)
			}
			return nil
		})
		if err != nil && ctx.Err() == nil {
			b.log.Error("cannot store update", "workspace", workspace, "error", err)
		}
		if err != nil {
			return fmt.Errorf("store update: %w", err)
		}
		b.observe(Event{Kind: UpdateStored, Workspace: workspace, Duration: time.Since(began)})
		b.broadcast.send()
		return nil
	}
}

// receiveUndecrypted counts a message that the bot can't decrypt, or no longer counts it.
func (b *Bot) receiveUndecrypted(ctx context.Context, workspace string, u *adapters.Undecrypted) error {
	t := store.RoomRef{Workspace: workspace, Room: u.Room}
	changed, err := b.db.NoteUndecrypted(ctx, t, u.ID, u.At, u.Resolved)
	if err != nil || !changed {
		return err
	}
	live, ok, err := b.db.LivePost(ctx, t, u.At)
	if err != nil || !ok {
		return err
	}
	return b.db.MarkChanged(ctx, live.Chat)
}

// receiveMessage carries out a message that is a command, and files any other that belongs to a chat. Nothing is stored
// of people who opted out.
func (b *Bot) receiveMessage(ctx context.Context, ws *workspace, m *adapters.Message) error {
	a := store.Answer{
		RoomRef: store.RoomRef{Workspace: ws.Name, Room: m.Room}, Message: m.ID, Thread: m.Thread,
		Author: m.Author, Text: m.Text, Files: m.Files, At: m.At, Edited: m.EditedAt,
	}
	known, isKnown, err := b.db.Answer(ctx, a.Key())
	if err != nil {
		return err
	}
	if _, _, understood := parseCommand(m.Command); isKnown && !(m.ToBot && understood && m.EditedAt.After(known.Edited)) {
		return b.editAnswer(ctx, known, m.Text, m.Files, m.EditedAt)
	}
	if _, ours, err := b.db.PostByMessage(ctx, ws.Name, m.Ref); err != nil || ours {
		return err
	}
	if m.Text == "" && len(m.Files) == 0 {
		return nil // it shows nothing
	}
	if isKnown { // a slip was taken as an answer, and is corrected to a command
		if err := b.removeAnswer(ctx, known); err != nil {
			return err
		}
	}
	r := request{ws: ws, id: commandID(m.Ref), room: m.Room, user: m.Author, at: m.At, now: b.clock.Now()}
	if isCommand, err := b.receiveRoomCommand(ctx, r, m); err != nil || isCommand {
		return err
	}
	if optedOut, err := b.applyConsent(ctx, &a); err != nil || optedOut {
		return err
	}
	filed, err := b.file(ctx, &a)
	if err != nil {
		return err
	}
	waits := false
	if !filed {
		if waits, err = b.db.InDoubt(ctx, a.RoomRef, a.At); err != nil {
			return err
		}
	}
	if m.ToBot {
		if err := b.explainMistake(ctx, r, m.Command, filed || waits); err != nil {
			return err
		}
	}
	switch {
	case filed:
		if _, err := b.db.AddAnswer(ctx, a); err != nil {
			return err
		}
		b.observeFiled(ctx, a)
		return b.relay(ctx, a)
	case waits:
		a.Chat = "" // until the post in doubt is found, or known not to be there
		_, err = b.db.AddAnswer(ctx, a)
	}
	return err
}

// receiveRoomCommand carries out a command that somebody gave in a room, and tells whether the message was one. Asking
// which question is live gets a reply, but isn't a command: the message may be an answer as well.
func (b *Bot) receiveRoomCommand(ctx context.Context, r request, m *adapters.Message) (isCommand bool, err error) {
	if !m.EditedAt.IsZero() {
		if err := b.editCommand(ctx, r.ws, r.id, m.Command); err != nil {
			return false, err
		}
	}
	if !m.ToBot {
		if asksWhere(m.Text) {
			err = b.answerWhere(ctx, r)
		}
		return false, err
	}
	c, _, understood := parseCommand(m.Command)
	if !understood {
		return false, nil
	}
	return true, b.handleCommand(ctx, r, c, true)
}

// explainMistake helps somebody who addressed the bot and wasn't understood, if they meant a command: its name is
// there, or the message belongs to no chat.
func (b *Bot) explainMistake(ctx context.Context, r request, text string, isAnswer bool) error {
	c, named, _ := parseCommand(text)
	if !named && isAnswer {
		return nil
	}
	return b.handleCommand(ctx, r, c, false)
}

// commandID is the ID of a command given in a message, in a room or a direct message.
func commandID(ref adapters.Ref) string {
	if ref.Room == "" {
		return "c/" + string(ref.ID)
	}
	return "m/" + string(ref.Room) + "/" + string(ref.ID)
}

// receiveEdit edits an answer and its copies, or what a command has posted.
func (b *Bot) receiveEdit(ctx context.Context, ws *workspace, e *adapters.Edit) error {
	known, ok, err := b.db.Answer(ctx, store.AnswerKey(ws.Name, e.Ref))
	if err != nil {
		return err
	}
	if !ok {
		return b.editCommand(ctx, ws, commandID(e.Ref), e.Text)
	}
	return b.editAnswer(ctx, known, e.Text, known.Files, e.At)
}

// receiveDeletion deletes an answer and its copies. A deletion that comes before its message leaves a tombstone, so
// that the message isn't filed when it arrives.
func (b *Bot) receiveDeletion(ctx context.Context, ws *workspace, d *adapters.Deletion) error {
	if err := b.editCommand(ctx, ws, commandID(d.Ref), ""); err != nil || d.Room == "" {
		return err
	}
	workspace := ws.Name
	at := d.At
	if at.IsZero() {
		at = b.clock.Now()
	}
	known, ok, err := b.db.Answer(ctx, store.AnswerKey(workspace, d.Ref))
	if err != nil || ok && !known.Deleted.IsZero() {
		return err
	}
	if ok {
		if err := b.db.TombstoneAnswer(ctx, known.Key(), at); err != nil || known.Chat == "" {
			return err
		}
		if err := b.db.RewordCopies(ctx, known.Key(), ""); err != nil {
			return err
		}
		return b.db.MarkChanged(ctx, known.Chat)
	}
	post, ours, err := b.db.PostByMessage(ctx, workspace, d.Ref)
	if err != nil {
		return err
	}
	if ours {
		return b.db.FailPost(ctx, post, store.Removed)
	}
	target := store.RoomRef{Workspace: workspace, Room: d.Room}
	live, ok, err := b.db.LivePost(ctx, target, at)
	if err != nil || !ok || live.Kind == questions.KindClosing {
		return err
	}
	_, err = b.db.AddAnswer(ctx, store.Answer{RoomRef: target, Message: d.ID, At: at, Deleted: at})
	return err
}

// receiveFileDeletion takes a deleted file out of the answers that it was attached to.
func (b *Bot) receiveFileDeletion(ctx context.Context, workspace string, d *adapters.FileDeleted) error {
	answers, err := b.db.AnswersWithFiles(ctx, workspace)
	isIt := func(f adapters.File) bool { return strings.Contains(f.URL, d.URLPart) }
	for _, a := range answers {
		if err == nil && slices.ContainsFunc(a.Files, isIt) {
			err = b.editAnswer(ctx, a, a.Text, slices.DeleteFunc(slices.Clone(a.Files), isIt), time.Time{})
		}
	}
	return err
}

// receiveUserRedacted takes back everything that somebody posted in a room.
func (b *Bot) receiveUserRedacted(ctx context.Context, ws *workspace, u *adapters.UserRedacted) error {
	answers, err := b.db.AnswersBy(ctx, ws.Name, u.User)
	if err != nil {
		return err
	}
	for _, a := range answers {
		if a.Room != u.Room || a.At.After(u.At) {
			continue
		}
		if err := b.receiveDeletion(ctx, ws, &adapters.Deletion{Ref: adapters.Ref{Room: a.Room, ID: a.Message}, At: u.At}); err != nil {
			return err
		}
	}
	return b.removeReactions(ctx, ws.Name, u.User, func(on store.UserReaction) bool { return on.SeenIn.Room == u.Room })
}

// receiveReaction counts a reaction on an answer or on any copy of it, and relays it to the others.
func (b *Bot) receiveReaction(ctx context.Context, workspace string, r *adapters.Reaction) error {
	seen := store.RoomRef{Workspace: workspace, Room: r.Room}
	key := store.AnswerKey(workspace, r.Ref)
	if post, ok, err := b.db.PostByMessage(ctx, workspace, r.Ref); err != nil {
		return err
	} else if ok {
		key = post.Source
	}
	a, ok, err := b.db.Answer(ctx, key)
	if err != nil || !ok || !a.Deleted.IsZero() {
		return err
	}
	own := r.Emoji == optOutEmoji && workspace == a.Workspace && r.User == a.Author.ID
	if a.Chat == "" && !own {
		return nil
	}
	if absent, err := b.db.WasOptedOut(ctx, workspace, r.User, r.At); err != nil || absent && r.Added && !own {
		return err
	}
	changed, err := b.db.SetReaction(ctx, key, r.Emoji, seen, r.User, r.Added)
	if err != nil || !changed {
		return err
	}
	if own {
		return b.withhold(ctx, a, r.Added)
	}
	if err := b.relayReaction(ctx, a, r.Emoji); err != nil {
		return err
	}
	return b.db.MarkChanged(ctx, a.Chat)
}
