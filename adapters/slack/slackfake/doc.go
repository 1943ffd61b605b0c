// Package slackfake is a fake Slack for tests: some workspaces, each with one internal app whose Web API and Socket
// Mode share one loopback port, with people who talk and faults that can be switched on at any time. It does what Slack
// is known to do, including what Slack is known to do wrong. Where Slack's behaviour is not documented, it does the
// less convenient thing. Its fidelity is checked with Slack's own Node packages (make slackfake-check).
//
//	slack := slackfake.New(t)                             // or NewServer(Options{…}) and Close
//	nhs := slack.AddWorkspace("nhs", slackfake.WorkspaceOptions{})
//	room := nhs.AddChannel("ukmedlibs", false)            // an ID: C…
//	amy := nhs.Person("Amy Adams")                        // in every channel that she talks in
//
// A client is given slack.APIURL() (it ends in "/api/"), nhs.BotToken() and nhs.AppToken(). The bot is in no channel
// until it joins one or is put there with nhs.Invite.
//
// People act with Say, Reply, Broadcast, SendDM, Edit, Delete, React, Unreact, Upload, SayMe, CopyPaste, Join, Leave,
// SetName, SetPicture, RunCommand, Click and Submit; other apps with nhs.OtherApp(name).Say and SayAs. Channels are
// named in all methods as "#name", "name" or by ID, and change with Rename, Archive, Unarchive, Invite and Kick. A
// method panics where the test that calls it is wrong.
//
// Messages, Posts, Pings, CallCount, CallLog, Ephemerals, SocketCount, Unacknowledged and Changed look at what is
// there.
//
// Fault sets the Faults of one workspace or of all. Sockets are ended by Cut (no close frame), Disconnect (as Slack
// announces it) and Silence (open, but dead). LoseEvents is a long absence. RevokeToken and Deactivate make tokens
// invalid.
//
// Guessed, because no source was found: that a ticket of apps.connections.open opens one socket only, that a late
// acknowledgement doesn't stop a retry, that each retry has an envelope of its own, what happens to replies under a
// reply, and where an event goes for which there is no socket: it waits for its next retry.
package slackfake
