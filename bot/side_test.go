package bot_test

import (
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/adapters/slack"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
)

// A side is one of the platforms between which a chat is held, with one room, as the people on it use it and see it. People
// have the names by which the bot should call them.
type side interface {
	target() store.RoomRef
	// workspace is the side to a bot that is started anew.
	workspace(shared *dbutil.Database, log *slog.Logger) bot.Workspace
	account(name string) adapters.UserID

	// say says something in the thread of root, or at the top level if that is "".
	say(by, root, text string) (id string)
	edit(by, id, text string)
	remove(by, id string)
	react(by, id, emoji string, on bool)
	arrive(who string)

	// command gives a command as people on this platform do first of all, mention in the room by the bot's name, confide in
	// a private conversation, and press by the button of a label below what somebody was told with some words.
	command(by, words string)
	mention(by, words string)
	confide(by, words string)
	press(by, card, label string)

	// posts is what the bot said with a key, or with "" at all, and is still there.
	posts(key string) []seen
	// told is what the bot said to one person alone, oldest first.
	told(who string) []seen
	// sees tells whether people see a message, with its text, and whether the bot has put 👍 on it.
	sees(id string) (text string, liked, ok bool)
	// follow is the message of the room to which an address leads, or "".
	follow(link string) (id string)
}

// seen is a message of the bot's.
type seen struct {
	id, thread, text, name, key string
	liked                       bool // by the bot
	links                       []string
}

func (s seen) has(words ...string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(s.text, w) })
}

const (
	channel  = "#ukmedlibs"
	patience = time.Minute // for what must happen, on a busy machine
	pause    = 50 * time.Millisecond
)

// waits has all the time in the world pass, be it real or a bubble's, until something is so.
func waits(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(pause) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain until %s", patience, what)
		}
	}
}

// slackSide is a Slack workspace.
type slackSide struct {
	*slackfake.Workspace
	testing.TB
	server *slackfake.Server
}

var shortcodes = map[string]string{"👍": "+1", "🚫": "no_entry_sign"}

func (s *slackSide) Name() string { return s.Workspace.Name() }

func (s *slackSide) target() store.RoomRef {
	return store.RoomRef{Workspace: s.Name(), Room: adapters.RoomID(s.ChannelID(channel))}
}

func (s *slackSide) workspace(_ *dbutil.Database, log *slog.Logger) bot.Workspace {
	config := slack.Config{Name: s.Name(), BotToken: s.BotToken(), AppToken: s.AppToken(), APIURL: s.server.APIURL(), Log: log}
	return bot.Workspace{Name: s.Name(), Adapter: slack.New(config), Rooms: []bot.RoomConfig{{Name: channel}}}
}

func (s *slackSide) account(name string) adapters.UserID { return adapters.UserID(s.Person(name).ID()) }

func (s *slackSide) say(by, root, text string) string {
	if root == "" {
		return s.Person(by).Say(channel, text)
	}
	return s.Person(by).Reply(channel, root, text)
}

func (s *slackSide) edit(by, ts, text string) { s.Person(by).Edit(channel, ts, text) }
func (s *slackSide) remove(by, ts string)     { s.Person(by).Delete(channel, ts) }

func (s *slackSide) react(by, ts, emoji string, on bool) {
	if on {
		s.Person(by).React(channel, ts, shortcodes[emoji])
	} else {
		s.Person(by).Unreact(channel, ts, shortcodes[emoji])
	}
}

func (s *slackSide) arrive(who string) { s.Person(who).Join(channel) }

func (s *slackSide) command(by, words string) {
	s.Helper()
	if r := s.Person(by).RunCommand(channel, "/catchword", words); !r.Acked || len(r.Payload) > 0 {
		s.Errorf("/catchword %s: got %+v, want it acknowledged in silence", words, r)
	}
}

func (s *slackSide) mention(by, words string) {
	s.Person(by).Say(channel, "<@"+s.BotUser()+"> "+words)
}

func (s *slackSide) confide(by, words string) { s.Person(by).SendDM(words) }

func (s *slackSide) press(by, card, label string) {
	s.Helper()
	p := s.Person(by)
	for _, m := range slices.Backward(s.Posts(p.DMChannel())) {
		if len(m.Buttons[label]) == 1 && strings.Contains(m.Plain, card) {
			if r := p.Click(p.DMChannel(), m.TS, m.Buttons[label][0]); !r.Acked {
				s.Errorf("a press of %s: got %+v, want it acknowledged", label, r)
			}
			return
		}
	}
	s.Fatalf("%s sees no button %q below %q", by, label, card)
}

func (s *slackSide) posts(key string) (all []seen) {
	for _, m := range s.Posts(channel) {
		if of := s.seen(m); key == "" || of.key == key {
			all = append(all, of)
		}
	}
	return all
}

func (s *slackSide) told(who string) (all []seen) {
	p := s.Person(who)
	for _, m := range append(s.Ephemerals(channel), s.Posts(p.DMChannel())...) {
		if m.To == p.ID() || m.To == "" {
			all = append(all, s.seen(m))
		}
	}
	slices.SortFunc(all, func(a, b seen) int { return strings.Compare(a.id, b.id) })
	return all
}

var address = regexp.MustCompile(`https://[^"|<>()\s\\]+`)

func (s *slackSide) seen(m slackfake.Message) seen {
	payload, _ := m.Metadata["event_payload"].(map[string]any)
	key, _ := payload["key"].(string)
	return seen{m.TS, m.Thread, m.Plain, m.Name, key, s.liked(m), address.FindAllString(m.Blocks, -1)}
}

func (s *slackSide) liked(m slackfake.Message) bool {
	return slices.Contains(m.Reactions["+1"], s.BotUser())
}

func (s *slackSide) sees(ts string) (text string, liked, ok bool) {
	m, ok := s.Message(channel, ts)
	return m.Plain, s.liked(m), ok && !m.Deleted
}

func (s *slackSide) follow(link string) string {
	m, _ := s.FollowLink(link)
	return m.TS
}

// fakeSide is a fake platform. On one that is loud, commands are given aloud in the room.
type fakeSide struct {
	*adaptertest.Platform
	testing.TB
	name string
	loud bool
}

const fakeRoom = "#chat"

func (f *fakeSide) target() store.RoomRef {
	return store.RoomRef{Workspace: f.name, Room: f.Room(fakeRoom)}
}

func (f *fakeSide) workspace(*dbutil.Database, *slog.Logger) bot.Workspace {
	return bot.Workspace{Name: f.name, Adapter: f.Adapter(), Rooms: []bot.RoomConfig{{Name: fakeRoom}}}
}

func (f *fakeSide) account(name string) adapters.UserID {
	return adapters.UserID(strings.ReplaceAll(strings.ToLower(name), " ", "."))
}

func (f *fakeSide) user(name string) adapters.User {
	return adapters.User{ID: f.account(name), Name: name}
}

func (f *fakeSide) must(err error) {
	if err != nil {
		f.Helper()
		f.Fatal(err)
	}
}

func (f *fakeSide) say(by, root, text string) string {
	return string(f.SendAs(fakeRoom, f.user(by), adapters.MessageID(root), text))
}

func (f *fakeSide) edit(by, id, text string) {
	f.must(f.EditAs(fakeRoom, f.user(by), adapters.MessageID(id), text))
}

func (f *fakeSide) remove(by, id string) {
	f.must(f.DeleteAs(fakeRoom, f.user(by), adapters.MessageID(id)))
}

func (f *fakeSide) react(by, id, emoji string, on bool) {
	f.must(f.ReactAs(fakeRoom, f.user(by), adapters.MessageID(id), emoji, on))
}

func (f *fakeSide) arrive(who string) { f.AddMember(fakeRoom, f.user(who)) }

func (f *fakeSide) command(by, words string) {
	if f.loud {
		f.SendAs(fakeRoom, f.user(by), "", "!catchword "+words)
	} else {
		f.CommandAs(fakeRoom, f.user(by), words)
	}
}

func (f *fakeSide) mention(by, words string) {
	f.SendAs(fakeRoom, f.user(by), "", adaptertest.BotName+" "+words)
}

func (f *fakeSide) confide(by, words string) { f.CommandAs("", f.user(by), words) }

func (f *fakeSide) press(by, card, label string) {
	f.Helper()
	for _, e := range slices.Backward(f.Ephemerals()) {
		if e.User == f.account(by) && strings.Contains(e.Text, card) {
			f.must(f.PressButton(e, f.user(by), label))
			return
		}
	}
	f.Fatalf("%s was not told %q", by, card)
}

func (f *fakeSide) posts(key string) (all []seen) {
	for _, m := range f.Messages(fakeRoom) {
		if m.FromBot && !m.Deleted && (key == "" || m.Key == key) {
			all = append(all, seen{string(m.ID), string(m.Thread), m.Text, m.As.Byline(), m.Key, liked(m), address.FindAllString(m.Text, -1)})
		}
	}
	return all
}

// told leaves out what was said again because its response was lost: to one person, twice is better than not at all.
func (f *fakeSide) told(who string) (all []seen) {
	for _, e := range f.Ephemerals() {
		if e.User == f.account(who) && !slices.ContainsFunc(all, func(s seen) bool { return s.key == e.Key }) {
			all = append(all, seen{id: string(e.ID), text: e.Text, key: e.Key, links: address.FindAllString(e.Text, -1)})
		}
	}
	return all
}

func liked(m adaptertest.Message) bool {
	return slices.ContainsFunc(m.Reactions, func(r adaptertest.Reaction) bool { return r.User == adaptertest.BotID && r.Emoji == "👍" })
}

func (f *fakeSide) sees(id string) (text string, byBot, ok bool) {
	for _, m := range f.Messages(fakeRoom) {
		if string(m.ID) == id {
			return m.Text, liked(m), !m.Deleted
		}
	}
	return "", false, false
}

func (f *fakeSide) follow(link string) string {
	m, _ := f.OpenPermalink(fakeRoom, link)
	return string(m.ID)
}
