package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// handleClosed keeps a post that was refused because of the state of its room or workspace. A step closes the room at
// once; so does the second of other posts in a row, because one alone may be refused for itself, for a reason that the
// adapter doesn't know: that one is tried again later. Of a closed room, one post at a time is tried now and then, and
// at once after a RoomOpened.
func (s *sender) handleClosed(ctx context.Context, p store.Post, refusal *adapters.ClosedError) (next time.Time, ignoreWake bool, err error) {
	now := s.clock.Now()
	s.observe(Event{Kind: PostDelayed, Workspace: s.ws.Name, Detail: string(p.Kind)})
	if p.Message == "" && p.TriedText == "" && p.Kind != store.KindReaction {
		// It was tried for the first time, so it certainly isn't there.
		if err := s.db.MarkNotPosted(ctx, p); err != nil {
			return next, false, err
		}
	}
	first := s.refused == "" || s.refused == p.Key
	s.refused = p.Key
	if s.closed == nil && p.Lane == store.RelayLane && (first || p.Message != "" || p.Kind == store.KindReaction) {
		s.log.Warn("post refused, trying again later", "key", p.Key, "error", refusal)
		return now, false, s.db.DeferPost(ctx, p, now.Add(maxDefer))
	}
	if s.closed == nil {
		s.log.Error("the room takes no posts; keeping them", "error", refusal)
		if err := s.notifyRoom(ctx, "closed", p, fmt.Sprintf("⚠️ I can’t post in %s: %s. I’m keeping everything for that room, and I’ll post it as soon as I can.",
			s.title(), questions.EscapeLine(refusal.Reason()))); err != nil {
			return next, false, err
		}
	}
	s.closed = refusal
	s.ws.health.setClosed(s.room.ConfiguredAs, refusal)
	return now.Add(s.backoff.next(0)), true, nil
}

// reopen goes on in a room that was closed until a post succeeded. What was said there meanwhile is read.
func (s *sender) reopen(ctx context.Context, p store.Post) error {
	if s.closed == nil {
		return nil
	}
	s.closed = nil
	s.ws.health.setClosed(s.room.ConfiguredAs, nil)
	s.log.Info("the room takes posts again")
	s.ws.gaps.send()
	return s.notifyRoom(ctx, "opened", p, fmt.Sprintf("✅ I can post in %s again, and I’m catching up there.", s.title()))
}

// title is what hosts call the room.
func (s *sender) title() string { return questions.EscapeLine(s.ws.Name + " " + s.room.Name) }

// notifyRoom tells the hosts of a post's chat what has happened to its room. The time of the last step that was
// posted there makes it one message for each question, also after a restart.
func (s *sender) notifyRoom(ctx context.Context, what string, p store.Post, text string) error {
	c, ok, err := s.db.Chat(ctx, p.Chat)
	if err != nil || !ok {
		return err
	}
	last, err := s.db.LastStepPosted(ctx, s.room.Ref())
	if err != nil {
		return err
	}
	now := s.clock.Now()
	return s.notifyHosts(ctx, c, store.Ephemeral{Key: fmt.Sprintf("%s/%s/%s/%d", what, s.ws.Name, s.room.ID, last.UnixMilli()), Text: text, Due: now, Expires: now.Add(replyTTL)})
}

// closedRooms says which rooms of a chat are not joined or take no posts, one to a line; "" for none.
func (b *Bot) closedRooms(c questions.Chat) string {
	var out strings.Builder
	for _, s := range b.Status() {
		for _, r := range s.Rooms {
			if r.Err != nil && !s.Standby && includesRoom(c, store.Room{Workspace: s.Workspace, Name: r.Name}) {
				reason := r.Err.Error()
				if closed, ok := errors.AsType[*adapters.ClosedError](r.Err); ok {
					reason = closed.Reason()
				}
				fmt.Fprintf(&out, "\n\n⚠️ I can’t post in %s: %s.", questions.EscapeLine(s.Workspace+" "+r.Name), questions.EscapeLine(reason))
			}
		}
	}
	return out.String()
}
