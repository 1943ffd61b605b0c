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

// A platform is one side of a chat, with one room, as its people use and see it. People have the names that the bot
// should show.
type platform interface {
	target() store.RoomRef
	// workspace returns this side, for a bot that is started again.
	workspace(shared *dbutil.Database, log *slog.Logger) bot.Workspace
	userID(name string) adapters.UserID

	// send sends a message in the thread of root, or at the top level if that is "".
	send(by, root, text string) (id string)
	edit(by, id, text string)
	remove(by, id string)
	react(by, id, emoji string, on bool)
	join(who string)

	// command gives a command in this platform's usual way, mention in the room with the bot's name,
	// sendDirect in a direct message, and click with the button of a label below what somebody was told.
	command(by, words string)
	mention(by, words string)
	sendDirect(by, words string)
	click(by, card, label string)

	// posts returns the bot's existing posts with a key, or all with "".
	posts(key string) []botMessage
	// directMessages returns what the bot sent to one person alone, oldest first.
	directMessages(who string) []botMessage
	// message returns the text of a message, whether the bot has put 👍 on it, and whether people see it.
	message(id string) (text string, liked, ok bool)
	// followLink returns the message of the room to which an address leads, or "".
	followLink(link string) (id string)
}

// botMessage is a message of the bot's.
type botMessage struct {
	id, thread, text, name, key string
	liked                       bool // by the bot
	links                       []string
}

func (s botMessage) contains(words ...string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(s.text, w) })
}

const (
	channel      = "#ukmedlibs"
	waitTimeout  = time.Minute // long enough for a busy machine
	pollInterval = 50 * time.Millisecond
)

// waitFor waits in real or in a bubble's time until ok.
func waitFor(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(waitTimeout); !is(); time.Sleep(pollInterval) {
		if time.Now().After(deadline) {
			t.Fatalf("timed out after %v waiting until %s", waitTimeout, what)
		}
	}
}

// slackPlatform is a Slack workspace.
type slackPlatform struct {
	*slackfake.Workspace
	testing.TB
	server *slackfake.Server
}

var shortcodes = map[string]string{"👍": "+1", "🚫": "no_entry_sign"}

func (s *slackPlatform) Name() string { return s.Workspace.Name() }

func (s *slackPlatform) target() store.RoomRef {
	return store.RoomRef{Workspace: s.Name(), Room: adapters.RoomID(s.ChannelID(channel))}
}

func (s *slackPlatform) workspace(_ *dbutil.Database, log *slog.Logger) bot.Workspace {
	config := slack.Config{Name: s.Name(), BotToken: s.BotToken(), AppToken: s.AppToken(), APIURL: s.server.APIURL(), Log: log}
	return bot.Workspace{Name: s.Name(), Adapter: slack.New(config), Rooms: []bot.RoomConfig{{Name: channel}}}
}

func (s *slackPlatform) userID(name string) adapters.UserID {
	return adapters.UserID(s.Person(name).ID())
}

func (s *slackPlatform) send(by, root, text string) string {
	if root == "" {
		return s.Person(by).Say(channel, text)
	}
	return s.Person(by).Reply(channel, root, text)
}

func (s *slackPlatform) edit(by, ts, text string) { s.Person(by).Edit(channel, ts, text) }
func (s *slackPlatform) remove(by, ts string)     { s.Person(by).Delete(channel, ts) }

func (s *slackPlatform) react(by, ts, emoji string, on bool) {
	if on {
		s.Person(by).React(channel, ts, shortcodes[emoji])
	} else {
		s.Person(by).Unreact(channel, ts, shortcodes[emoji])
	}
}

func (s *slackPlatform) join(who string) { s.Person(who).Join(channel) }

func (s *slackPlatform) command(by, words string) {
	s.Helper()
	if r := s.Person(by).RunCommand(channel, "/catchword", words); !r.Acked || len(r.Payload) > 0 {
		s.Errorf("/catchword %s: got %+v, want it acknowledged without text", words, r)
	}
}

func (s *slackPlatform) mention(by, words string) {
	s.Person(by).Say(channel, "<@"+s.BotUser()+"> "+words)
}

func (s *slackPlatform) sendDirect(by, words string) { s.Person(by).SendDM(words) }

func (s *slackPlatform) click(by, card, label string) {
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

func (s *slackPlatform) posts(key string) (all []botMessage) {
	for _, m := range s.Posts(channel) {
		if of := s.botMessage(m); key == "" || of.key == key {
			all = append(all, of)
		}
	}
	return all
}

func (s *slackPlatform) directMessages(who string) (all []botMessage) {
	p := s.Person(who)
	for _, m := range append(s.Ephemerals(channel), s.Posts(p.DMChannel())...) {
		if m.To == p.ID() || m.To == "" {
			all = append(all, s.botMessage(m))
		}
	}
	slices.SortFunc(all, func(a, b botMessage) int { return strings.Compare(a.id, b.id) })
	return all
}

var urlPattern = regexp.MustCompile(`https://[^"|<>()\s\\]+`)

func (s *slackPlatform) botMessage(m slackfake.Message) botMessage {
	payload, _ := m.Metadata["event_payload"].(map[string]any)
	key, _ := payload["key"].(string)
	return botMessage{m.TS, m.Thread, m.Plain, m.Name, key, s.liked(m), urlPattern.FindAllString(m.Blocks, -1)}
}

func (s *slackPlatform) liked(m slackfake.Message) bool {
	return slices.Contains(m.Reactions["+1"], s.BotUser())
}

func (s *slackPlatform) message(ts string) (text string, liked, ok bool) {
	m, ok := s.Message(channel, ts)
	return m.Plain, s.liked(m), ok && !m.Deleted
}

func (s *slackPlatform) followLink(link string) string {
	m, _ := s.FollowLink(link)
	return m.TS
}

// fakePlatform is a fake platform. If it is loud, commands are given in the room.
type fakePlatform struct {
	*adaptertest.Platform
	testing.TB
	name           string
	publicCommands bool
}

const fakeRoom = "#chat"

func (f *fakePlatform) target() store.RoomRef {
	return store.RoomRef{Workspace: f.name, Room: f.Room(fakeRoom)}
}

func (f *fakePlatform) workspace(*dbutil.Database, *slog.Logger) bot.Workspace {
	return bot.Workspace{Name: f.name, Adapter: f.Adapter(), Rooms: []bot.RoomConfig{{Name: fakeRoom}}}
}

func (f *fakePlatform) userID(name string) adapters.UserID {
	return adapters.UserID(strings.ReplaceAll(strings.ToLower(name), " ", "."))
}

func (f *fakePlatform) user(name string) adapters.User {
	return adapters.User{ID: f.userID(name), Name: name}
}

func (f *fakePlatform) must(err error) {
	if err != nil {
		f.Helper()
		f.Fatal(err)
	}
}

func (f *fakePlatform) send(by, root, text string) string {
	return string(f.SendAs(fakeRoom, f.user(by), adapters.MessageID(root), text))
}

func (f *fakePlatform) edit(by, id, text string) {
	f.must(f.EditAs(fakeRoom, f.user(by), adapters.MessageID(id), text))
}

func (f *fakePlatform) remove(by, id string) {
	f.must(f.DeleteAs(fakeRoom, f.user(by), adapters.MessageID(id)))
}

func (f *fakePlatform) react(by, id, emoji string, on bool) {
	f.must(f.ReactAs(fakeRoom, f.user(by), adapters.MessageID(id), emoji, on))
}

func (f *fakePlatform) join(who string) { f.AddMember(fakeRoom, f.user(who)) }

func (f *fakePlatform) command(by, words string) {
	if f.publicCommands {
		f.SendAs(fakeRoom, f.user(by), "", "!catchword "+words)
	} else {
		f.CommandAs(fakeRoom, f.user(by), words)
	}
}

func (f *fakePlatform) mention(by, words string) {
	f.SendAs(fakeRoom, f.user(by), "", adaptertest.BotName+" "+words)
}

func (f *fakePlatform) sendDirect(by, words string) { f.CommandAs("", f.user(by), words) }

func (f *fakePlatform) click(by, card, label string) {
	f.Helper()
	for _, e := range slices.Backward(f.Ephemerals()) {
		if e.User == f.userID(by) && strings.Contains(e.Text, card) {
			f.must(f.PressButton(e, f.user(by), label))
			return
		}
	}
	f.Fatalf("%s was not told %q", by, card)
}

func (f *fakePlatform) posts(key string) (all []botMessage) {
	for _, m := range f.Messages(fakeRoom) {
		if m.FromBot && !m.Deleted && (key == "" || m.Key == key) {
			all = append(all, botMessage{string(m.ID), string(m.Thread), m.Text, m.As.Byline(), m.Key, liked(m), urlPattern.FindAllString(m.Text, -1)})
		}
	}
	return all
}

// directMessages leaves out repetitions after a lost response: telling one person twice is better than not at all.
func (f *fakePlatform) directMessages(who string) (all []botMessage) {
	for _, e := range f.Ephemerals() {
		if e.User == f.userID(who) && !slices.ContainsFunc(all, func(s botMessage) bool { return s.key == e.Key }) {
			all = append(all, botMessage{id: string(e.ID), text: e.Text, key: e.Key, links: urlPattern.FindAllString(e.Text, -1)})
		}
	}
	return all
}

func liked(m adaptertest.Message) bool {
	return slices.ContainsFunc(m.Reactions, func(r adaptertest.Reaction) bool { return r.User == adaptertest.BotID && r.Emoji == "👍" })
}

func (f *fakePlatform) message(id string) (text string, byBot, ok bool) {
	for _, m := range f.Messages(fakeRoom) {
		if string(m.ID) == id {
			return m.Text, liked(m), !m.Deleted
		}
	}
	return "", false, false
}

func (f *fakePlatform) followLink(link string) string {
	m, _ := f.OpenPermalink(fakeRoom, link)
	return string(m.ID)
}
