package adaptertest

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

const journalEnv = "CATCHWORD_TEST_JOURNAL"

// What a platform has accepted, or an adapter has been told, outlives the process that did it.
func TestJournalSurvivesKills(t *testing.T) {
	if path := os.Getenv(journalEnv); path != "" {
		postUntilKilled(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "fake.jsonl")
	people := openTestPlatform(t, path)
	var posted, received []string
	const kills = 8
	for range kills {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestJournalSurvivesKills$")
		child.Env = append(os.Environ(), journalEnv+"="+path)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for wanted := 20 + rand.IntN(20); lines.Scan(); wanted-- {
			kind, what, _ := strings.Cut(lines.Text(), " ")
			switch kind {
			case "posted":
				posted = append(posted, what)
			case "heard":
				received = append(received, what)
			}
			people.SendAs(testRoom, amy, "", "said")
			if wanted == 0 {
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = child.Wait() // killed
	}
	said, there := map[string]int{}, map[string]int{}
	for _, m := range people.Messages(testRoom) {
		said[string(m.ID)]++
		there[m.Key]++
	}
	if len(posted) < kills || len(received) < kills {
		t.Fatalf("got %d posts and %d messages received, want some of each process", len(posted), len(received))
	}
	for _, key := range posted {
		if there[key] != 1 {
			t.Errorf("post %s: got it %d times, want once", key, there[key])
		}
	}
	times := map[string]int{}
	for _, id := range received {
		// The sink had told, but the process may have died before the cursor moved: once more for each death.
		if times[id]++; said[id] != 1 || times[id] > 2 {
			t.Errorf("message %s: got it %d times, received %d times, want it once, received once or twice", id, said[id], times[id])
		}
	}
}

func postUntilKilled(t *testing.T, path string) {
	bot := openTestPlatform(t, path).Adapter()
	r, err := bot.Join(t.Context(), testRoom)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = bot.Run(t.Context(), func(_ context.Context, u adapters.Update) error {
			fmt.Println("heard", u.(*adapters.Message).ID)
			return nil
		})
	}()
	for i := range 100_000 {
		key := fmt.Sprintf("%d-%d", os.Getpid(), i)
		if _, err := bot.Post(t.Context(), adapters.Post{Key: key, Room: r.ID, Text: "hello"}); err != nil {
			t.Fatal(err)
		}
		fmt.Println("posted", key)
		time.Sleep(time.Millisecond)
	}
}
