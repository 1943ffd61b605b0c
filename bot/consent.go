package bot

import (
	"context"
	"crypto/rand"
	"slices"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// optOutEmoji is how people leave out a message of their own.
const optOutEmoji = "🚫"

// handlePersonal carries out what somebody decides about themselves, however late it arrives. Their latest choice, by
// the platform's clock, wins.
func (b *Bot) handlePersonal(ctx context.Context, r request, o command) error {
	var changed bool
	var err error
	var reply string
	switch o.name {
	case cmdOptOut:
		reply = "You have opted out in this workspace: your messages are no longer shared or archived, and I’m removing the copies that were. " +
			"To come back, send `optin`. The people who run the chat can also erase what is stored: just ask them."
		if changed, err = b.db.OptOut(ctx, r.ws.Name, r.user.ID, r.at); changed {
			err = b.optOut(ctx, r)
		}
	case cmdOptIn:
		reply = "You’re back in: what you post in a chat is shared and archived again. What you posted while you were out stays out."
		if changed, err = b.db.OptIn(ctx, r.ws.Name, r.user.ID, r.at); changed {
			err = b.optIn(ctx, r)
		}
	case cmdPseudonym:
		reply, changed, err = b.setPseudonym(ctx, r, o.text)
	}
	if err != nil || r.now.Sub(r.at) > maxReplyAge {
		return err
	}
	if changed {
		b.log.Info("participant's choice stored", "workspace", r.ws.Name, "what", o.name)
	}
	return b.reply(ctx, r, reply)
}

// applyConsent gives an answer the name that its author chose, and tells whether they had opted out when they wrote it.
func (b *Bot) applyConsent(ctx context.Context, a *store.Answer) (optedOut bool, err error) {
	if optedOut, err = b.db.WasOptedOut(ctx, a.Workspace, a.Author.ID, a.At); err != nil || optedOut {
		return optedOut, err
	}
	p, err := b.db.Pseudonym(ctx, a.Workspace, a.Author.ID)
	if p.Name != "" {
		a.Author = adapters.User{ID: a.Author.ID, Name: p.Name}
	}
	return false, err
}

// optOut withdraws somebody's answers and reactions. Their words stay in the store, in case they opt in again.
func (b *Bot) optOut(ctx context.Context, r request) error {
	answers, err := b.db.AnswersBy(ctx, r.ws.Name, r.user.ID)
	if err != nil {
		return err
	}
	for _, a := range answers {
		if a.Chat == "" {
			err = b.db.DeleteUnfiled(ctx, a.Key())
		} else if err = b.db.SetOptedOut(ctx, a.Key(), true); err == nil {
			a.OptedOut = true
			err = b.syncCopies(ctx, a)
		}
		if err != nil {
			return err
		}
	}
	if err := b.removeReactions(ctx, r.ws.Name, r.user.ID, nil); err != nil {
		return err
	}
	chats, err := b.db.RemoveCredit(ctx, r.ws.Name, r.user.ID)
	return b.replanAll(ctx, chats, err)
}

// removeReactions removes somebody's reactions, or those that which selects.
func (b *Bot) removeReactions(ctx context.Context, workspace string, who adapters.UserID, which func(store.UserReaction) bool) error {
	reactions, err := b.db.ReactionsBy(ctx, workspace, who)
	if err != nil {
		return err
	}
	for _, on := range reactions {
		if on.Emoji == optOutEmoji || which != nil && !which(on) {
			continue // the emoji is a choice, which is not relayed
		}
		if _, err := b.db.SetReaction(ctx, on.Answer, on.Emoji, on.SeenIn, who, false); err != nil {
			return err
		}
		a, ok, err := b.db.Answer(ctx, on.Answer)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := b.relayReaction(ctx, a, on.Emoji); err != nil {
			return err
		}
		if err := b.db.MarkChanged(ctx, a.Chat); err != nil {
			return err
		}
	}
	return nil
}

// optIn relays again what somebody posted before they opted out.
func (b *Bot) optIn(ctx context.Context, r request) error {
	answers, err := b.db.AnswersBy(ctx, r.ws.Name, r.user.ID)
	if err != nil {
		return err
	}
	for _, a := range answers {
		if err := b.db.SetOptedOut(ctx, a.Key(), false); err != nil {
			return err
		}
		a.OptedOut = false
		if err := b.syncCopies(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// setPseudonym gives somebody another name in all their answers, past and future; "" gives them back their own.
func (b *Bot) setPseudonym(ctx context.Context, r request, name string) (reply string, changed bool, err error) {
	reply = "You now appear as " + questions.EscapeLine(name) + " in the other rooms and in the archive, in earlier messages too. To use your own name again, send `pseudonym off`."
	p := store.Pseudonym{Name: name}
	author := adapters.User{ID: r.user.ID, Name: name}
	if name == "" {
		reply, author = "Your own name is shown again.", r.user
	} else {
		taken, err := b.takenName(ctx, r, name)
		if err != nil {
			return "", false, err
		}
		if taken {
			return "That name is somebody else’s, or looks like it. Please choose another, and send `pseudonym NAME`.", false, nil
		}
		// Random, so that nobody can look it up by the user's ID.
		p.Alias = "pseudonym-" + rand.Text()
	}
	if changed, err = b.db.SetPseudonym(ctx, r.ws.Name, r.user.ID, p, r.at); err != nil || !changed {
		return reply, false, err
	}
	answers, err := b.db.AnswersBy(ctx, r.ws.Name, r.user.ID)
	if err != nil {
		return reply, true, err
	}
	for _, a := range answers {
		if err := b.db.RenameAuthor(ctx, a.Key(), author.Name, author.Picture); err != nil {
			return reply, true, err
		}
		a.Author = author
		if err := b.syncCopies(ctx, a); err != nil {
			return reply, true, err
		}
	}
	chats, err := b.db.RenameCredit(ctx, r.ws.Name, r.user.ID, author.Name)
	return reply, true, b.replanAll(ctx, chats, err)
}

// syncCopies makes the copies of an answer follow its author's choice: they are deleted and, unless the answer is left
// out, relayed again, because neither a name nor a deleted message can be edited.
func (b *Bot) syncCopies(ctx context.Context, a store.Answer) error {
	if a.Chat == "" {
		return nil
	}
	if a.Excluded() {
		if err := b.db.RewordCopies(ctx, a.Key(), ""); err != nil {
			return err
		}
		return b.db.MarkChanged(ctx, a.Chat)
	}
	if err := b.db.ReissueCopies(ctx, a.Key()); err != nil {
		return err
	}
	if err := b.relay(ctx, a); err != nil {
		return err
	}
	emoji, err := b.db.EmojiOn(ctx, a.Key())
	if err != nil {
		return err
	}
	for _, e := range emoji {
		if err := b.relayReaction(ctx, a, e); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bot) replanAll(ctx context.Context, chats []string, err error) error {
	for _, slug := range chats {
		if err == nil {
			err = b.replan(ctx, slug)
		}
		if err == nil {
			err = b.db.MarkChanged(ctx, slug)
		}
	}
	return err
}

// withhold leaves out one answer when its author reacts to it with 🚫, or brings it back.
func (b *Bot) withhold(ctx context.Context, a store.Answer, on bool) error {
	if err := b.db.SetWithheld(ctx, a.Key(), on); err != nil {
		return err
	}
	a.Withheld = on
	return b.syncCopies(ctx, a)
}

// greet tells somebody who joins a room during a chat, once, which question is live, and that the chat is recorded.
func (b *Bot) greet(ctx context.Context, ws *workspace, a *adapters.MemberJoined) error {
	now := b.clock.Now()
	if now.Sub(a.At) > maxCommandAge {
		return nil
	}
	all, err := b.currentChats(ctx, request{ws: ws, room: a.Room, now: now}, "")
	if err != nil || len(all) == 0 {
		return err
	}
	h := all[0]
	if !h.table.started() || h.table.over() {
		return nil
	}
	here := slices.ContainsFunc(h.posts, func(p store.Post) bool { return p.RoomRef == store.RoomRef{Workspace: ws.Name, Room: a.Room} })
	if !here {
		return nil
	}
	where, err := b.whereInRoom(ctx, h, store.RoomRef{Workspace: ws.Name, Room: a.Room}, now)
	if err != nil {
		return err
	}
	return b.db.AddEphemeral(ctx, store.Ephemeral{
		Key: "arrival/" + h.Slug + "/" + ws.Name + "/" + string(a.User.ID), RoomRef: store.RoomRef{Workspace: ws.Name, Room: a.Room}, Recipient: a.User.ID,
		Text: "👋 Welcome to **" + questions.EscapeLine(h.Title) + "**. " + where + "\n\n" + h.RecordingNotice(), Due: now, Expires: now.Add(replyTTL),
	})
}
