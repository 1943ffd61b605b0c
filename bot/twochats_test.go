package bot

import (
	"strings"
	"testing"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
)

// TestTwoChatsAtOnce runs two chats at the same time in rooms of one workspace. Commands and answers go to the right
// one.
func TestTwoChatsAtOnce(t *testing.T) {
	inBubble(t, nil, func(n *harness) {
		n.platforms["nhs"] = adaptertest.NewPlatform("nhs", "#chat", "#books")
		n.rooms = []RoomConfig{{Name: "#chat", Dedicated: true}, {Name: "#books"}}
		n.run()
		one, two := testChat(), testChat()
		one.Rooms = []string{"nhs/#chat"}
		two.Slug, two.Title, two.Hashtag, two.Rooms = "2000-01-18-books", "Books", "#books", []string{"nhs/#books"}
		n.schedule(one)
		n.schedule(two)
		p, ann := n.platforms["nhs"], person("Ann")
		last := func(user adapters.User) string {
			n.Helper()
			n.settle()
			told := n.ephemerals("nhs", user)
			if len(told) == 0 {
				n.Fatal("got no ephemeral message")
			}
			return told[len(told)-1].Text
		}
		asked := func(room, question string) bool {
			for _, m := range p.Messages(room) {
				if strings.Contains(m.Text, "## "+question) && !strings.HasPrefix(m.Text, reminder) {
					return true
				}
			}
			return false
		}
		n.at(7 * minute)

		// In a room, a command is for the chat there.
		p.CommandAs("#books", host, "next")
		n.wantContains("reply", last(host), "Q2 is on its way")
		if asked("#chat", "Q2") || !asked("#books", "Q2") {
			n.Error("got Q2 posted elsewhere, want it in #books alone")
		}
		p.CommandAs("#books", ann, "where")
		n.wantContains("reply", last(ann), "We are on **[Q2](")
		p.CommandAs("#chat", ann, "where")
		n.wantContains("reply", last(ann), "We are on **[Q1](")
		p.CommandAs("#chat", ann, "suggest Of the first?")
		p.CommandAs("#books", ann, "suggest Of the second?")
		n.settle()

		// In a direct message, the bot asks which chat is meant, and does nothing until then.
		for _, words := range []string{"next", "pause", "say Hello"} {
			p.CommandAs("", host, words)
			n.wantContains("reply", last(host), "More than one chat is running", "`#ukmedlibs "+strings.Fields(words)[0]+"`: Partnerships", "`#books ")
		}
		p.CommandAs("", ann, "anon Which one?")
		n.wantContains("reply", last(ann), "More than one chat is running", "`#books anon`")
		p.CommandAs("", ann, "next")
		n.wantContains("reply", last(ann), "Only hosts can do that")
		p.CommandAs("", ann, "where")
		n.wantContains("reply", last(ann), "**Partnerships**: We are on **[Q1](", "**Books**: We are on **[Q2](")
		for _, slug := range []string{one.Slug, two.Slug} {
			if waiting, err := n.db.PendingSuggestions(n.Context(), slug); len(waiting) != 1 || err != nil {
				n.Errorf("got %+v waiting in %s (%v), want the one of its room", waiting, slug, err)
			}
		}
		p.CommandAs("", host, "#BOOKS hold")
		last(host)
		p.CommandAs("", host, "#unknown next")
		n.wantContains("reply", last(host), "I know no chat of that name")
		p.CommandAs("", ann, "#ukmedlibs anon Of the first again")
		n.wantContains("reply", last(ann), "If a host agrees")
		if waiting, err := n.db.PendingSuggestions(n.Context(), one.Slug); len(waiting) != 2 || err != nil {
			n.Errorf("got %+v waiting (%v), want the anonymous one as well", waiting, err)
		}

		// A button acts on the chat of its card.
		var card adaptertest.Event
		for _, e := range n.ephemerals("nhs", host) {
			if strings.Contains(e.Text, "Of the first?") {
				card = e
			}
		}
		if err := p.PressButton(card, host, "Ask it"); err != nil {
			n.Fatal(err)
		}
		n.settle()
		if !asked("#chat", "Q6") || asked("#books", "Q6") {
			n.Error("want Q6 in #chat alone")
		}
		n.at(12 * minute)
		for _, e := range p.Ephemerals() {
			if strings.HasPrefix(e.Text, "🔔") {
				card = e // of the chat that isn't paused
			}
		}
		n.at(15 * minute)
		for _, e := range p.Ephemerals() {
			if strings.HasPrefix(e.Text, "🔔") {
				card = e
			}
		}
		n.wantContains("cue", card.Text, "Q2 in")
		if err := p.PressButton(card, host, "Now"); err != nil {
			n.Fatal(err)
		}
		n.settle()
		if !asked("#chat", "Q2") || asked("#books", "Q3") {
			n.Error("want Q2 in #chat, and nothing more in #books, which is paused")
		}
	})
}
