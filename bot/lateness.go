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

const (
	// lateness is how late a step of a chat may be said without moving the rest.
	lateness = 2 * time.Minute
	// flood and floodFor pace the copies of one person's messages in a room: no more than flood of them in any floodFor.
	// The rest are due later, and nobody else's wait for them.
	flood    = 10
	floodFor = 10 * time.Second
)

// catchUp moves the steps of a chat that an outage kept from being said anywhere, and tells the hosts. moved is false
// if there is nothing to move: a step that one room has heard is merely late in the others.
func (b *Bot) catchUp(ctx context.Context, slug string) (moved bool, err error) {
	err = b.db.Do(ctx, func(ctx context.Context) error {
		c, ok, err := b.db.Chat(ctx, slug)
		if err != nil || !ok {
			return err
		}
		posts, err := b.db.Steps(ctx, slug)
		if err != nil {
			return err
		}
		missed, due := unsaid(posts)
		now := b.clock.Now()
		if len(missed) == 0 || now.Sub(due[0]) <= lateness {
			return nil
		}
		moved = true
		at, ok := questions.Resume(now, c.Ends, due)
		notice := fmt.Sprintf("⚠️ catchword was away when %s was due, and is back too late: what was not said yet will not be said. ", missed[0])
		if ok {
			notice = fmt.Sprintf("⚠️ catchword was away when %s was due at %s. It goes on with it now; the chat closes at %s.", missed[0],
				questions.TimeElement(due[0].In(c.Starts.Location()), "15:04"), questions.TimeElement(at[len(at)-1].In(c.Starts.Location()), "15:04 MST"))
		}
		for i, step := range missed {
			if ok {
				err = b.db.Move(ctx, slug, step, at[i])
			} else {
				err = b.db.GiveUp(ctx, slug, step)
			}
			if err != nil {
				return err
			}
		}
		b.log.Warn("chat moved by an outage", "chat", slug, "step", missed[0], "late", now.Sub(due[0]).Round(time.Second))
		return b.tellHosts(ctx, c, fmt.Sprintf("away-%d", now.UnixMilli()), notice)
	})
	b.bell.ring()
	return moved, err
}

// unsaid lists the chat's steps from the welcome on that no room has heard, and when each is due.
func unsaid(posts []store.Post) (steps []string, due []time.Time) {
	begun := map[string]bool{}
	for _, p := range posts {
		// A post in doubt may have been heard; one that failed will never be.
		begun[p.Step] = begun[p.Step] || p.Trying != "" || p.Message != ""
	}
	for _, p := range posts {
		if p.Kind != questions.Reminding && p.Kind != store.Numbers && p.Failed == "" && !begun[p.Step] && !slices.Contains(steps, p.Step) {
			steps, due = append(steps, p.Step), append(due, p.Due)
		}
	}
	return steps, due
}

// tellHosts whispers to the hosts of the chat and of its workspaces, each in one room of theirs.
func (b *Bot) tellHosts(ctx context.Context, c questions.Chat, name, text string) error {
	rooms, err := b.db.Rooms(ctx)
	if err != nil {
		return err
	}
	for _, ws := range b.workspaces {
		i := slices.IndexFunc(rooms, func(r store.Room) bool { return r.Workspace == ws.Name && wants(c, r) })
		if i < 0 {
			continue
		}
		hosts := slices.Clone(ws.Hosts)
		for _, h := range c.Hosts {
			if user, ok := strings.CutPrefix(h, ws.Name+"/"); ok {
				hosts = append(hosts, adapters.UserID(user))
			}
		}
		slices.Sort(hosts)
		now := b.clock.Now()
		for _, h := range slices.Compact(hosts) {
			t := rooms[i].Target()
			if err := b.db.Plan(ctx, store.Post{
				Key: store.StepKey(c.Slug, name, t) + ">" + string(h), Chat: c.Slug, Target: t, Step: name, Kind: store.Whisper,
				Lane: store.StepLane, Author: string(h), Planned: now, Due: now, Text: text,
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// paced is when a copy of an answer is due: at once, unless its author has been flooding the room.
func (b *Bot) paced(ctx context.Context, relay store.Post) (time.Time, error) {
	due := relay.Planned
	if now := b.clock.Now(); due.After(now) {
		due = now // the platform's clock is ahead of ours
	}
	earlier, ok, err := b.db.Recent(ctx, relay.Target, relay.Author, flood)
	if free := earlier.Add(floodFor); ok && free.After(due) {
		due = free
	}
	return due, err
}
