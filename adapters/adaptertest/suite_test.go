package adaptertest

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ukmedlibs/catchword/adapters"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testRoom = "#ukmedlibs"

func TestFakeKeepsThePromises(t *testing.T) {
	for name, fault := range map[string]func(*Faults){
		"without faults": func(*Faults) {},
		"as far as possible with faults": func(f *Faults) {
			f.Duplicate, f.Disorder, f.EditsAsWholes, f.NoNames = 0.5, true, true, true
			f.Latency, f.Answering = 5*time.Millisecond, 5*time.Millisecond
		},
		"without permissions": func(f *Faults) { f.NoEdit, f.NoDelete, f.NoReact, f.NoWhisper = true, true, true, true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Run("in memory", func(t *testing.T) {
				p := NewPlatform("fake", testRoom)
				p.Fault(fault)
				Test(t, platformHarness(p, p))
			})
			t.Run("in a journal", func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "fake.jsonl")
				bot, people := openTest(t, path), openTest(t, path)
				bot.Fault(fault)
				Test(t, platformHarness(bot, people))
			})
		})
	}
}

func openTest(t *testing.T, path string) *Platform {
	p, err := OpenPlatform(path, "fake", testRoom)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// platformHarness has the adapter on one platform and the person on another, which share a journal or are the same.
func platformHarness(bot, people *Platform) Harness {
	return Harness{
		New:         func(testing.TB) adapters.Adapter { return bot.Adapter() },
		Room:        testRoom,
		Person:      person{people},
		Restartable: true,
		Patience:    4 * time.Second,
		LoseResponse: func(testing.TB) {
			bot.Fault(func(f *Faults) { f.LoseNext = 1 })
		},
		Upload: func(_ testing.TB, words string, f File) adapters.MessageID {
			return people.Upload(testRoom, amy, "", words, f)
		},
		Mention:  BotName,
		Command:  func(_ testing.TB, words string) { people.Command(testRoom, amy, words) },
		Confide:  func(_ testing.TB, words string) { people.Command("", amy, words) },
		Whispers: func(_ testing.TB, private bool) []Seen { return seenWhispers(people, private) },
		Press: func(t testing.TB, words, label string) {
			for _, w := range people.Whispers() {
				if strings.Contains(w.Text, words) {
					if err := people.Press(w, amy, label); err != nil {
						t.Fatal(err)
					}
					return
				}
			}
			t.Fatalf("no whisper says %q", words)
		},
		Follow: func(_ testing.TB, link string) adapters.MessageID {
			m, _ := people.Follow(testRoom, link)
			return m.ID
		},
		Arrive: func(testing.TB) string {
			newcomer := adapters.User{ID: adapters.UserID(unique()), Name: "Newcomer " + unique()}
			people.Arrive(testRoom, newcomer)
			return newcomer.Name
		},
	}
}

func seenWhispers(p *Platform, private bool) (all []Seen) {
	for _, w := range p.Whispers() {
		if w.User == amy.ID && (w.Room == "") == private {
			all = append(all, Seen{ID: w.ID, Text: w.Text, Mine: w.Bot, Calls: isLive(w.Text)})
		}
	}
	return all
}

// A person acts on a Platform.
type person struct{ *Platform }

var amy = adapters.User{ID: "U1", Name: "Amy"}

func (p person) Name() string { return amy.Name }

func (p person) Say(_ testing.TB, thread adapters.MessageID, words string) adapters.MessageID {
	return p.Platform.Say(testRoom, amy, thread, words)
}

func (p person) Repeat(t testing.TB, id adapters.MessageID) adapters.MessageID {
	for _, m := range p.Messages(testRoom) {
		if m.ID == id {
			return p.Say(t, "", m.Text)
		}
	}
	t.Fatalf("no message %s to repeat", id)
	return ""
}

func (p person) Edit(t testing.TB, id adapters.MessageID, words string) {
	if err := p.EditAs(testRoom, amy, id, words); err != nil {
		t.Fatal(err)
	}
}

func (p person) Delete(t testing.TB, id adapters.MessageID) {
	if err := p.Platform.Delete(testRoom, amy, id); err != nil {
		t.Fatal(err)
	}
}

func (p person) React(t testing.TB, id adapters.MessageID, emoji string, on bool) {
	if err := p.Platform.React(testRoom, amy, id, emoji, on); err != nil {
		t.Fatal(err)
	}
}

func (p person) Shown(testing.TB) (all []Seen) {
	for _, m := range p.Messages(testRoom) {
		if m.Deleted {
			continue
		}
		seen := Seen{ID: m.ID, Thread: m.Thread, Text: m.Text, Name: m.By.Name, Mine: m.Bot, Calls: isLive(m.Text)}
		if m.As.Name != "" {
			seen.Name = m.As.Name
		}
		for _, r := range m.Reactions {
			seen.Reactions = append(seen.Reactions, r.Emoji)
		}
		all = append(all, seen)
	}
	return all
}
