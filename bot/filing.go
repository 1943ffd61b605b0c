package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// observeFiled reports a filed answer once it is stored.
func (b *Bot) observeFiled(ctx context.Context, a store.Answer) {
	b.db.AfterCommit(ctx, func() { b.observe(Event{Kind: AnswerFiled, Workspace: a.Workspace, Detail: string(a.MatchedBy)}) })
}

// file finds where an answer belongs: by its thread, else by its tag, else by the hashtag, else, in a room used for the
// chat alone, by what is live. It returns false if the answer belongs to no chat, as far as is known.
func (b *Bot) file(ctx context.Context, a *store.Answer) (bool, error) {
	if a.Thread != "" {
		if known, filed, err := b.fileByThread(ctx, a); known || err != nil {
			return filed, err
		}
	}
	live, ok, err := b.livePost(ctx, *a)
	if err != nil || !ok {
		return false, err
	}
	hashtag, err := b.db.Hashtag(ctx, live.Chat)
	if err != nil {
		return false, err
	}
	room, _, err := b.db.Room(ctx, a.RoomRef)
	if err != nil {
		return false, err
	}
	doubt, err := b.db.InDoubt(ctx, a.RoomRef, a.At)
	if err != nil {
		return false, err
	}
	over, tagged := live.Kind == questions.KindClosing, questions.HasHashtag(a.Text, hashtag)
	a.Chat, a.Step = live.Chat, questions.OriginalStep(live.Step)
	if live.Kind == questions.KindWelcome {
		a.Step = string(questions.Introductions)
	}
	switch n, ok, err := b.taggedQuestion(ctx, *a, hashtag); {
	case err != nil:
		return false, err
	case ok && (tagged || !over):
		a.Step, a.MatchedBy = string(questions.QuestionSection(n)), questions.ByTag
	case doubt:
		return false, nil // the step in doubt may be the live one
	case tagged:
		a.MatchedBy = questions.ByHashtag
	case room.Own && !over && a.Thread == "":
		a.MatchedBy = questions.ByLive
	default:
		return false, nil
	}
	return b.markLate(ctx, a)
}

// livePost is the step that was live where and when a message was sent. If the message has the hashtag of another chat
// than the one that is live, and that chat still takes late answers, it is that chat's.
func (b *Bot) livePost(ctx context.Context, a store.Answer) (live store.Post, ok bool, err error) {
	live, ok, err = b.db.LivePost(ctx, a.RoomRef, a.At)
	if err != nil || !ok || !strings.ContainsAny(a.Text, "#＃") {
		return live, ok, err
	}
	chats, err := b.db.ChatsEndingAfter(ctx, a.At.Add(-b.opts.Grace-questions.MaxOverrun))
	if err != nil {
		return live, false, err
	}
	if slices.ContainsFunc(chats, func(c questions.Chat) bool { return c.Slug == live.Chat && questions.HasHashtag(a.Text, c.Hashtag) }) {
		return live, true, nil
	}
	for _, c := range chats {
		if c.Slug == live.Chat || !questions.HasHashtag(a.Text, c.Hashtag) {
			continue
		}
		if other, ok, err := b.db.LivePostOf(ctx, c.Slug, a.RoomRef, a.At); err != nil || ok {
			return other, ok, err
		}
	}
	return live, true, nil
}

// fileByThread files a reply to a post, to a copy of an answer, or to an answer. It is known that the thread is a
// chat's, even if the chat takes no more answers: then nothing else in the message files it elsewhere.
func (b *Bot) fileByThread(ctx context.Context, a *store.Answer) (known, filed bool, err error) {
	root := adapters.Ref{Room: a.Room, ID: a.Thread}
	source := store.AnswerKey(a.Workspace, root)
	post, ok, err := b.db.PostByMessage(ctx, a.Workspace, root)
	if err != nil {
		return false, false, err
	}
	if ok && post.Source == "" {
		a.Chat, a.Step, a.MatchedBy = post.Chat, questions.OriginalStep(post.Step), questions.ByThread
		filed, err = b.markLate(ctx, a)
		return true, filed, err
	}
	if ok {
		source = post.Source
	}
	parent, ok, err := b.db.Answer(ctx, source)
	if err != nil || !ok || parent.Chat == "" {
		return false, false, err
	}
	a.Chat, a.Step, a.MatchedBy, a.ReplyTo = parent.Chat, parent.Step, questions.ByThread, parent.Key()
	filed, err = b.markLate(ctx, a)
	return true, filed, err
}

// taggedQuestion reads the tag at the start of an answer. It counts only if the chat has that question.
func (b *Bot) taggedQuestion(ctx context.Context, a store.Answer, hashtag string) (n int, ok bool, err error) {
	n, _, ok = questions.ParseTag(a.Text, hashtag)
	if !ok {
		return 0, false, nil
	}
	_, ok, err = b.db.Post(ctx, store.StepKey(a.Chat, string(questions.QuestionSection(n)), a.RoomRef))
	return n, ok, err
}

// markLate marks an answer after the closing as late, and refuses one after the grace period.
func (b *Bot) markLate(ctx context.Context, a *store.Answer) (bool, error) {
	a.Section = questions.StepSection(a.Step)
	closing, ok, err := b.db.Post(ctx, store.StepKey(a.Chat, "closing", a.RoomRef))
	if err != nil || !ok {
		return ok, err
	}
	end := closing.Posted
	if end.IsZero() {
		end = closing.Due
	}
	a.Late = a.At.After(end) && (closing.Message != "" || closing.FailReason != "")
	return !a.At.After(end.Add(b.opts.Grace)), nil
}

// fileWaiting files the answers that waited for a post in doubt, and deletes those that belong to no chat.
func (b *Bot) fileWaiting(ctx context.Context, t store.RoomRef) error {
	return b.db.Transact(ctx, func(ctx context.Context) error {
		waiting, err := b.db.UnfiledAnswers(ctx, t)
		if err != nil {
			return err
		}
		for _, a := range waiting {
			filed, err := b.file(ctx, &a)
			if err != nil {
				return err
			}
			if filed {
				if err := b.db.FileAnswer(ctx, a); err != nil {
					return err
				}
				b.observeFiled(ctx, a)
				if err := b.relay(ctx, a); err != nil {
					return err
				}
				continue
			}
			if doubt, err := b.db.InDoubt(ctx, t, a.At); err != nil {
				return err
			} else if !doubt {
				if err := b.db.DeleteUnfiled(ctx, a.Key()); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
