package main

import (
	"log/slog"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack"
	"github.com/ukmedlibs/catchword/bot"
)

// connect makes the workspaces' adapters. They connect to nothing before they are run.
func connect(workspaces []workspaceConfig, log *slog.Logger) (connected []bot.Workspace) {
	for _, w := range workspaces {
		connected = append(connected, bot.Workspace{
			Name: w.name, Adapter: w.adapter(log.With("workspace", w.name)), Rooms: w.rooms, Hosts: w.hosts,
		})
	}
	return connected
}

// adapter is where platforms are chosen: a new one has its case here.
func (w workspaceConfig) adapter(log *slog.Logger) adapters.Adapter {
	switch {
	case w.slack != nil:
		return slack.New(slack.Config{
			Name: w.name, BotToken: w.slack.botToken, AppToken: w.slack.appToken, APIURL: w.slack.apiURL,
			Connections: w.slack.connections, Apps: w.slack.apps, Log: log,
		})
	default:
		panic("workspace " + w.name + " has no platform")
	}
}
