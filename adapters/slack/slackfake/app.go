package slackfake

// An App posts to a workspace. It is ours or another one.
type App struct {
	w                        *Workspace
	name, appID, botID, user string
	profile                  obj
}

// ownApp is our own app.
func (w *Workspace) ownApp() *App {
	return &App{w: w, name: w.options.BotName, appID: w.appID, botID: w.botID, user: w.botUser, profile: w.botProfile()}
}

// OtherApp is another app that has this name; it is made when it is named first.
func (w *Workspace) OtherApp(name string) *App {
	defer w.lockForRead()()
	for _, a := range w.apps {
		if a.name == name {
			return a
		}
	}
	a := &App{w: w, name: name, appID: w.server.id("A"), botID: w.server.id("B"), user: w.server.id("U")}
	a.profile = obj{"id": a.botID, "deleted": false, "name": name, "updated": 1755000000, "app_id": a.appID, "user_id": a.user, "icons": obj{}, "team_id": w.teamID}
	w.apps = append(w.apps, a)
	return a
}

// BotID is B….
func (a *App) BotID() string { return a.botID }

// User is U….
func (a *App) User() string { return a.user }

// Join has somebody add the app to a channel.
func (a *App) Join(channel string) {
	defer a.w.lockForWrite()()
	a.w.addMember(a.w.mustChannel(channel), a.user)
}

// Say sends a message as the app's own user, in the thread of root, or at the top level if root is "".
func (a *App) Say(channel, root, text string) (ts string) {
	return a.post(channel, &message{thread: root, user: a.user, text: normalise(text)})
}

// SayAs sends a message under a name, which makes it a bot_message without a user.
func (a *App) SayAs(channel, root, username, text string) (ts string) {
	return a.post(channel, &message{thread: root, subtype: "bot_message", username: username, text: normalise(text)})
}

func (a *App) post(name string, m *message) string {
	defer a.w.lockForWrite()()
	c := a.w.mustChannel(name)
	if !c.isMember(a.user) {
		c.members = append(c.members, a.user)
	}
	m.bot = a
	m.blocks, m.autoBlocks = richBlocks(a.w.server, m.text), true
	a.w.addMessage(c, m)
	return m.ts
}
