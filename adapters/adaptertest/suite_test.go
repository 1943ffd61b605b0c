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

func TestFakeConformance(t *testing.T) {
	for name, fault := range map[string]func(*Faults){
		"without faults": func(*Faults) {},
		"as far as possible with faults": func(f *Faults) {
			f.DuplicateChance, f.Reorder, f.BareEdits, f.NoPersonas = 0.5, true, true, true
			f.RequestLatency, f.ResponseLatency = 5*time.Millisecond, 5*time.Millisecond
		},
		"without permissions": func(f *Faults) { f.NoEdit, f.NoDelete, f.NoReact, f.NoEphemeral = true, true, true, true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Run("in memory", func(t *testing.T) {
				p := NewPlatform("fake", testRoom)
				p.SetFaults(fault)
				Test(t, platformHarness(p, p))
			})
			t.Run("in a journal", func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "fake.jsonl")
				bot, people := openTestPlatform(t, path), openTestPlatform(t, path)
				bot.SetFaults(fault)
				Test(t, platformHarness(bot, people))
			})
		})
	}
}

func openTestPlatform(t *testing.T, path string) *Platform {
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
		Timeout:     4 * time.Second,
		LoseResponse: func(testing.TB) {
			bot.SetFaults(func(f *Faults) { f.LoseNextResponses = 1 })
		},
		Upload: func(_ testing.TB, words string, f File) adapters.MessageID {
			return people.UploadAs(testRoom, amy, "", words, f)
		},
		Mention:      BotName,
		SlashCommand: func(_ testing.TB, words string) { people.CommandAs(testRoom, amy, words) },
		SendDM:       func(_ testing.TB, words string) { people.CommandAs("", amy, words) },
		Ephemerals:   func(_ testing.TB, private bool) []VisibleMessage { return visibleEphemerals(people, private) },
		PressButton: func(t testing.TB, words, label string) {
			for _, w := range people.Ephemerals() {
				if strings.Contains(w.Text, words) {
					if err := people.PressButton(w, amy, label); err != nil {
						t.Fatal(err)
					}
					return
				}
			}
			t.Fatalf("no ephemeral message says %q", words)
		},
		OpenPermalink: func(_ testing.TB, link string) adapters.MessageID {
			m, _ := people.OpenPermalink(testRoom, link)
			return m.ID
		},
		AddMember: func(testing.TB) string {
			newcomer := adapters.User{ID: adapters.UserID(unique()), Name: "Newcomer " + unique()}
			people.AddMember(testRoom, newcomer)
			return newcomer.Name
		},
	}
}

func visibleEphemerals(p *Platform, private bool) (all []VisibleMessage) {
	for _, w := range p.Ephemerals() {
		if w.User == amy.ID && (w.Room == "") == private {
			all = append(all, VisibleMessage{ID: w.ID, Text: w.Text, FromBot: w.FromBot, NotifiesAll: hasMassMention(w.Text)})
		}
	}
	return all
}

// A person acts on a Platform.
type person struct{ *Platform }

var amy = adapters.User{ID: "U1", Name: "Amy"}

func (p person) Name() string { return amy.Name }

func (p person) Send(_ testing.TB, thread adapters.MessageID, words string) adapters.MessageID {
	return p.Platform.SendAs(testRoom, amy, thread, words)
}

func (p person) Repost(t testing.TB, id adapters.MessageID) adapters.MessageID {
	for _, m := range p.Messages(testRoom) {
		if m.ID == id {
			return p.Send(t, "", m.Text)
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
	if err := p.Platform.DeleteAs(testRoom, amy, id); err != nil {
		t.Fatal(err)
	}
}

func (p person) React(t testing.TB, id adapters.MessageID, emoji string, on bool) {
	if err := p.Platform.ReactAs(testRoom, amy, id, emoji, on); err != nil {
		t.Fatal(err)
	}
}

func (p person) VisibleMessages(testing.TB) (all []VisibleMessage) {
	for _, m := range p.Messages(testRoom) {
		if m.Deleted {
			continue
		}
		seen := VisibleMessage{ID: m.ID, Thread: m.Thread, Text: m.Text, Name: m.Author.Name, FromBot: m.FromBot, NotifiesAll: hasMassMention(m.Text)}
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
