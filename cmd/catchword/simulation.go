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

// A castMember of a cast is in one workspace, and known by their name.
type castMember struct{ workspace, name string }

// How a remark of the cast is said.
type messageStyle int

const (
	inThread    messageStyle = iota // as a reply to the step
	withTag                         // in the room, with the question's tag before it
	withHashtag                     // in the room, with the chat's hashtag in it
	untagged                        // in the room, just so, while the question is live
	offTopic                        // in the room, and not meant for the chat, or for the bot alone
)

// A scriptedMessage is one thing that somebody of the cast says.
type scriptedMessage struct {
	afterStep    string  // the name of the step that it follows
	delaySeconds float64 // of chat time, after the step was said in the room
	author       string
	style        messageStyle
	text         string
	followUps    []followUp
}

// A followUp is what somebody does to a remark, in their own room.
type followUp struct {
	delaySeconds float64 // of chat time, after the remark
	author       string
	action       followUpAction
	argument     string // the new text, or the emoji
}

type followUpAction int

const (
	actionEdit followUpAction = iota
	actionDelete
	actionReact
)

// A simulatedRoom is a room on the screen in which a part of the cast is.
type simulatedRoom struct {
	terminal *terminal.Terminal
	target   store.RoomRef
	room     string
}

// A simulation has a cast take part in a chat. The cast goes by what the bot says, not by the agenda: whoever waits for a
// question waits until it is there.
type simulation struct {
	chat   questions.Chat
	clock  *bot.Clock
	script []scriptedMessage
	rooms  []*simulatedRoom

	queue         []scheduledAction     // what the cast will do, by time
	pendingSteps  map[string]string     // the names of the steps that are still to be said in some room, by the keys of their posts
	pendingCopies map[string][]followUp // what will be done to the copies of remarks that are still to come, by the keys of their posts
	posted        chan postedMessage
	deadline      time.Time // when the play ends, come what may
}

type scheduledAction struct {
	at time.Time // in chat time
	do func() error
}

// postedMessage is a post of the bot's that has appeared.
type postedMessage struct {
	room *simulatedRoom
	post adapters.Post
	id   adapters.MessageID
}

func newSimulation(chat questions.Chat, clock *bot.Clock, cast []scriptedMessage, stages []*simulatedRoom) *simulation {
	p := &simulation{
		chat: chat, clock: clock, script: cast, rooms: stages,
		pendingSteps: map[string]string{}, pendingCopies: map[string][]followUp{}, posted: make(chan postedMessage),
		deadline: chat.Ends.Add(questions.MaxOverrun + endGrace),
	}
	for _, s := range stages {
		for _, step := range chat.Agenda() {
			if step.Kind != questions.KindReminder { // which may be missed, and has nobody waiting for it
				p.pendingSteps[store.StepKey(chat.Slug, step.Name, s.target)] = step.Name
			}
		}
		p.pendingSteps[store.StepKey(chat.Slug, string(store.KindNumbers), s.target)] = string(store.KindNumbers)
	}
	return p
}

// endGrace is how long after the latest possible end the bot may still be waited for.
const endGrace = 5 * time.Minute

// run plays until everything was said and passed on, until the curtain, or until ctx is done.
func (p *simulation) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // lets the bot speak on
	for _, s := range p.rooms {
		s.terminal.OnPost(func(post adapters.Post, id adapters.MessageID) {
			select {
			case p.posted <- postedMessage{s, post, id}:
			case <-ctx.Done():
			}
		})
		defer s.terminal.OnPost(nil)
	}
	for len(p.queue)+len(p.pendingSteps)+len(p.pendingCopies) > 0 {
		next := p.deadline
		if len(p.queue) > 0 && p.queue[0].at.Before(next) {
			next = p.queue[0].at
		}
		timer := time.NewTimer(p.clock.Until(next))
		select {
		case <-ctx.Done():
			return nil
		case said := <-p.posted:
			p.onPost(said)
		case <-timer.C:
			if len(p.queue) == 0 || p.queue[0].at.After(next) {
				return nil
			}
			do := p.queue[0].do
			p.queue = p.queue[1:]
			if err := do(); err != nil {
				return fmt.Errorf("the cast stumbled: %w", err)
			}
		}
		timer.Stop()
	}
	return nil
}

// onPost gives the cast its cues from what the bot has said.
func (p *simulation) onPost(said postedMessage) {
	if step, ok := p.pendingSteps[said.post.Key]; ok {
		delete(p.pendingSteps, said.post.Key)
		for _, r := range p.script {
			if r.afterStep == step && workspaceOf(r.author) == said.room.target.Workspace {
				p.schedule(r.delaySeconds, func() error { p.send(r, said.room, said.id); return nil })
			}
		}
	}
	if sequels, ok := p.pendingCopies[said.post.Key]; ok {
		delete(p.pendingCopies, said.post.Key)
		p.scheduleFollowUps(sequels, said.room, said.id)
	}
}

func (p *simulation) send(r scriptedMessage, on *simulatedRoom, root adapters.MessageID) {
	if r.style != inThread {
		root = ""
	}
	id := on.terminal.SendAs(castUser(r.author), on.room, root, r.text)
	p.scheduleFollowUps(r.followUps, on, id)
	if r.style == offTopic {
		return
	}
	for _, other := range p.rooms {
		if other != on {
			p.pendingCopies[p.copyKey(on, id, other)] = r.followUps
		}
	}
}

// scheduleFollowUps gives the cues for what those on a stage do to a remark, or to its copy there.
func (p *simulation) scheduleFollowUps(sequels []followUp, on *simulatedRoom, id adapters.MessageID) {
	for _, s := range sequels {
		if workspaceOf(s.author) != on.target.Workspace {
			continue
		}
		p.schedule(s.delaySeconds, func() error {
			switch s.action {
			case actionEdit:
				return on.terminal.EditAs(castUser(s.author), on.room, id, s.argument)
			case actionDelete:
				for _, other := range p.rooms {
					delete(p.pendingCopies, p.copyKey(on, id, other)) // it may not come any more
				}
				return on.terminal.DeleteAs(castUser(s.author), on.room, id)
			default:
				return on.terminal.ReactAs(castUser(s.author), on.room, id, s.argument, true)
			}
		})
	}
}

func (p *simulation) copyKey(on *simulatedRoom, id adapters.MessageID, other *simulatedRoom) string {
	return store.RelayKey(store.AnswerKey(on.target.Workspace, adapters.Ref{Room: on.target.Room, ID: id}), other.target)
}

// schedule gives a cue some seconds of chat time from now.
func (p *simulation) schedule(seconds float64, do func() error) {
	c := scheduledAction{p.clock.Now().Add(time.Duration(seconds * float64(time.Second))), do}
	i := slices.IndexFunc(p.queue, func(o scheduledAction) bool { return o.at.After(c.at) })
	if i < 0 {
		i = len(p.queue)
	}
	p.queue = slices.Insert(p.queue, i, c)
}

func castUser(name string) adapters.User {
	return adapters.User{ID: adapters.UserID(strings.ToLower(strings.ReplaceAll(name, " ", "."))), Name: name}
}

func workspaceOf(name string) string {
	i := slices.IndexFunc(castMembers, func(p castMember) bool { return p.name == name })
	return castMembers[i].workspace
}
