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
	// maxCommandAge is how old a command may be to be carried out. Later, the chat has moved on without it.
	maxCommandAge = time.Minute
	// maxReplyAge is how old a command may be to get a reply. The store remembers commands for longer, so that a
	// backfill never replies to one twice.
	maxReplyAge = time.Hour
	// dedupWindow is how soon after a host, or the timetable, did something the same command counts as meant for that.
	dedupWindow = 10 * time.Second
)

// A request is who gave a command, where and when.
type request struct {
	ws      *workspace
	id      string          // of the command, as its platform gives it
	room    adapters.RoomID // where it was given; "" for a direct message
	user    adapters.User
	at      time.Time // by the platform's clock
	now     time.Time
	key     string // of the command, in the store
	private bool   // nobody else can see it
}

func (r request) target() store.RoomRef { return store.RoomRef{Workspace: r.ws.Name, Room: r.room} }

// An outcome is the result of a command.
type outcome struct {
	reply string // for the person who gave it
	audit string // for the audit log; "" if nothing was done
}

// A chatState is a chat as it stands now.
type chatState struct {
	questions.Chat
	store.Adjustments
	posts []store.Post
	table timetable
}

func (b *Bot) loadState(ctx context.Context, c questions.Chat) (h chatState, err error) {
	h.Chat = c
	if h.Adjustments, err = b.db.Adjustments(ctx, c.Slug); err != nil {
		return h, err
	}
	h.posts, err = b.db.AgendaPosts(ctx, c.Slug)
	h.table = newTimetable(h.posts)
	return h, err
}

// receiveCommand carries out a command that only the bot received.
func (b *Bot) receiveCommand(ctx context.Context, ws *workspace, c *adapters.Command) error {
	r := request{ws: ws, id: "c/" + c.ID, room: c.Room, user: c.User, at: c.At, now: b.clock.Now(), private: true}
	if !c.EditedAt.IsZero() {
		if err := b.editCommand(ctx, ws, r.id, c.Text); err != nil {
			return err
		}
	}
	o, _, ok := parseCommand(c.Text)
	return b.handleCommand(ctx, r, o, ok)
}

// handleCommand carries out a command and replies, unless it did so before.
func (b *Bot) handleCommand(ctx context.Context, r request, o command, understood bool) error {
	id := r.id
	if !understood {
		id += "?" // an edit may yet make a command of it
	}
	key, fresh, err := b.db.AddCommand(ctx, r.ws.Name, id, r.now)
	if err != nil || !fresh {
		return err
	}
	r.key = key
	if understood && slices.Contains(personalCommands, o.name) {
		return b.handlePersonal(ctx, r, o)
	}
	if r.now.Sub(r.at) > maxReplyAge {
		return nil
	}
	all, err := b.currentChats(ctx, r, o.chat)
	if err != nil {
		return err
	}
	var h chatState
	if len(all) > 0 {
		h = all[0]
	}
	host := b.isHost(r.ws, h.Chat, r.user.ID) || slices.ContainsFunc(all, func(h chatState) bool { return b.isHost(r.ws, h.Chat, r.user.ID) })
	var d outcome
	switch {
	case slices.Contains(hostCommands, o.name) && !host:
		d.reply = hostsOnly
	case !understood && usage[o.name] != "":
		d.reply = "I’m not sure what you mean. " + usage[o.name]
	case !understood:
		d.reply = "I don’t know that command. " + helpText(host)
	case o.name == cmdHelp:
		d.reply = helpText(host)
	case len(all) == 0 && o.chat != "":
		d.reply = "I know no chat of that name in this workspace. To see which one is on, send `where`."
	case len(all) == 0:
		d.reply = "No chat is planned in this workspace yet. To see what I can do, send `help`."
	case o.name == cmdWhere:
		d.reply, err = b.whereAll(ctx, r, all)
	case len(all) > 1:
		d.reply = askWhichChat(all, o.name)
	case o.name == cmdStatus:
		d.audit = string(cmdStatus)
		d.reply, err = b.statusReply(ctx, h, r.now)
	case r.now.Sub(r.at) > maxCommandAge:
		d.reply, err = b.whereInRoom(ctx, h, r.target(), r.now)
		d.reply = fmt.Sprintf("I was offline when you sent `%s` at %s, so I didn’t do it. If you still want it, send `%s` again. %s", o.name, h.FormatClock(r.at), o.name, d.reply)
	default:
		d, err = b.dispatch(ctx, r, h, o)
	}
	if err != nil {
		return err
	}
	if d.audit != "" {
		if err := b.db.AddAuditEntry(ctx, key, store.AuditEntry{At: r.now, Chat: h.Slug, Workspace: r.ws.Name, Who: r.user.ID, Action: d.audit}); err != nil {
			return err
		}
		b.log.Info("command done", "chat", h.Slug, "workspace", r.ws.Name, "host", r.user.ID, "what", d.audit)
	}
	if o.name == cmdAnon {
		r.ws.unstoredReplies.add(store.Ephemeral{Key: "reply/" + key, RoomRef: r.target(), Recipient: r.user.ID, Text: d.reply})
		return nil
	}
	return b.reply(ctx, r, d.reply)
}

// answerWhere replies privately to somebody who asked a room which question is live.
func (b *Bot) answerWhere(ctx context.Context, r request) error {
	all, err := b.currentChats(ctx, r, "")
	if err != nil || len(all) == 0 {
		return err
	}
	if h := all[0]; !h.table.started() || h.table.over() || !slices.ContainsFunc(h.posts, func(p store.Post) bool { return p.RoomRef == r.target() }) {
		return nil
	}
	return b.handleCommand(ctx, r, command{name: cmdWhere}, true)
}

// dispatch carries out a host's command, or anybody's suggestion.
func (b *Bot) dispatch(ctx context.Context, r request, h chatState, o command) (outcome, error) {
	switch o.name {
	case cmdSuggest, cmdAnon:
		return b.suggest(ctx, r, h, o)
	case cmdAsk:
		return b.ask(ctx, r, h, o.text, store.Author{})
	case cmdSay:
		return b.announce(ctx, r, h, o)
	case cmdAccept, cmdDecline:
		return b.decide(ctx, r, h, o)
	}
	past, err := b.db.AuditLog(ctx, h.Slug)
	if err != nil {
		return outcome{}, err
	}
	past = slices.DeleteFunc(past, func(d store.AuditEntry) bool { return d.Action == string(cmdStatus) }) // it changed nothing
	if h.table.over() {
		return outcome{reply: "The chat is over, so there is nothing to " + string(o.name) + ". To post something in every room, send `say TEXT`."}, nil
	}
	if len(past) > 0 {
		last := past[0]
		other := last.Workspace != r.ws.Name || last.Who != r.user.ID
		if first, _, _ := strings.Cut(last.Action, " "); other && first == string(o.name) && r.now.Sub(last.At) < dedupWindow {
			return outcome{reply: "Another host has just done that. " + hostWhere(h, r.now)}, nil
		}
	}
	switch o.name {
	case cmdNext:
		return b.next(ctx, r, h, o, past)
	case cmdPause:
		return b.pause(ctx, r, h)
	case cmdResume:
		return b.resume(ctx, r, h)
	case cmdExtend:
		return b.extend(ctx, r, h, o)
	case cmdSkip:
		return b.skip(ctx, r, h, o)
	case cmdBack:
		return b.goBack(ctx, r, h)
	case cmdRepeat:
		return b.repeat(ctx, r, h)
	case cmdEnd:
		return b.end(ctx, r, h)
	}
	return outcome{}, fmt.Errorf("unknown command %q", o.name)
}

// reply replies to a command, where it was given.
func (b *Bot) reply(ctx context.Context, r request, text string) error {
	if text == "" {
		return nil
	}
	return b.db.AddEphemeral(ctx, store.Ephemeral{Key: "reply/" + r.key, RoomRef: r.target(), Recipient: r.user.ID, Text: text, Due: r.now, Expires: r.now.Add(replyTTL)})
}

// isHost tells whether somebody is a host of a chat.
func (b *Bot) isHost(ws *workspace, c questions.Chat, who adapters.UserID) bool {
	return slices.Contains(hostsIn(ws, c), who)
}

// hostsIn are the hosts of a chat in a workspace: the workspace's own, and those that the chat file names.
func hostsIn(ws *workspace, c questions.Chat) []adapters.UserID {
	all := append(slices.Clone(ws.Hosts), accountsIn(c.Hosts, ws)...)
	slices.Sort(all)
	return slices.Compact(all)
}

// leadersIn are the leaders of a chat in a workspace who aren't hosts.
func leadersIn(ws *workspace, c questions.Chat) []adapters.UserID {
	hosts := hostsIn(ws, c)
	return slices.DeleteFunc(accountsIn(c.LeaderAccounts, ws), func(who adapters.UserID) bool { return slices.Contains(hosts, who) })
}

// accountsIn are the users of a workspace among the accounts that a chat file names.
func accountsIn(places []string, ws *workspace) (users []adapters.UserID) {
	for _, place := range places {
		if user, ok := strings.CutPrefix(place, ws.Name+"/"); ok {
			users = append(users, adapters.UserID(user))
		}
	}
	return users
}

// whereAll is whereInRoom of several chats.
func (b *Bot) whereAll(ctx context.Context, r request, all []chatState) (string, error) {
	var parts []string
	for _, h := range all {
		where, err := b.whereInRoom(ctx, h, r.target(), r.now)
		if err != nil {
			return "", err
		}
		if len(all) > 1 {
			where = "**" + questions.EscapeLine(h.Title) + "**: " + where
		}
		parts = append(parts, where)
	}
	return strings.Join(parts, "\n\n"), nil
}

// askWhichChat asks which chat a command is about.
func askWhichChat(all []chatState, v commandName) string {
	var names []string
	for _, h := range all {
		name := h.Hashtag
		if same := slices.IndexFunc(all, func(o chatState) bool { return questions.SameHashtag(o.Hashtag, name) && o.Slug != h.Slug }); same >= 0 || name == "" {
			name = chatPrefix + h.Slug
		}
		names = append(names, fmt.Sprintf("- `%s %s`: %s", name, v, questions.EscapeLine(h.Title)))
	}
	return "More than one chat is running, so I haven’t done anything yet. Send the command in the room of the chat that you mean, or name the chat:\n\n" + strings.Join(names, "\n")
}

// currentChats are the chats that a command may be about: those that run where it was given, else the next one, else
// the last. It looks in the whole workspace if the command names a chat, or its room has none.
func (b *Bot) currentChats(ctx context.Context, r request, name string) (on []chatState, err error) {
	chats, err := b.db.ChatsEndingAfter(ctx, r.now.Add(-b.opts.Grace))
	if err != nil {
		return nil, err
	}
	rooms, err := b.db.Rooms(ctx)
	if err != nil {
		return nil, err
	}
	in := func(c questions.Chat, everywhere bool) bool {
		return slices.ContainsFunc(rooms, func(o store.Room) bool {
			return o.Workspace == r.ws.Name && (everywhere || o.ID == r.room) && includesRoom(c, o)
		})
	}
	chats = slices.DeleteFunc(chats, func(c questions.Chat) bool {
		return name != "" && c.Slug != name && !questions.SameHashtag(c.Hashtag, name)
	})
	everywhere := name != "" || !slices.ContainsFunc(chats, func(c questions.Chat) bool { return in(c, false) })
	var upcoming, last *chatState
	for _, c := range chats {
		if !in(c, everywhere) {
			continue
		}
		o, err := b.loadState(ctx, c)
		switch {
		case err != nil:
			return nil, err
		case o.table.over():
			last = &o
		case o.table.started():
			on = append(on, o)
		case upcoming == nil || o.Starts.Before(upcoming.Starts):
			upcoming = &o
		}
	}
	switch {
	case len(on) > 0:
		return on, nil
	case upcoming != nil:
		return []chatState{*upcoming}, nil
	case last != nil:
		return []chatState{*last}, nil
	}
	return nil, nil
}
