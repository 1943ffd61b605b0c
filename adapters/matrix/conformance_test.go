//go:build goolm && linux

package matrix_test

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/adapters/matrix"
	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

func TestConformance(t *testing.T) {
	for name, encrypted := range roomKinds {
		t.Run(name, func(t *testing.T) { conform(t, newEnv(t, encrypted)) })
	}
}

func conform(t *testing.T, c *env) {
	config := c.config()
	if c.encrypted { // and once with a password
		config.User, config.AccessToken, config.Password = string(c.bot.ID), "", c.bot.Password
	}
	p := &person{env: c}
	adaptertest.Test(t, adaptertest.Harness{
		New:          func(testing.TB) adapters.Adapter { return matrix.New(config) },
		Room:         matrixtest.Alias("ukmedlibs"),
		Person:       p,
		Restartable:  true,
		LoseResponse: func(testing.TB) { c.proxy.SetFaults(func(f *matrixtest.Faults) { f.LoseNext = 1 }) },
		Upload: func(_ testing.TB, words string, f adaptertest.File) adapters.MessageID {
			return adapters.MessageID(c.amy.SendFile(c.room, "", f.Name, f.Type, f.Data, words))
		},
		CloseIdle:  c.closeIdle,
		Timeout:    waitTimeout,
		Mention:    string(c.bot.ID),
		SendDM:     p.sendDM,
		Ephemerals: p.ephemerals,
		OpenPermalink: func(_ testing.TB, link string) adapters.MessageID {
			_, m, _ := c.amy.OpenPermalink(link)
			return adapters.MessageID(m.ID)
		},
		AddMember: p.addMember,
	})
}

// A person is Amy, as the conformance suite knows her.
type person struct {
	*env
	dmRoom   id.RoomID // with the bot, made by her; "" until she sends something there
	arrivals int
}

func (p *person) Name() string { return p.amy.Name() }

// Send mentions the bot as Element does, where its ID is typed.
func (p *person) Send(_ testing.TB, thread adapters.MessageID, words string) adapters.MessageID {
	before, after, mentions := strings.Cut(words, string(p.bot.ID))
	const name = "Question Master"
	c := &event.MessageEventContent{MsgType: event.MsgText, Body: words, Mentions: &event.Mentions{}}
	if mentions {
		c.Body = before + name + after
		c.Format = event.FormatHTML
		c.FormattedBody = fmt.Sprintf(`%s<a href="https://matrix.to/#/%s">%s</a>%s`, html.EscapeString(before), p.bot.ID, name, html.EscapeString(after))
		c.Mentions.UserIDs = []id.UserID{p.bot.ID}
	}
	if thread != "" {
		c.RelatesTo = (&event.RelatesTo{}).SetThread(id.EventID(thread), id.EventID(thread))
	}
	return adapters.MessageID(p.amy.Send(p.room, event.EventMessage, c))
}

func (p *person) Repost(_ testing.TB, message adapters.MessageID) adapters.MessageID {
	return adapters.MessageID(p.amy.Repost(p.room, id.EventID(message)))
}

func (p *person) Edit(_ testing.TB, message adapters.MessageID, words string) {
	p.amy.Edit(p.room, id.EventID(message), words)
}

func (p *person) Delete(_ testing.TB, message adapters.MessageID) {
	p.amy.Redact(p.room, id.EventID(message))
}

// emojiVariation is what Element adds to an emoji that can be shown as text as well.
const emojiVariation = "\ufe0f"

func (p *person) React(_ testing.TB, message adapters.MessageID, emoji string, on bool) {
	if on {
		p.amy.React(p.room, id.EventID(message), emoji+emojiVariation)
	} else {
		p.amy.Unreact(p.room, id.EventID(message), emoji+emojiVariation)
	}
}

func (p *person) VisibleMessages(testing.TB) []adaptertest.VisibleMessage { return p.seen(p.room) }

func (p *person) seen(room id.RoomID) (all []adaptertest.VisibleMessage) {
	for _, m := range p.amy.Messages(room) {
		seen := adaptertest.VisibleMessage{
			ID: adapters.MessageID(m.ID), Thread: adapters.MessageID(m.Thread), Text: m.Text, Name: m.Name, FromBot: m.Sender == p.bot.ID, NotifiesAll: m.NotifiesAll,
		}
		if seen.FromBot && m.Encrypted != p.encrypted {
			p.t.Errorf("the bot posted %+v, want all encrypted in encrypted rooms alone", m)
		}
		for emoji := range m.Reactions {
			seen.Reactions = append(seen.Reactions, strings.TrimSuffix(emoji, emojiVariation))
		}
		all = append(all, seen)
	}
	return all
}

// sendDM starts a new direct chat with its first message, as Element does.
func (p *person) sendDM(_ testing.TB, words string) {
	if p.dmRoom == "" {
		p.dmRoom = p.amy.MakeRoom(matrixtest.Room{Direct: true, Encrypted: p.encrypted, Invite: []id.UserID{p.bot.ID}})
	}
	p.amy.SendText(p.dmRoom, words)
}

// ephemerals returns the bot's messages to Amy in direct chats, whoever made those. Matrix has no ephemeral messages in
// rooms.
func (p *person) ephemerals(_ testing.TB, private bool) (all []adaptertest.VisibleMessage) {
	if !private {
		return nil
	}
	for _, room := range p.amy.Invited() {
		p.amy.Join(room.String())
	}
	for _, room := range p.Joined(p.amy.Account) {
		if room == p.room {
			continue
		}
		all = append(all, slices.DeleteFunc(p.seen(room), func(m adaptertest.VisibleMessage) bool { return !m.FromBot })...)
	}
	return all
}

func (p *person) addMember(testing.TB) string {
	p.arrivals++
	name := fmt.Sprintf("Newcomer %d", p.arrivals)
	p.Person(name).Join(p.room.String())
	return name
}
