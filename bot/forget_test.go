package bot

import (
	"os"
	"strings"
	"testing"

	"github.com/ukmedlibs/catchword/bot/store"
)

// TestForget erases two people, one while the bot runs and one while it does not, and looks for them in the raw files.
func TestForget(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *night) {
		n.run()
		n.schedule(theChat())
		n.at(7 * minute)
		for _, name := range []string{"Xanthippe", "Zebedee"} {
			id := n.say("nhs", name, "## Q1", name+" has said quicksilver")
			n.moment()
			if err := n.platforms["nhs"].EditAs("#chat", person(name), id, name+" has edited quicksilver"); err != nil {
				n.Fatal(err)
			}
			n.command("nhs", person(name), "suggest Is quicksilver the right thing?")
		}
		bob := n.say("public", "Bob", "## Q1", "Bob stays")
		n.moment()
		n.platforms["nhs"].React("#chat", person("Zebedee"), n.find("nhs", "Bob stays").ID, "👍", true)
		n.command("nhs", person("Zebedee"), "pseudonym Zephyr")
		n.at(70 * minute)
		chats, answers, err := n.bot.Forget(n.Context(), "nhs", "zebedee")
		if err != nil || answers != 1 || len(chats) != 1 {
			n.Fatalf("got %d answers of chats %v erased (%v), want the one", answers, chats, err)
		}
		n.at(72 * minute)
		n.none("public", "Zebedee has")
		n.find("public", "Xanthippe has edited")
		for _, m := range n.platforms["public"].Messages("#chat") {
			if m.ID == bob && len(botReactions(m)) != 0 {
				n.Errorf("got Zebedee's reaction still passed on")
			}
		}

		// The copies of whom nobody's bot could take back are taken back at its next start.
		n.stop()
		db, err := store.Open(n.Context(), n.address)
		if err != nil {
			n.Fatal(err)
		}
		if _, _, err := New(db, n.opts).Forget(n.Context(), "nhs", "xanthippe"); err != nil {
			n.Fatal(err)
		}
		if err := db.Close(); err != nil {
			n.Fatal(err)
		}
		n.find("public", "Xanthippe has edited")
		n.run()
		n.at(75 * minute)
		n.none("public", "Xanthippe has")
		n.contains("numbers", n.find("public", "📊").Text, "1 answer from 1 person")

		gone := []string{"xanthippe", "zebedee", "zephyr", "quicksilver"}
		for name, words := range n.archive() {
			for _, word := range gone {
				if strings.Contains(strings.ToLower(words), word) {
					n.Errorf("got %q in the archive's %s", word, name)
				}
			}
		}
		tombstones := 0
		for _, a := range n.answers() {
			if a.Gone {
				tombstones++
			}
		}
		log, err := n.db.Audited(n.Context(), "")
		if err != nil || len(log) != 2 || log[0].What != "erased a person" || log[0].Who != "" || tombstones != 2 {
			n.Errorf("got audit log %+v (%v) and %d tombstones, want two of each that name nobody", log, err, tombstones)
		}
		file, sqlite := strings.CutPrefix(n.address, "sqlite:")
		for _, suffix := range []string{"", "-wal"} {
			words, err := os.ReadFile(file + suffix)
			if err != nil && sqlite {
				n.Fatal(err)
			}
			for _, word := range gone {
				if i := max(strings.Index(string(words), word), strings.Index(string(words), strings.ToUpper(word[:1])+word[1:])); i >= 0 {
					n.Errorf("got %q in the database%s: %q", word, suffix, words[max(0, i-80):min(len(words), i+80)])
				}
			}
		}
	})
}
