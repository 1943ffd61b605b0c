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

// A castMember is a simulated participant in one workspace.
type castMember struct{ workspace, name string }

// A messageStyle says how a scripted message is sent.
type messageStyle int

const (
	inThread    messageStyle = iota // as a reply in the step's thread
	withTag                         // in the room, with the question's tag
	withHashtag                     // in the room, with the chat's hashtag
	untagged                        // in the room, while the question is live
	offTopic                        // in the room, not part of the chat, or for the bot only
)

// A scriptedMessage is one message of a cast member.
type scriptedMessage struct {
	afterStep    string  // the name of the step before it
	delaySeconds float64 // of chat time, after the step was posted in the room
	author       string
	style        messageStyle
	text         string
	followUps    []followUp
}

// A followUp is what a cast member does to a message, in their own room.
type followUp struct {
	delaySeconds float64 // of chat time, after the message
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

// A simulatedRoom is a room on the screen, with a part of the cast in it.
type simulatedRoom struct {
	terminal *terminal.Terminal
	target   store.RoomRef
	room     string
}

// A simulation plays a chat's participants. They react to the bot's posts, not to the agenda: a participant waits until
// a question is actually posted.
type simulation struct {
	chat   questions.Chat
	clock  *bot.Clock
	script []scriptedMessage
	rooms  []*simulatedRoom

	queue         []scheduledAction     // what the cast will do, in order of time
	pendingSteps  map[string]string     // the names of the steps that are still to be posted in some room, by the keys of their posts
	pendingCopies map[string][]followUp // what the cast will do to copies that are still to be posted, by the keys of their posts
	posted        chan postedMessage
	deadline      time.Time // when the simulation ends at the latest
}

type scheduledAction struct {
	at time.Time // in chat time
	do func() error
}

// A postedMessage is a post that the bot has sent.
type postedMessage struct {
	room *simulatedRoom
	post adapters.Post
	id   adapters.MessageID
}

func newSimulation(chat questions.Chat, clock *bot.Clock, script []scriptedMessage, rooms []*simulatedRoom) *simulation {
	sim := &simulation{
		chat: chat, clock: clock, script: script, rooms: rooms,
		pendingSteps: map[string]string{}, pendingCopies: map[string][]followUp{}, posted: make(chan postedMessage),
		deadline: chat.Ends.Add(questions.MaxOverrun + endGrace),
	}
	for _, r := range rooms {
		for _, step := range chat.Agenda() {
			if step.Kind != questions.KindReminder { // it may expire, and nobody reacts to it
				sim.pendingSteps[store.StepKey(chat.Slug, step.Name, r.target)] = step.Name
			}
		}
		sim.pendingSteps[store.StepKey(chat.Slug, string(store.KindNumbers), r.target)] = string(store.KindNumbers)
	}
	return sim
}

// endGrace is how long after the latest possible end the simulation waits for the bot.
const endGrace = 5 * time.Minute

// run plays until everything was posted and relayed, until the deadline, or until ctx is done.
func (sim *simulation) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // so that OnPost doesn't block the bot
	for _, r := range sim.rooms {
		r.terminal.OnPost(func(post adapters.Post, id adapters.MessageID) {
			select {
			case sim.posted <- postedMessage{r, post, id}:
			case <-ctx.Done():
			}
		})
		defer r.terminal.OnPost(nil)
	}
	for len(sim.queue)+len(sim.pendingSteps)+len(sim.pendingCopies) > 0 {
		next := sim.deadline
		if len(sim.queue) > 0 && sim.queue[0].at.Before(next) {
			next = sim.queue[0].at
		}
		timer := time.NewTimer(sim.clock.Until(next))
		select {
		case <-ctx.Done():
			return nil
		case m := <-sim.posted:
			sim.onPost(m)
		case <-timer.C:
			if len(sim.queue) == 0 || sim.queue[0].at.After(next) {
				return nil
			}
			do := sim.queue[0].do
			sim.queue = sim.queue[1:]
			if err := do(); err != nil {
				return fmt.Errorf("simulation: %w", err)
			}
		}
		timer.Stop()
	}
	return nil
}

// onPost schedules the cast's reactions to a post.
func (sim *simulation) onPost(m postedMessage) {
	if step, ok := sim.pendingSteps[m.post.Key]; ok {
		delete(sim.pendingSteps, m.post.Key)
		for _, r := range sim.script {
			if r.afterStep == step && workspaceOf(r.author) == m.room.target.Workspace {
				sim.schedule(r.delaySeconds, func() error { sim.send(r, m.room, m.id); return nil })
			}
		}
	}
	if followUps, ok := sim.pendingCopies[m.post.Key]; ok {
		delete(sim.pendingCopies, m.post.Key)
		sim.scheduleFollowUps(followUps, m.room, m.id)
	}
}

func (sim *simulation) send(r scriptedMessage, room *simulatedRoom, root adapters.MessageID) {
	if r.style != inThread {
		root = ""
	}
	id := room.terminal.SendAs(castUser(r.author), room.room, root, r.text)
	sim.scheduleFollowUps(r.followUps, room, id)
	if r.style == offTopic {
		return
	}
	for _, other := range sim.rooms {
		if other != room {
			sim.pendingCopies[sim.copyKey(room, id, other)] = r.followUps
		}
	}
}

// scheduleFollowUps schedules what people in a room do to a message, or to its copy there.
func (sim *simulation) scheduleFollowUps(followUps []followUp, room *simulatedRoom, id adapters.MessageID) {
	for _, s := range followUps {
		if workspaceOf(s.author) != room.target.Workspace {
			continue
		}
		sim.schedule(s.delaySeconds, func() error {
			switch s.action {
			case actionEdit:
				return room.terminal.EditAs(castUser(s.author), room.room, id, s.argument)
			case actionDelete:
				for _, other := range sim.rooms {
					delete(sim.pendingCopies, sim.copyKey(room, id, other)) // it may never be posted
				}
				return room.terminal.DeleteAs(castUser(s.author), room.room, id)
			default:
				return room.terminal.ReactAs(castUser(s.author), room.room, id, s.argument, true)
			}
		})
	}
}

func (sim *simulation) copyKey(room *simulatedRoom, id adapters.MessageID, other *simulatedRoom) string {
	return store.RelayKey(store.AnswerKey(room.target.Workspace, adapters.Ref{Room: room.target.Room, ID: id}), other.target)
}

// schedule schedules an action some seconds of chat time from now.
func (sim *simulation) schedule(seconds float64, do func() error) {
	c := scheduledAction{sim.clock.Now().Add(time.Duration(seconds * float64(time.Second))), do}
	i := slices.IndexFunc(sim.queue, func(o scheduledAction) bool { return o.at.After(c.at) })
	if i < 0 {
		i = len(sim.queue)
	}
	sim.queue = slices.Insert(sim.queue, i, c)
}

func castUser(name string) adapters.User {
	return adapters.User{ID: adapters.UserID(strings.ToLower(strings.ReplaceAll(name, " ", "."))), Name: name}
}

func workspaceOf(name string) string {
	i := slices.IndexFunc(castMembers, func(m castMember) bool { return m.name == name })
	return castMembers[i].workspace
}
