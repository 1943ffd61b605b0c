package main

import (
	"context"
	"log/slog"
	"slices"

	"go.mau.fi/util/dbutil"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix"
	"github.com/ukmedlibs/catchword/adapters/slack"
	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
)

// newWorkspaces makes the workspaces' adapters, which connect when they are run. They keep their own data in db, and
// must not be used after release.
func newWorkspaces(ctx context.Context, workspaces []workspaceConfig, db *store.DB, log *slog.Logger) (connected []bot.Workspace, release func() error, err error) {
	var shared *dbutil.Database
	release = func() error { return nil }
	if needsStore(workspaces) {
		if shared, err = db.OpenShared(ctx); err != nil {
			return nil, nil, err
		}
		release = shared.Close
	}
	for _, w := range workspaces {
		connected = append(connected, bot.Workspace{
			Name: w.name, Adapter: w.adapter(shared, log.With("workspace", w.name)), Rooms: w.rooms, Hosts: w.hosts,
		})
	}
	return connected, release, nil
}

// needsStore reports whether one of the adapters keeps data of its own.
func needsStore(workspaces []workspaceConfig) bool {
	return slices.ContainsFunc(workspaces, func(w workspaceConfig) bool { return w.matrix != nil })
}

// adapter makes the workspace's adapter. A new platform gets a case here.
func (w workspaceConfig) adapter(shared *dbutil.Database, log *slog.Logger) adapters.Adapter {
	switch {
	case w.slack != nil:
		return slack.New(slack.Config{
			Name: w.name, BotToken: w.slack.botToken, AppToken: w.slack.appToken, APIURL: w.slack.apiURL,
			Connections: w.slack.connections, Apps: w.slack.apps, Log: log,
		})
	case w.matrix != nil:
		c := matrix.Config{
			Name: w.name, Homeserver: w.matrix.homeserver, User: w.matrix.user, AccessToken: w.matrix.accessToken, Password: w.matrix.password,
			RecoveryKey: w.matrix.recoveryKey, NewDevice: w.matrix.newDevice, Database: shared, Log: log,
		}
		for _, r := range w.rooms {
			c.Rooms = append(c.Rooms, r.Name)
		}
		return matrix.New(c)
	default:
		panic("workspace " + w.name + " has no platform")
	}
}
