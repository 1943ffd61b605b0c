//go:build goolm && linux

package bot_test

import (
	"html"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix"
	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
)

// matrixSide is a Matrix room, on a real homeserver. It is encrypted, unless it is open.
type matrixSide struct {
	testing.TB
	open   bool
	server *matrixtest.Server
	proxy  *matrixtest.Proxy // between the bot and the homeserver
	bot    matrixtest.Account
	alias  string
	room   id.RoomID
	eyes   *matrixtest.Person
}

// newMatrixSide has somebody make an encrypted room, and some people in it.
func newMatrixSide(t testing.TB, maker string, people ...string) *matrixSide {
	s := matrixtest.Start(t)
	m := &matrixSide{TB: t, server: s, proxy: s.Proxy(), bot: s.Register("bot"), eyes: s.Person("Onlooker")}
	if err := s.Client(m.bot).SetDisplayName(t.Context(), "catchword"); err != nil {
		t.Fatal(err)
	}
	m.make("night", maker, people)
	return m
}

func (m *matrixSide) make(name, maker string, people []string) {
	m.alias = matrixtest.Alias(name)
	m.room = m.person(maker).MakeRoom(matrixtest.Room{Alias: name, Public: true, Encrypted: !m.open})
	m.eyes.Join(m.alias)
	for _, name := range people {
		m.arrive(name)
	}
}

// beside is another room for the same account, which is not encrypted.
func (m *matrixSide) beside(maker string, people ...string) *matrixSide {
	other := *m
	other.open = true
	other.make("open", maker, people)
	return &other
}

func (m *matrixSide) target() store.RoomRef {
	return store.RoomRef{Workspace: "community", Room: adapters.RoomID(m.room)}
}

func (m *matrixSide) workspace(shared *dbutil.Database, log *slog.Logger) bot.Workspace {
	return matrixWorkspace(m.access(), shared, log)
}

// matrixAccess is what the bot needs to know of its rooms.
type matrixAccess struct {
	Homeserver, Token string
	Aliases           []string
}

func (m *matrixSide) access() matrixAccess {
	return matrixAccess{m.proxy.URL(), m.bot.Token, []string{m.alias}}
}

func matrixWorkspace(a matrixAccess, shared *dbutil.Database, log *slog.Logger) bot.Workspace {
	config := matrix.Config{Name: "community", Homeserver: a.Homeserver, AccessToken: a.Token, Rooms: a.Aliases, Database: shared, Log: log}
	w := bot.Workspace{Name: "community", Adapter: matrix.New(config)}
	for _, alias := range a.Aliases {
		w.Rooms = append(w.Rooms, bot.RoomConfig{Name: alias})
	}
	return w
}

func (m *matrixSide) person(name string) *matrixtest.Person { return m.server.Person(name) }

func (m *matrixSide) account(name string) adapters.UserID { return adapters.UserID(m.person(name).ID) }

func (m *matrixSide) say(by, root, text string) string {
	if root == "" {
		return m.person(by).SendText(m.room, text).String()
	}
	return m.person(by).SendInThread(m.room, id.EventID(root), text).String()
}

func (m *matrixSide) edit(by, e, text string) { m.person(by).Edit(m.room, id.EventID(e), text) }
func (m *matrixSide) remove(by, e string)     { m.person(by).Redact(m.room, id.EventID(e)) }

// variants are emoji as Element sends them.
var variants = map[string]string{"👍": "👍️", "🚫": "🚫"}

func (m *matrixSide) react(by, e, emoji string, on bool) {
	if on {
		m.person(by).React(m.room, id.EventID(e), variants[emoji])
	} else {
		m.person(by).Unreact(m.room, id.EventID(e), variants[emoji])
	}
}

func (m *matrixSide) arrive(who string) { m.person(who).Join(m.alias) }

func (m *matrixSide) command(by, words string) { m.person(by).SendText(m.room, "!catchword "+words) }

func (m *matrixSide) mention(by, words string) {
	m.person(by).Mention(m.room, "", m.bot.ID, "catchword", words)
}

// confide goes on with the private conversation that there is, or begins one.
func (m *matrixSide) confide(by, words string) {
	p := m.person(by)
	private := m.privates(p)
	if len(private) == 0 {
		private = []id.RoomID{p.MakeRoom(matrixtest.Room{Direct: true, Encrypted: true, Invite: []id.UserID{m.bot.ID}})}
	}
	p.SendText(private[0], words)
}

// privates are all rooms that somebody is in but the one, once they have accepted every invitation.
func (m *matrixSide) privates(p *matrixtest.Person) []id.RoomID {
	for _, room := range p.Invited() {
		p.Join(room.String())
	}
	return slices.DeleteFunc(m.server.Joined(p.Account), func(room id.RoomID) bool { return room == m.room })
}

func (m *matrixSide) press(by, card, label string) {
	m.Helper()
	m.Fatalf("%s can't press %q below %q: Matrix has no buttons", by, label, card)
}

func (m *matrixSide) posts(key string) (all []seen) {
	m.Helper()
	for _, s := range m.eyes.Messages(m.room) {
		if of := m.seen(s); s.Sender == m.bot.ID && (key == "" || of.key == key) {
			all = append(all, of)
		}
	}
	return all
}

func (m *matrixSide) told(who string) (all []seen) {
	m.Helper()
	p := m.person(who)
	for _, room := range m.privates(p) {
		for _, s := range p.Messages(room) {
			if s.Sender == m.bot.ID {
				all = append(all, m.seen(s))
			}
		}
	}
	return all
}

var href = regexp.MustCompile(`href="([^"]+)"`)

func (m *matrixSide) seen(s matrixtest.Message) seen {
	m.Helper()
	if s.Sender == m.bot.ID && !s.Encrypted && !m.open {
		m.Errorf("the bot said %+v in clear", s)
	}
	key, _ := s.OriginalRaw["dev.catchword.key"].(string)
	of := seen{s.ID.String(), s.Thread.String(), s.Text, s.Name, key, m.liked(s), nil}
	if s.Content != nil {
		for _, link := range href.FindAllStringSubmatch(s.Content.FormattedBody, -1) {
			of.links = append(of.links, html.UnescapeString(link[1]))
		}
	}
	return of
}

func (m *matrixSide) liked(s matrixtest.Message) bool {
	for emoji, users := range s.Reactions {
		if strings.HasPrefix(emoji, "👍") && slices.Contains(users, m.bot.ID) {
			return true
		}
	}
	return false
}

func (m *matrixSide) sees(e string) (text string, liked, ok bool) {
	s, ok := m.eyes.Message(m.room, id.EventID(e))
	return s.Text, m.liked(s), ok
}

func (m *matrixSide) follow(link string) string {
	room, s, _ := m.eyes.OpenPermalink(link)
	if room != m.room {
		return ""
	}
	return s.ID.String()
}
