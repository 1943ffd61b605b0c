package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/terminal"
	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// A person of a cast is in one workspace, and known by their name.
type person struct{ workspace, name string }

// How a remark of the cast is said.
type manner int

const (
	inThread manner = iota // as a reply to the step
	tagged                 // in the room, with the question's tag before it
	hashtag                // in the room, with the chat's hashtag in it
	plain                  // in the room, just so, while the question is live
	aside                  // in the room, and not meant for the chat, or for the bot alone
)

// A remark is one thing that somebody of the cast says.
type remark struct {
	after   string  // the name of the step that it follows
	seconds float64 // of chat time, after the step was said in the room
	who     string
	how     manner
	text    string
	then    []sequel
}

// A sequel is what somebody does to a remark, in their own room.
type sequel struct {
	seconds float64 // of chat time, after the remark
	who     string
	does    deed
	with    string // the new text, or the emoji
}

type deed int

const (
	edits deed = iota
	deletes
	reacts
)

// A stage is a room on the screen in which a part of the cast is.
type stage struct {
	terminal *terminal.Terminal
	target   store.RoomRef
	room     string
}

// A play has a cast take part in a chat. The cast goes by what the bot says, not by the agenda: whoever waits for a
// question waits until it is there.
type play struct {
	chat   questions.Chat
	clock  *bot.Clock
	cast   []remark
	stages []*stage

	cues    []cue               // what the cast will do, by time
	steps   map[string]string   // the names of the steps that are still to be said in some room, by the keys of their posts
	copies  map[string][]sequel // what will be done to the copies of remarks that are still to come, by the keys of their posts
	posted  chan posted
	curtain time.Time // when the play ends, come what may
}

type cue struct {
	at time.Time // in chat time
	do func() error
}

// posted is a post of the bot's that has appeared.
type posted struct {
	on   *stage
	post adapters.Post
	id   adapters.MessageID
}

func newPlay(chat questions.Chat, clock *bot.Clock, cast []remark, stages []*stage) *play {
	p := &play{
		chat: chat, clock: clock, cast: cast, stages: stages,
		steps: map[string]string{}, copies: map[string][]sequel{}, posted: make(chan posted),
		curtain: chat.Ends.Add(questions.MaxOverrun + encore),
	}
	for _, s := range stages {
		for _, step := range chat.Agenda() {
			if step.Kind != questions.KindReminder { // which may be missed, and has nobody waiting for it
				p.steps[store.StepKey(chat.Slug, step.Name, s.target)] = step.Name
			}
		}
		p.steps[store.StepKey(chat.Slug, string(store.KindNumbers), s.target)] = string(store.KindNumbers)
	}
	return p
}

// encore is how long after the latest possible end the bot may still be waited for.
const encore = 5 * time.Minute

// act plays until everything was said and passed on, until the curtain, or until ctx is done.
func (p *play) act(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // lets the bot speak on
	for _, s := range p.stages {
		s.terminal.OnPost(func(post adapters.Post, id adapters.MessageID) {
			select {
			case p.posted <- posted{s, post, id}:
			case <-ctx.Done():
			}
		})
		defer s.terminal.OnPost(nil)
	}
	for len(p.cues)+len(p.steps)+len(p.copies) > 0 {
		next := p.curtain
		if len(p.cues) > 0 && p.cues[0].at.Before(next) {
			next = p.cues[0].at
		}
		timer := time.NewTimer(p.clock.Until(next))
		select {
		case <-ctx.Done():
			return nil
		case said := <-p.posted:
			p.answer(said)
		case <-timer.C:
			if len(p.cues) == 0 || p.cues[0].at.After(next) {
				return nil
			}
			do := p.cues[0].do
			p.cues = p.cues[1:]
			if err := do(); err != nil {
				return fmt.Errorf("the cast stumbled: %w", err)
			}
		}
		timer.Stop()
	}
	return nil
}

// answer gives the cast its cues from what the bot has said.
func (p *play) answer(said posted) {
	if step, ok := p.steps[said.post.Key]; ok {
		delete(p.steps, said.post.Key)
		for _, r := range p.cast {
			if r.after == step && workspaceOf(r.who) == said.on.target.Workspace {
				p.in(r.seconds, func() error { p.say(r, said.on, said.id); return nil })
			}
		}
	}
	if sequels, ok := p.copies[said.post.Key]; ok {
		delete(p.copies, said.post.Key)
		p.follow(sequels, said.on, said.id)
	}
}

func (p *play) say(r remark, on *stage, root adapters.MessageID) {
	if r.how != inThread {
		root = ""
	}
	id := on.terminal.SendAs(user(r.who), on.room, root, r.text)
	p.follow(r.then, on, id)
	if r.how == aside {
		return
	}
	for _, other := range p.stages {
		if other != on {
			p.copies[p.copyOf(on, id, other)] = r.then
		}
	}
}

// follow gives the cues for what those on a stage do to a remark, or to its copy there.
func (p *play) follow(sequels []sequel, on *stage, id adapters.MessageID) {
	for _, s := range sequels {
		if workspaceOf(s.who) != on.target.Workspace {
			continue
		}
		p.in(s.seconds, func() error {
			switch s.does {
			case edits:
				return on.terminal.EditAs(user(s.who), on.room, id, s.with)
			case deletes:
				for _, other := range p.stages {
					delete(p.copies, p.copyOf(on, id, other)) // it may not come any more
				}
				return on.terminal.DeleteAs(user(s.who), on.room, id)
			default:
				return on.terminal.ReactAs(user(s.who), on.room, id, s.with, true)
			}
		})
	}
}

func (p *play) copyOf(on *stage, id adapters.MessageID, other *stage) string {
	return store.RelayKey(store.AnswerKey(on.target.Workspace, adapters.Ref{Room: on.target.Room, ID: id}), other.target)
}

// in gives a cue some seconds of chat time from now.
func (p *play) in(seconds float64, do func() error) {
	c := cue{p.clock.Now().Add(time.Duration(seconds * float64(time.Second))), do}
	i := slices.IndexFunc(p.cues, func(o cue) bool { return o.at.After(c.at) })
	if i < 0 {
		i = len(p.cues)
	}
	p.cues = slices.Insert(p.cues, i, c)
}

func user(name string) adapters.User {
	return adapters.User{ID: adapters.UserID(strings.ToLower(strings.ReplaceAll(name, " ", "."))), Name: name}
}

func workspaceOf(name string) string {
	i := slices.IndexFunc(people, func(p person) bool { return p.name == name })
	return people[i].workspace
}
