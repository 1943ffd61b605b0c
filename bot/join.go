package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/ukmedlibs/catchword/bot/store"
)

// runWorkspace receives from a workspace and posts in each of its rooms until ctx is done. It calls onEnd when the
// adapter has failed for good, which is the error that it returns.
func (b *Bot) runWorkspace(ctx context.Context, ws *workspace, onEnd func()) (err error) {
	ws.health.setReceiving(true, nil)
	if err := b.retireRooms(ctx, ws); err != nil && ctx.Err() == nil {
		b.log.Error("cannot retire rooms", "workspace", ws.Name, "error", err)
	}
	var all sync.WaitGroup
	for _, room := range ws.Rooms {
		all.Go(func() { b.joinRoom(ctx, ws, room) })
	}
	all.Go(func() { b.runEphemeral(ctx, ws) })
	all.Go(func() {
		failure := ws.Adapter.Run(ctx, b.receiver(ws))
		ws.health.setReceiving(false, failure)
		if failure != nil && ctx.Err() == nil {
			b.log.Error("workspace failed", "workspace", ws.Name, "error", failure)
			err = fmt.Errorf("workspace %s: %w", ws.Name, failure)
			onEnd()
		}
	})
	all.Wait()
	return err
}

// retire deactivates the stored rooms of workspaces that no process runs, so that nothing is queued for them.
func (b *Bot) retire(ctx context.Context) error {
	return b.retireIf(ctx, func(r store.Room) (bool, error) {
		if slices.ContainsFunc(b.workspaces, func(ws *workspace) bool { return ws.Name == r.Workspace }) {
			return false, nil
		}
		return b.db.LeaseFree(ctx, r.Workspace)
	})
}

// retireRooms deactivates the rooms of a workspace that are no longer configured.
func (b *Bot) retireRooms(ctx context.Context, ws *workspace) error {
	return b.retireIf(ctx, func(r store.Room) (bool, error) {
		return r.Workspace == ws.Name && !slices.ContainsFunc(ws.Rooms, func(c RoomConfig) bool { return c.Name == r.ConfiguredAs }), nil
	})
}

func (b *Bot) retireIf(ctx context.Context, unused func(store.Room) (bool, error)) error {
	rooms, err := b.db.Rooms(ctx)
	if err != nil {
		return err
	}
	for _, r := range rooms {
		retire, err := unused(r)
		if err == nil && retire {
			err = b.db.DeactivateRoom(ctx, r.Ref())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// joinRoom joins one room, as soon as that is possible, and posts there until ctx is done. Somebody may invite the bot
// at any time.
func (b *Bot) joinRoom(ctx context.Context, ws *workspace, config RoomConfig) {
	log := b.log.With("workspace", ws.Name, "room", config.Name)
	logged := ""
	for delay := (backoff{}); ctx.Err() == nil; {
		opened := ws.opened.wake()
		joined, err := ws.Adapter.Join(ctx, config.Name)
		if err == nil {
			r := store.Room{Workspace: ws.Name, ID: joined.ID, Name: joined.Name, ConfiguredAs: config.Name, Own: config.Dedicated}
			err = b.addRoom(ctx, r)
			ws.health.setJoined(config.Name, err)
			if err == nil {
				log.Info("joined")
				s := &sender{Bot: b, ws: ws, room: r, pace: joined.MinInterval, log: log}
				b.findEarlierPosts(ctx, s)
				var both sync.WaitGroup
				both.Go(func() { b.runBackfill(ctx, s) })
				b.runSender(ctx, s)
				both.Wait()
				return
			}
		}
		if ctx.Err() != nil {
			return
		}
		ws.health.setJoined(config.Name, err)
		if err.Error() != logged {
			log.Error("cannot join; trying again", "error", err)
			logged = err.Error()
		}
		b.wait(ctx, b.clock.Now().Add(delay.next(retryAfter(err))), opened, nil)
	}
}

// errStore marks errors of the store. They are worth a retry: somebody may free a full disk.
var errStore = errors.New("store")

// addRoom stores a joined room, and plans in it every chat that is not over.
func (b *Bot) addRoom(ctx context.Context, r store.Room) error {
	err := b.db.Transact(ctx, func(ctx context.Context) error {
		if err := b.db.SaveRoom(ctx, r); err != nil {
			return err
		}
		chats, err := b.db.Chats(ctx)
		if err != nil {
			return err
		}
		for _, c := range chats {
			if over, err := b.isOver(ctx, c); over || err != nil {
				if err != nil {
					return err
				}
				continue
			}
			if err := b.plan(ctx, c, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%w: add room %v: %w", errStore, r.Ref(), err)
	}
	return nil
}
