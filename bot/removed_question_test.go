package bot

import (
	"strings"
	"testing"
	"time"
)

// A chat file may lose questions at any moment of a chat: an editor has saved half of it, or a host removed them.
func TestQuestionRemovedAfterItWasAsked(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(47 * time.Minute) // Q5 is live
		n.send("nhs", "Amy", "matter 5", "Ours is the fifth.")
		short := testChat()
		short.Questions = short.Questions[:4]
		n.schedule(short)
		n.settle()
		n.wantContains("where", n.command("public", person("Bob"), "where"), "Q5", "matter 5")
		for _, ask := range []string{"What else?", "And what then?"} {
			n.command("nhs", host, "ask "+ask)
			n.find("public", ask)
		}
		n.command("nhs", host, "repeat")
		n.wantContains("where", n.command("public", person("Bob"), "where"), "Q7", "And what then?")
		n.at(70 * time.Minute)
		n.stop()
		if page := n.readArchiveFile(testChat().Slug + "/transcript.txt"); !strings.Contains(page, "Ours is the fifth.") || !strings.Contains(page, "What about matter 5?") {
			n.Errorf("got an archive without the question that was removed, or without its answer:\n%s", page)
		}
	})
}

// A question may be removed before it is asked. A question that a host added keeps its number anyway.
func TestQuestionRemovedBeforeItWasAsked(t *testing.T) {
	inBubble(t, []string{"nhs"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(10 * time.Minute)
		n.command("nhs", host, "ask What else?")
		n.find("nhs", "What else?")
		short := testChat()
		short.Questions = short.Questions[:3]
		n.schedule(short)
		n.wantContains("where", n.command("nhs", person("Bob"), "where"), "Q6", "What else?")
		n.command("nhs", host, "ask And what then?")
		n.wantContains("where", n.command("nhs", person("Bob"), "where"), "Q7", "And what then?")
	})
}
