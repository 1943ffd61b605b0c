package adaptertest

import (
	"errors"
	"reflect"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

func checkMessages(s *fixture) {
	s.startRun(nil)
	words := "plain words " + unique()
	before := time.Now()
	id := s.Person.Send(s.TB, "", words)
	m := s.waitMessage(id)
	want := adapters.Message{
		Ref:    adapters.Ref{Room: s.room.ID, ID: id},
		Author: adapters.User{ID: m.Author.ID, Name: s.Person.Name(), Picture: m.Author.Picture},
		Text:   words,
		At:     m.At,
	}
	if !reflect.DeepEqual(*m, want) || m.Author.ID == "" {
		s.Errorf("received %+v, want %+v with an author's ID", *m, want)
	}
	// Clocks of a platform and of this machine may differ somewhat.
	if off := m.At.Sub(before).Abs(); off > 5*time.Minute || m.At.Nanosecond()%int(time.Millisecond) != 0 {
		s.Errorf("said at %v: received At %v, want about that, to the millisecond", before, m.At)
	}
	if pic := m.Author.Picture; pic != "" && !strings.HasPrefix(pic, "https://") {
		s.Errorf("picture: got %q, want an https address or none", pic)
	}
}

func checkEdits(s *fixture) {
	s.startRun(nil)
	root := s.post(adapters.Post{Text: "root " + unique()})
	for _, thread := range []adapters.MessageID{"", root} {
		id := s.Person.Send(s.TB, thread, "first words "+unique())
		original := s.waitMessage(id)
		words := "other words " + unique()
		s.Person.Edit(s.TB, id, words)
		var at time.Time
		s.eventually("the edit is received", func() bool {
			e, edit := find(s.sink, func(e *adapters.Edit) bool { return e.Ref == original.Ref && e.Text == words })
			m, whole := find(s.sink, func(m *adapters.Message) bool { return m.Ref == original.Ref && m.Text == words })
			switch {
			case edit:
				at = e.At
			case whole:
				at = m.EditedAt
				if m.Thread != thread || m.Author.ID != original.Author.ID || !m.At.Equal(original.At) {
					s.Errorf("an edit as a whole message: got %+v, want thread, author and time of %+v", m, original)
				}
			}
			return edit || whole
		})
		if at.Before(original.At) {
			s.Errorf("an edit of what was said at %v: got time %v, want a later one", original.At, at)
		}
	}
}

func checkDeletions(s *fixture) {
	s.startRun(nil)
	root := s.post(adapters.Post{Text: "root " + unique()})
	for _, thread := range []adapters.MessageID{"", root} {
		id := s.Person.Send(s.TB, thread, "to be taken back "+unique())
		s.waitMessage(id)
		s.Person.Delete(s.TB, id)
		s.waitDeletion(id)
	}
}

func (s *fixture) waitDeletion(id adapters.MessageID) {
	s.Helper()
	s.eventually("the deletion is received", func() bool {
		d, ok := find(s.sink, func(d *adapters.Deletion) bool { return d.ID == id && d.Room == s.room.ID })
		if ok && d.At.IsZero() {
			s.Fatalf("deletion of %s: got no time", id)
		}
		return ok
	})
}

func checkReactions(s *fixture) {
	s.startRun(nil)
	own := s.Person.Send(s.TB, "", "to be liked "+unique())
	user := s.waitMessage(own).Author.ID
	for _, id := range []adapters.MessageID{own, s.post(adapters.Post{Text: "to be liked " + unique()})} {
		for _, on := range []bool{true, false} {
			s.Person.React(s.TB, id, "👍", on)
			s.eventually("the reaction is received", func() bool {
				_, ok := find(s.sink, func(r *adapters.Reaction) bool {
					return r.ID == id && r.Room == s.room.ID && r.User == user && r.Emoji == "👍" && r.Added == on
				})
				return ok
			})
		}
	}
}

func checkRefused(s *fixture) {
	refusals, word := 0, unique()
	s.startRun(func(u adapters.Update) error {
		if m, ok := u.(*adapters.Message); ok && strings.Contains(m.Text, word) && refusals < 2 {
			refusals++
			return errors.New("the disk is full")
		}
		return nil
	})
	s.waitMessage(s.Person.Send(s.TB, "", "refused twice "+word))
	s.sendMarker()
}

func checkRefusedRestart(s *fixture) {
	if !s.Restartable {
		s.Skip("the harness has no restart")
	}
	word, refused := unique(), make(chan struct{}, 1)
	s.startRun(func(u adapters.Update) error {
		if m, ok := u.(*adapters.Message); ok && strings.Contains(m.Text, word) {
			select {
			case refused <- struct{}{}:
			default:
			}
			return errors.New("the disk is full")
		}
		return nil
	})
	id := s.Person.Send(s.TB, "", "refused "+word)
	select {
	case <-refused:
	case <-time.After(s.Timeout):
		s.Fatalf("the sink was not called within %v", s.Timeout)
	}
	s.restart()
	s.startRun(nil)
	if m := s.waitMessage(id); !strings.Contains(m.Text, word) {
		s.Errorf("after the restart: got %q, want what was refused before", m.Text)
	}
}

func checkWhileStopped(s *fixture) {
	if !s.Restartable {
		s.Skip("the harness has no restart")
	}
	s.startRun(nil)
	root := s.post(adapters.Post{Text: "root " + unique()})
	s.sendMarker()
	s.stopRun()
	said := s.Person.Send(s.TB, root, "said meanwhile "+unique())
	gone := s.Person.Send(s.TB, root, "said and taken back meanwhile "+unique())
	s.Person.Delete(s.TB, gone)
	dm := "optout " + unique()
	if s.SendDM != nil {
		s.SendDM(s.TB, dm)
	}
	s.restart()
	s.startRun(nil)
	if s.SendDM != nil {
		s.waitCommand(dm, "")
	}
	if got := s.waitMessage(said); got.Thread != root {
		s.Errorf("said meanwhile under %s: got thread %q, want that", root, got.Thread)
	}
	// Of what is gone the platform may keep nothing, or the message and its deletion, but not the message alone.
	s.sendMarker()
	if _, received := find(s.sink, func(m *adapters.Message) bool { return m.ID == gone && m.Text != "" }); received {
		s.waitDeletion(gone)
	}
}
