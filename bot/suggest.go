package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

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
		By: store.Author{Workspace: r.ws.Name, User: r.user.ID, Name: r.user.Name}, Command: r.key,
	}
	reply := "Thank you: the hosts have it."
	if o.verb == toAnon {
		if !r.private {
			return deed{reply: "Everybody in the room has seen that. Say it to me in a private conversation, and I pass it on without your name."}, nil
		}
		// Nothing is kept of who it was, not even that somebody was answered.
		s.Kind, s.By, s.Command = store.AnonymousMessage, store.Author{}, ""
		reply = "Thank you: if a host agrees, I pass it on without your name. I keep nothing that tells it was you. " +
			"If you edit or delete what you have just said to me, that counts until a host has decided, or until I am restarted."
	}
	live, ok := h.table.live()
	if !ok && o.verb == toAnon {
		return deed{reply: "The chat hasn’t begun. Say it again when it is on."}, nil
	}
	if ok {
		s.Step = questions.OriginalStep(live.step)
	}
	n, err := b.bring(ctx, h.Chat, s, 0, r.now)
	if err == nil && s.Command == "" {
		r.ws.secrets.confide(r.key, confided{chat: s.Chat, n: n})
	}
	return deed{reply: reply}, err
}

// bring stores a suggestion and brings it before the hosts, instead of another one if that was edited.
func (b *Bot) bring(ctx context.Context, c questions.Chat, s store.Suggestion, instead int, now time.Time) (n int, err error) {
	if s.N, err = b.db.AddSuggestion(ctx, s); err != nil {
		return 0, err
	}
	w := store.Ephemeral{
		Key: fmt.Sprintf("suggestion/%s/%d", c.Slug, s.N), Text: suggested(s, instead), Due: now, Expires: now.Add(replyFor),
		Buttons: []adapters.Button{
			{Label: "Ask it", Command: fmt.Sprintf("accept %d", s.N)},
			{Label: "Ask it without a name", Command: fmt.Sprintf("accept %d unnamed", s.N)},
			{Label: "No", Command: fmt.Sprintf("decline %d", s.N)},
		},
	}
	if s.By.User != "" {
		w.QuotedUser = s.By.Workspace + "/" + string(s.By.User)
	}
	if s.Kind == store.AnonymousMessage {
		w.Buttons = []adapters.Button{{Label: "Pass it on", Command: fmt.Sprintf("accept %d", s.N)}, {Label: "No", Command: fmt.Sprintf("decline %d", s.N)}}
	}
	return s.N, b.tellHosts(ctx, c, w)
}

// amend has somebody edit what they suggested, or delete it, as long as no host has decided about it. What hosts were told can't
// be edited: so that none accepts what they have not read, an edited suggestion is another one. It is no matter of freshness.
func (b *Bot) amend(ctx context.Context, ws *workspace, id, text string) error {
	key := store.CommandKey(ws.Name, id)
	s, ok, err := b.db.SuggestionByCommand(ctx, key)
	if err != nil {
		return err
	}
	if c, secret := ws.secrets.confided(key); !ok && secret {
		if s, ok, err = b.db.PendingSuggestion(ctx, c.chat, c.n); err != nil {
			return err
		}
	}
	if !ok {
		return nil
	}
	o, _, understood := understand(text)
	same := understood && (o.verb == toSuggest && s.Kind == store.SuggestedQuestion || o.verb == toAnon && s.Kind == store.AnonymousMessage)
	if same && o.text == s.Text {
		return nil
	}
	c, _, err := b.db.Chat(ctx, s.Chat)
	if err != nil {
		return err
	}
	if err := b.db.DecideSuggestion(ctx, s, store.Withdrawn); err != nil {
		return err
	}
	now := b.clock.Now()
	if !same {
		return b.tellHosts(ctx, c, store.Ephemeral{
			Key: fmt.Sprintf("withdrawn/%s/%d", s.Chat, s.N), Due: now, Expires: now.Add(replyFor),
			Text: fmt.Sprintf("Suggestion %d is withdrawn by whoever made it.", s.N),
		})
	}
	before := s.N
	s.Text = o.text
	if s.N, err = b.bring(ctx, c, s, before, now); err == nil && s.Command == "" {
		ws.secrets.confide(key, confided{chat: s.Chat, n: s.N})
	}
	return err
}

// suggested is a suggestion as hosts read it.
func suggested(s store.Suggestion, instead int) string {
	if instead > 0 {
		return fmt.Sprintf("✏️ Instead of %d, which was edited: ", instead) + suggested(s, 0)
	}
	if s.Kind == store.AnonymousMessage {
		return fmt.Sprintf("🕶 **%d.** Somebody wants this passed on without a name. `accept %d` or `decline %d`:\n\n%s", s.N, s.N, s.N, quote(s.Text))
	}
	return fmt.Sprintf("💡 **%d.** %s suggests a question. `accept %d`, `accept %d unnamed` or `decline %d`:\n\n%s", s.N,
		questions.EscapeLine(s.By.Name), s.N, s.N, s.N, quote(s.Text))
}

// decide accepts or declines a suggestion.
func (b *Bot) decide(ctx context.Context, r request, h hour, o order) (deed, error) {
	waiting, err := b.db.PendingSuggestions(ctx, h.Slug)
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
	if o.verb == toAccept {
		return d, b.db.DecideSuggestion(ctx, s, store.Accepted)
	}
	return d, b.db.DecideSuggestion(ctx, s, store.Declined)
}

// passAnonymously makes an answer of a message whose author nobody knows. It was said in no room, so that every room hears it.
func (b *Bot) passAnonymously(ctx context.Context, r request, s store.Suggestion) error {
	a := store.Answer{
		RoomRef: store.PrivateRoom, Message: adapters.MessageID(fmt.Sprintf("%s-%d", s.Chat, s.N)), Chat: s.Chat, Step: s.Step, MatchedBy: questions.ByThread,
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
