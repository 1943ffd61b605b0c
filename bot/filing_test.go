package bot

import (
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// There are two chats in one room, one after the other. What people write shows which one they mean.
func TestAnswersToAnEarlierChat(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.opts.Grace = 24 * time.Hour
		n.run()
		first, second := testChat(), testChat()
		second.Slug, second.Title, second.Hashtag = "2000-01-18-second", "The second", "#second"
		second.Starts, second.Ends = first.Starts.Add(2*time.Hour), first.Ends.Add(2*time.Hour)
		second.Questions = []questions.Question{{N: 1, Text: "What of the second?"}}
		n.schedule(first)
		n.schedule(second)
		n.at(130 * time.Minute) // Q1 of the second chat is live

		for text, chat := range map[string]string{"#ukmedlibs A1: of the first": first.Slug, "A1: of the second": second.Slug, "#second A1: of the second, too": second.Slug} {
			id := n.send("nhs", "Amy", "", text)
			n.settle()
			a, ok, err := n.db.Answer(n.Context(), store.AnswerKey("nhs", adapters.Ref{Room: n.platforms["nhs"].Room("#chat"), ID: id}))
			if err != nil || !ok || a.Chat != chat || a.Step != "q1" {
				n.Errorf("got %q filed under %q %q (%v, %v), want q1 of %s", text, a.Chat, a.Step, ok, err, chat)
			}
		}
		n.find("public", "of the first")

		// When the first chat no longer accepts answers, replies in its threads are not filed under another chat.
		third := testChat()
		third.Slug, third.Hashtag = "2000-01-20-third", "#third"
		third.Starts, third.Ends = first.Starts.Add(48*time.Hour), first.Ends.Add(48*time.Hour)
		for i := range third.Questions {
			third.Questions[i].Text = "Of the third?"
		}
		n.schedule(third)
		n.at(48*time.Hour + 7*time.Minute)
		n.send("nhs", "Amy", "What about matter 2?", "#third A1: too late for the first")
		n.settle()
		n.wantNone("public", "too late for the first")
	})
}
