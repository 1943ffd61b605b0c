package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// suggest brings before the hosts what somebody would like to be asked, or said without a name.
func (b *Bot) suggest(ctx context.Context, r request, h hour, o order) (deed, error) {
	if h.table.over() {
		return deed{reply: "The chat is over; its threads are open for late answers."}, nil
	}
	s := store.Suggestion{
		Chat: h.Slug, Kind: store.SuggestedQuestion, Text: o.text,
		By: store.Author{Workspace: r.ws.Name, User: r.user.ID, Name: r.user.Name},
	}
	reply := "Thank you: the hosts have it."
	if o.verb == toAnon {
		if !r.private {
			return deed{reply: "Everybody in the room has seen that. Say it to me in a private conversation, and I pass it on without your name."}, nil
		}
		// Nothing is kept of who it was, not even that somebody was answered.
		s.Kind, s.By = store.AnonymousMessage, store.Author{}
		reply = "Thank you: if a host agrees, I pass it on without your name. I keep nothing that tells it was you, so that you can’t change it any more."
	}
	live, ok := h.table.live()
	if !ok && o.verb == toAnon {
		return deed{reply: "The chat hasn’t begun. Say it again when it is on."}, nil
	}
	if ok {
		s.Step = questions.Original(live.step)
	}
	var err error
	if s.N, err = b.db.Suggest(ctx, s); err != nil {
		return deed{}, err
	}
	w := store.Whisper{
		Key: fmt.Sprintf("suggestion/%s/%d", h.Slug, s.N), Text: suggested(s), Due: r.now, Until: r.now.Add(replyFor),
		Buttons: []adapters.Button{
			{Label: "Ask it", Command: fmt.Sprintf("accept %d", s.N)},
			{Label: "Ask it without a name", Command: fmt.Sprintf("accept %d unnamed", s.N)},
			{Label: "No", Command: fmt.Sprintf("decline %d", s.N)},
		},
	}
	if s.By.User != "" {
		w.About = r.person()
	}
	if s.Kind == store.AnonymousMessage {
		w.Buttons = []adapters.Button{{Label: "Pass it on", Command: fmt.Sprintf("accept %d", s.N)}, {Label: "No", Command: fmt.Sprintf("decline %d", s.N)}}
	}
	if err := b.tellHosts(ctx, h.Chat, w); err != nil {
		return deed{}, err
	}
	return deed{reply: reply}, nil
}

// suggested is a suggestion as hosts read it.
func suggested(s store.Suggestion) string {
	if s.Kind == store.AnonymousMessage {
		return fmt.Sprintf("🕶 **%d.** Somebody wants this passed on without a name. `accept %d` or `decline %d`:\n\n%s", s.N, s.N, s.N, quote(s.Text))
	}
	return fmt.Sprintf("💡 **%d.** %s suggests a question. `accept %d`, `accept %d unnamed` or `decline %d`:\n\n%s", s.N,
		questions.Plain(s.By.Name), s.N, s.N, s.N, quote(s.Text))
}

// decide accepts or declines a suggestion.
func (b *Bot) decide(ctx context.Context, r request, h hour, o order) (deed, error) {
	waiting, err := b.db.Suggestions(ctx, h.Slug)
	if err != nil {
		return deed{}, err
	}
	i := slices.IndexFunc(waiting, func(s store.Suggestion) bool { return s.N == o.n })
	if o.n == 0 && len(waiting) == 1 {
		i = 0
	}
	switch {
	case i < 0 && o.n == 0 && len(waiting) > 1:
		return deed{reply: fmt.Sprintf("%d suggestions wait: say which one, as in `%s %d`.", len(waiting), o.verb, waiting[0].N)}, nil
	case i < 0:
		return deed{reply: "No such suggestion waits; `status` lists those that do."}, nil
	}
	s := waiting[i]
	d := deed{reply: fmt.Sprintf("✅ Suggestion %d is declined.", s.N)}
	switch {
	case o.verb == toDecline:
	case s.Kind == store.AnonymousMessage:
		d.reply = "✅ It is passed on without a name."
		if err := b.passAnonymously(ctx, r, s); err != nil {
			return deed{}, err
		}
	default:
		credit := s.By
		if o.unnamed {
			credit = store.Author{}
		}
		if d, err = b.ask(ctx, r, h, s.Text, credit); err != nil || d.what == "" {
			return d, err // it waits on
		}
	}
	d.what = fmt.Sprintf("%s suggestion %d", o.verb, s.N)
	return d, b.db.Decide(ctx, s, o.verb == toAccept)
}

// passAnonymously makes an answer of a message whose author nobody knows. It was said in no room, so that every room hears it.
func (b *Bot) passAnonymously(ctx context.Context, r request, s store.Suggestion) error {
	a := store.Answer{
		Target: store.Nowhere, Message: adapters.MessageID(fmt.Sprintf("%s-%d", s.Chat, s.N)), Chat: s.Chat, Step: s.Step, How: questions.ByThread,
		Author: adapters.User{Name: "Anonymous"}, Text: s.Text, At: r.now,
	}
	a.Section = questions.StepSection(a.Step)
	if fresh, err := b.db.AddAnswer(ctx, a); err != nil || !fresh {
		return err
	}
	b.filed(ctx, a)
	return b.accept(ctx, a)
}

// quote shows words as somebody else's.
func quote(text string) string { return "> " + strings.ReplaceAll(text, "\n", "\n> ") }
