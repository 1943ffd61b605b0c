package adaptertest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

func checkMentionsOfBot(s *fixture) {
	s.startRun(nil)
	root := s.post(adapters.Post{Text: "root " + unique()})
	word := unique()
	commands := map[string]string{
		"!catchword ask " + word: "ask " + word, "!CatchWord: Ask " + word: "Ask " + word, "!catchword": "",
		word + " !catchword": "-", "!catchwords " + word: "-", "catchword " + word: "-",
	}
	if s.Mention != "" {
		commands[s.Mention+" ask "+word], commands[s.Mention], commands[word+" "+s.Mention] = "ask "+word, "", "-"
	}
	for words, command := range commands {
		for _, thread := range []adapters.MessageID{"", root} {
			m := s.waitMessage(s.Person.Send(s.TB, thread, words))
			s.checkMention(m, words, command)
			if h, ok := s.adapter.(adapters.HistoryReader); ok {
				for past, err := range h.History(s.Context(), s.room.ID, thread, m.At.Add(-time.Second)) {
					if errors.Is(err, errors.ErrUnsupported) {
						break
					} else if err != nil {
						s.Fatalf("History: %v", err)
					}
					if past.ID == m.ID {
						s.checkMention(past, words, command)
					}
				}
			}
		}
	}
	id := s.waitMessage(s.Person.Send(s.TB, "", "first words "+word)).ID
	s.Person.Edit(s.TB, id, "!catchword where "+word)
	s.eventually("the edit is received", func() bool {
		m, whole := find(s.sink, func(m *adapters.Message) bool { return m.ID == id && strings.Contains(m.Text, "where") })
		if whole {
			s.checkMention(m, "an edit", "where "+word)
		}
		_, edit := find(s.sink, func(e *adapters.Edit) bool { return e.ID == id })
		return whole || edit
	})
}

// toBot holds a message to what it says to the bot; "-" is nothing.
func (s *fixture) checkMention(m *adapters.Message, words, command string) {
	s.Helper()
	want := adapters.Message{ToBot: command != "-", Command: command}
	if !want.ToBot {
		want.Command = ""
	}
	if m.ToBot != want.ToBot || m.Command != want.Command || m.Text == "" || !strings.Contains(m.Text, m.Command) {
		s.Errorf("%q: got ToBot %v, Command %q and Text %q, want %v and %q, and all of it in Text", words, m.ToBot, m.Command, m.Text, want.ToBot, want.Command)
	}
}

func checkSlashCommand(s *fixture) {
	if s.SlashCommand == nil {
		s.Skip("the harness has no way to give a command in a room")
	}
	s.startRun(nil)
	s.checkCommands(s.SlashCommand, s.room.ID)
}

func checkDM(s *fixture) {
	if s.SendDM == nil {
		s.Skip("the harness has no private conversation")
	}
	s.startRun(nil)
	s.checkCommands(s.SendDM, "")
}

// checkCommands gives the same command twice, and once another, all in one place.
func (s *fixture) checkCommands(give func(testing.TB, string), room adapters.RoomID) {
	s.Helper()
	s.sendMarker() // by now the adapter receives: a slash command is not kept for later
	words := "extend 3m " + unique()
	give(s.TB, words)
	first := s.waitCommand(words, "")
	give(s.TB, words)
	second := s.waitCommand(words, first.ID)
	for _, c := range []*adapters.Command{first, second} {
		if c.Room != room || c.User.Name != s.Person.Name() || c.User.ID == "" || c.ID == "" || strings.ContainsAny(c.ID, " \t\n") {
			s.Errorf("command: got %+v, want room %q, user %q and an ID without spaces", *c, room, s.Person.Name())
		}
		if off := time.Since(c.At).Abs(); off > 5*time.Minute {
			s.Errorf("command: got At %v, want about now", c.At)
		}
	}
	s.sendMarker()
	if m, ok := find(s.sink, func(m *adapters.Message) bool { return strings.Contains(m.Text, words) }); ok {
		s.Errorf("a command: received as the message %+v, want it as none", m)
	}
	if got := s.visibleContaining(words); len(got) != 0 {
		s.Errorf("a command: got %+v shown in the room, want nothing", got)
	}
}

// waitCommand waits for a command of these words that is not the one with the ID except.
func (s *fixture) waitCommand(words, except string) (c *adapters.Command) {
	s.Helper()
	s.eventually(fmt.Sprintf("the command %q is received", words), func() (ok bool) {
		c, ok = find(s.sink, func(c *adapters.Command) bool { return c.Text == words && c.ID != except })
		return ok
	})
	return c
}

func checkDMRefused(s *fixture) {
	if s.SendDM == nil {
		s.Skip("the harness has no private conversation")
	}
	var ids []string
	words := "anon " + unique()
	s.startRun(func(u adapters.Update) error {
		if c, ok := u.(*adapters.Command); ok && c.Text == words && len(ids) < 2 {
			ids = append(ids, c.ID)
			return errors.New("the disk is full")
		}
		return nil
	})
	s.SendDM(s.TB, words)
	c := s.waitCommand(words, "")
	for _, id := range ids {
		if id != c.ID {
			s.Errorf("a command that comes again: got ID %q, want %q as before", c.ID, id)
		}
	}
}

func checkMemberJoined(s *fixture) {
	if s.AddMember == nil {
		s.Skip("the harness has nobody who arrives")
	}
	s.startRun(nil)
	name := s.AddMember(s.TB)
	s.eventually("the arrival is received", func() bool {
		a, ok := find(s.sink, func(a *adapters.MemberJoined) bool { return a.User.Name == name })
		if ok && (a.Room != s.room.ID || a.User.ID == "" || time.Since(a.At).Abs() > 5*time.Minute) {
			s.Fatalf("arrival: got %+v, want room %q, a user's ID and a time about now", *a, s.room.ID)
		}
		return ok
	})
	s.sendMarker()
	if a, ok := find(s.sink, func(a *adapters.MemberJoined) bool { return a.User.Name != name }); ok {
		s.Errorf("arrival: got %+v too, want %q alone", *a, name)
	}
	if m, ok := find(s.sink, func(m *adapters.Message) bool { return m.Author.Name == name }); ok {
		s.Errorf("arrival: got %+v, want no message", *m)
	}
}

func checkEphemeral(s *fixture) {
	s.startRun(nil)
	words := "for you alone " + unique()
	s.postEphemeral(adapters.Post{Room: s.room.ID, Text: words + " @here @room"})
	s.sendMarker()
	if m, ok := find(s.sink, func(m *adapters.Message) bool { return strings.Contains(m.Text, words) }); ok {
		s.Errorf("received the adapter's own ephemeral message as %+v, want it never received", m)
	}
	for _, m := range s.visibleContaining(words) {
		if m.NotifiesAll {
			s.Errorf("an ephemeral message: got %+v, which calls everybody", m)
		}
	}
	if s.Ephemerals != nil {
		s.waitEphemeral(words)
	}
}

func checkEphemeralDM(s *fixture) {
	if s.Ephemerals == nil {
		s.Skip("the harness has no private conversation")
	}
	s.startRun(nil)
	words := "between you and me " + unique()
	s.postEphemeral(adapters.Post{Text: words + " @here @room"})
	if m := s.waitEphemeral(words); m.NotifiesAll || !m.FromBot {
		s.Errorf("an ephemeral message: got %+v, want it the adapter's, and that it calls nobody", m)
	}
	s.sendMarker()
	for _, m := range s.Ephemerals(s.TB, false) {
		if strings.Contains(m.Text, words) {
			s.Errorf("an ephemeral message in private: got %+v in the room", m)
		}
	}
	if got := s.visibleContaining(words); len(got) != 0 {
		s.Errorf("an ephemeral message in private: got %+v in the room", got)
	}
	_, message := find(s.sink, func(m *adapters.Message) bool { return strings.Contains(m.Text, words) })
	_, command := find(s.sink, func(c *adapters.Command) bool { return strings.Contains(c.Text, words) })
	if message || command {
		s.Errorf("received the adapter's own ephemeral message, want it never received")
	}
}

// postEphemeral says p to the person, or skips the check.
func (s *fixture) postEphemeral(p adapters.Post) {
	s.Helper()
	w, ok := s.adapter.(adapters.EphemeralPoster)
	if !ok {
		s.Skip("the adapter has not the ability: Whisperer")
	}
	p.Key = unique()
	err := w.PostEphemeral(s.Context(), s.sendMarker().Author.ID, p)
	if errors.Is(err, errors.ErrUnsupported) {
		s.Skip("the adapter has not the permission: Whisperer")
	} else if err != nil {
		s.Fatalf("Whisper: %v", err)
	}
}

// waitEphemeral waits until the person sees an ephemeral message of these words, wherever.
func (s *fixture) waitEphemeral(words string) (found VisibleMessage) {
	s.Helper()
	s.eventually(fmt.Sprintf("the ephemeral message %q is seen", words), func() bool {
		for _, m := range slices.Concat(s.Ephemerals(s.TB, true), s.Ephemerals(s.TB, false)) {
			if strings.Contains(m.Text, words) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

func checkButtons(s *fixture) {
	if s.PressButton == nil || s.Ephemerals == nil {
		s.Skip("the harness has no buttons")
	}
	s.startRun(nil)
	for _, room := range []adapters.RoomID{s.room.ID, ""} {
		words, next, hold := "Q2 in two minutes "+unique(), "next q2 "+unique(), "hold "+unique()
		s.postEphemeral(adapters.Post{Room: room, Text: words, Buttons: []adapters.Button{{Label: "Next", Command: next}, {Label: "Hold <&> on", Command: hold}}})
		s.waitEphemeral(words)
		s.PressButton(s.TB, words, "Hold <&> on")
		c := s.waitCommand(hold, "")
		if c.Room != "" && c.Room != room || c.User.Name != s.Person.Name() || c.User.ID == "" || c.ID == "" || time.Since(c.At).Abs() > 5*time.Minute {
			s.Errorf("a press in %q: got %+v, want that room, the person, an ID and a time about now", room, *c)
		}
		if c, ok := find(s.sink, func(c *adapters.Command) bool { return c.Text == next }); ok {
			s.Errorf("a press of one button: got %+v, which is the other's", *c)
		}
	}
}

// checkLongEphemeral tries what is over every platform's limits.
func checkLongEphemeral(s *fixture) {
	if s.PressButton == nil || s.Ephemerals == nil {
		s.Skip("the harness has no buttons")
	}
	s.startRun(nil)
	for _, room := range []adapters.RoomID{s.room.ID, ""} {
		p := adapters.Post{Room: room}
		var words []string
		for i := range 50 {
			words = append(words, fmt.Sprintf("suggestion %d %s", i, unique()))
			p.Text += "- *" + words[i] + "* " + strings.Repeat("and so on ", 30) + "\n"
		}
		for i := range 30 {
			p.Buttons = append(p.Buttons, adapters.Button{Label: fmt.Sprint("Accept ", i, strings.Repeat(" more", 20*(i%2))), Command: "accept " + words[i]})
		}
		s.postEphemeral(p)
		last := words[len(words)-1]
		s.waitEphemeral(last)
		var all strings.Builder
		for _, m := range slices.Concat(s.Ephemerals(s.TB, true), s.Ephemerals(s.TB, false)) {
			all.WriteString(m.Text)
		}
		for _, w := range words {
			if !strings.Contains(all.String(), w) {
				s.Errorf("a long ephemeral message: got nothing of %q, want every word", w)
			}
		}
		s.PressButton(s.TB, last, p.Buttons[0].Label)
		s.waitCommand(p.Buttons[0].Command, "")
	}
}
