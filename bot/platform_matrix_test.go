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

// matrixPlatform is a Matrix room, on a real homeserver. It is encrypted, unless it is open.
type matrixPlatform struct {
	testing.TB
	unencrypted bool
	server      *matrixtest.Server
	proxy       *matrixtest.Proxy // between the bot and the homeserver
	bot         matrixtest.Account
	alias       string
	room        id.RoomID
	observer    *matrixtest.Person
}

// newMatrixPlatform makes an encrypted room with some people in it.
func newMatrixPlatform(t testing.TB, maker string, people ...string) *matrixPlatform {
	s := matrixtest.Start(t)
	m := &matrixPlatform{TB: t, server: s, proxy: s.Proxy(), bot: s.Register("bot"), observer: s.Person("Onlooker")}
	if err := s.Client(m.bot).SetDisplayName(t.Context(), "catchword"); err != nil {
		t.Fatal(err)
	}
	m.createRoom("night", maker, people)
	return m
}

func (m *matrixPlatform) createRoom(name, maker string, people []string) {
	m.alias = matrixtest.Alias(name)
	m.room = m.person(maker).MakeRoom(matrixtest.Room{Alias: name, Public: true, Encrypted: !m.unencrypted})
	m.observer.Join(m.alias)
	for _, name := range people {
		m.join(name)
	}
}

// unencryptedRoom is another room for the same account, which is not encrypted.
func (m *matrixPlatform) unencryptedRoom(maker string, people ...string) *matrixPlatform {
	other := *m
	other.unencrypted = true
	other.createRoom("open", maker, people)
	return &other
}

func (m *matrixPlatform) target() store.RoomRef {
	return store.RoomRef{Workspace: "community", Room: adapters.RoomID(m.room)}
}

func (m *matrixPlatform) workspace(shared *dbutil.Database, log *slog.Logger) bot.Workspace {
	return matrixWorkspace(m.access(), shared, log)
}

// matrixAccess is what the bot needs to reach its rooms.
type matrixAccess struct {
	Homeserver, Token string
	Aliases           []string
}

func (m *matrixPlatform) access() matrixAccess {
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

func (m *matrixPlatform) person(name string) *matrixtest.Person { return m.server.Person(name) }

func (m *matrixPlatform) userID(name string) adapters.UserID {
	return adapters.UserID(m.person(name).ID)
}

func (m *matrixPlatform) send(by, root, text string) string {
	if root == "" {
		return m.person(by).SendText(m.room, text).String()
	}
	return m.person(by).SendInThread(m.room, id.EventID(root), text).String()
}

func (m *matrixPlatform) edit(by, e, text string) { m.person(by).Edit(m.room, id.EventID(e), text) }
func (m *matrixPlatform) remove(by, e string)     { m.person(by).Redact(m.room, id.EventID(e)) }

// emojiVariants are emoji as Element sends them.
var emojiVariants = map[string]string{"👍": "👍️", "🚫": "🚫"}

func (m *matrixPlatform) react(by, e, emoji string, on bool) {
	if on {
		m.person(by).React(m.room, id.EventID(e), emojiVariants[emoji])
	} else {
		m.person(by).Unreact(m.room, id.EventID(e), emojiVariants[emoji])
	}
}

func (m *matrixPlatform) join(who string) { m.person(who).Join(m.alias) }

func (m *matrixPlatform) command(by, words string) {
	m.person(by).SendText(m.room, "!catchword "+words)
}

func (m *matrixPlatform) mention(by, words string) {
	m.person(by).Mention(m.room, "", m.bot.ID, "catchword", words)
}

// sendDirect sends to the direct chat, or starts one.
func (m *matrixPlatform) sendDirect(by, words string) {
	p := m.person(by)
	private := m.directRooms(p)
	if len(private) == 0 {
		private = []id.RoomID{p.MakeRoom(matrixtest.Room{Direct: true, Encrypted: true, Invite: []id.UserID{m.bot.ID}})}
	}
	p.SendText(private[0], words)
}

// directRooms accepts all invitations of somebody, and returns their rooms except the shared one.
func (m *matrixPlatform) directRooms(p *matrixtest.Person) []id.RoomID {
	for _, room := range p.Invited() {
		p.Join(room.String())
	}
	return slices.DeleteFunc(m.server.Joined(p.Account), func(room id.RoomID) bool { return room == m.room })
}

func (m *matrixPlatform) click(by, card, label string) {
	m.Helper()
	m.Fatalf("%s can't press %q below %q: Matrix has no buttons", by, label, card)
}

func (m *matrixPlatform) posts(key string) (all []botMessage) {
	m.Helper()
	for _, s := range m.observer.Messages(m.room) {
		if of := m.botMessage(s); s.Sender == m.bot.ID && (key == "" || of.key == key) {
			all = append(all, of)
		}
	}
	return all
}

func (m *matrixPlatform) directMessages(who string) (all []botMessage) {
	m.Helper()
	p := m.person(who)
	for _, room := range m.directRooms(p) {
		for _, s := range p.Messages(room) {
			if s.Sender == m.bot.ID {
				all = append(all, m.botMessage(s))
			}
		}
	}
	return all
}

var hrefPattern = regexp.MustCompile(`href="([^"]+)"`)

func (m *matrixPlatform) botMessage(s matrixtest.Message) botMessage {
	m.Helper()
	if s.Sender == m.bot.ID && !s.Encrypted && !m.unencrypted {
		m.Errorf("the bot posted %+v unencrypted", s)
	}
	key, _ := s.OriginalRaw["dev.catchword.key"].(string)
	of := botMessage{s.ID.String(), s.Thread.String(), s.Text, s.Name, key, m.liked(s), nil}
	if s.Content != nil {
		for _, link := range hrefPattern.FindAllStringSubmatch(s.Content.FormattedBody, -1) {
			of.links = append(of.links, html.UnescapeString(link[1]))
		}
	}
	return of
}

func (m *matrixPlatform) liked(s matrixtest.Message) bool {
	for emoji, users := range s.Reactions {
		if strings.HasPrefix(emoji, "👍") && slices.Contains(users, m.bot.ID) {
			return true
		}
	}
	return false
}

func (m *matrixPlatform) message(e string) (text string, liked, ok bool) {
	s, ok := m.observer.Message(m.room, id.EventID(e))
	return s.Text, m.liked(s), ok
}

func (m *matrixPlatform) followLink(link string) string {
	room, s, _ := m.observer.OpenPermalink(link)
	if room != m.room {
		return ""
	}
	return s.ID.String()
}
