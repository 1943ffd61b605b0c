package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// suggest takes a question for the hosts to ask, or an anonymous message for them to share.
func (b *Bot) suggest(ctx context.Context, r request, h chatState, o command) (outcome, error) {
	if h.table.over() {
		return outcome{reply: "The chat is over. Its threads stay open for late answers: send `where` for links to them."}, nil
	}
	s := store.Suggestion{
		Chat: h.Slug, Kind: store.SuggestedQuestion, Text: o.text,
		By: store.Author{Workspace: r.ws.Name, User: r.user.ID, Name: r.user.Name}, Command: r.key,
	}
	reply := "Thank you! The hosts have your suggestion."
	if o.name == cmdAnon {
		if !r.private {
			return outcome{reply: "Everybody in the room can see that message. Send me `anon TEXT` in a direct message instead, and I’ll share it without your name if a host agrees."}, nil
		}
		// Nothing is stored about who sent it, not even that there was a reply.
		s.Kind, s.By, s.Command = store.AnonymousMessage, store.Author{}, ""
		reply = "Thank you! If a host agrees, I’ll share it without your name. I keep nothing that shows it was you. " +
			"You can still edit or delete your message to me until a host decides, or until I’m restarted."
	}
	live, ok := h.table.live()
	if !ok && o.name == cmdAnon {
		return outcome{reply: "The chat hasn’t started. Please send `anon TEXT` again once the chat runs."}, nil
	}
	if ok {
		s.Step = questions.OriginalStep(live.name)
	}
	n, err := b.submit(ctx, h.Chat, s, 0, r.now)
	if err == nil && s.Command == "" {
		r.ws.anonymousMessages.remember(r.key, suggestionRef{chat: s.Chat, n: n})
	}
	return outcome{reply: reply}, err
}

// submit stores a suggestion and sends it to the hosts. replaces is the suggestion that it is an edit of, or 0.
func (b *Bot) submit(ctx context.Context, c questions.Chat, s store.Suggestion, replaces int, now time.Time) (n int, err error) {
	if s.N, err = b.db.AddSuggestion(ctx, s); err != nil {
		return 0, err
	}
	w := store.Ephemeral{
		Key: fmt.Sprintf("suggestion/%s/%d", c.Slug, s.N), Text: suggestionText(s, replaces), Due: now, Expires: now.Add(replyTTL),
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
		w.Buttons = []adapters.Button{{Label: "Share it", Command: fmt.Sprintf("accept %d", s.N)}, {Label: "No", Command: fmt.Sprintf("decline %d", s.N)}}
	}
	return s.N, b.notifyHosts(ctx, c, w)
}

// editSuggestion edits or withdraws a suggestion when its author edits or deletes the command, however late, until a
// host has decided. An edited suggestion becomes a new one: hosts can't accept what they haven't read.
func (b *Bot) editSuggestion(ctx context.Context, ws *workspace, id, text string) error {
	key := store.CommandKey(ws.Name, id)
	s, ok, err := b.db.SuggestionByCommand(ctx, key)
	if err != nil {
		return err
	}
	if ref, anonymous := ws.anonymousMessages.lookup(key); !ok && anonymous {
		if s, ok, err = b.db.PendingSuggestion(ctx, ref.chat, ref.n); err != nil {
			return err
		}
	}
	if !ok {
		return nil
	}
	o, _, understood := parseCommand(text)
	same := understood && (o.name == cmdSuggest && s.Kind == store.SuggestedQuestion || o.name == cmdAnon && s.Kind == store.AnonymousMessage)
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
		return b.notifyHosts(ctx, c, store.Ephemeral{
			Key: fmt.Sprintf("withdrawn/%s/%d", s.Chat, s.N), Due: now, Expires: now.Add(replyTTL),
			Text: fmt.Sprintf("Suggestion %d was withdrawn.", s.N),
		})
	}
	before := s.N
	s.Text = o.text
	if s.N, err = b.submit(ctx, c, s, before, now); err == nil && s.Command == "" {
		ws.anonymousMessages.remember(key, suggestionRef{chat: s.Chat, n: s.N})
	}
	return err
}

// suggestionText is what hosts read about a suggestion.
func suggestionText(s store.Suggestion, replaces int) string {
	if replaces > 0 {
		return fmt.Sprintf("✏️ Replaces %d, which was edited: ", replaces) + suggestionText(s, 0)
	}
	if s.Kind == store.AnonymousMessage {
		return fmt.Sprintf("🕶 **%d.** Somebody wants to share this without their name. Send `accept %d` or `decline %d`:\n\n%s", s.N, s.N, s.N, blockquote(s.Text))
	}
	return fmt.Sprintf("💡 **%d.** %s suggests a question. Send `accept %d`, `accept %d unnamed` or `decline %d`:\n\n%s", s.N,
		questions.EscapeLine(s.By.Name), s.N, s.N, s.N, blockquote(s.Text))
}

// decide accepts or declines a suggestion.
func (b *Bot) decide(ctx context.Context, r request, h chatState, o command) (outcome, error) {
	waiting, err := b.db.PendingSuggestions(ctx, h.Slug)
	if err != nil {
		return outcome{}, err
	}
	i := slices.IndexFunc(waiting, func(s store.Suggestion) bool { return s.N == o.suggestion })
	if o.suggestion == 0 && len(waiting) == 1 {
		i = 0
	}
	switch {
	case i < 0 && o.suggestion == 0 && len(waiting) > 1:
		return outcome{reply: fmt.Sprintf("%d suggestions are waiting. Say which one: `%s %d`, for example.", len(waiting), o.name, waiting[0].N)}, nil
	case i < 0:
		return outcome{reply: "No such suggestion is waiting. To see those that are, send `status`."}, nil
	}
	s := waiting[i]
	d := outcome{reply: fmt.Sprintf("✅ Suggestion %d is declined.", s.N)}
	switch {
	case o.name == cmdDecline:
	case s.Kind == store.AnonymousMessage:
		d.reply = "✅ I’m sharing it without a name."
		if err := b.relayAnonymous(ctx, r, s); err != nil {
			return outcome{}, err
		}
	default:
		credit := s.By
		if o.anonymous {
			credit = store.Author{}
		}
		if d, err = b.ask(ctx, r, h, s.Text, credit); err != nil || d.audit == "" {
			return d, err // it is still pending
		}
	}
	d.audit = fmt.Sprintf("%s suggestion %d", o.name, s.N)
	if o.name == cmdAccept {
		return d, b.db.DecideSuggestion(ctx, s, store.Accepted)
	}
	return d, b.db.DecideSuggestion(ctx, s, store.Declined)
}

// relayAnonymous turns an anonymous message into an answer, and relays it to every room.
func (b *Bot) relayAnonymous(ctx context.Context, r request, s store.Suggestion) error {
	a := store.Answer{
		RoomRef: store.PrivateRoom, Message: adapters.MessageID(fmt.Sprintf("%s-%d", s.Chat, s.N)), Chat: s.Chat, Step: s.Step, MatchedBy: questions.ByThread,
		Author: adapters.User{Name: "Anonymous"}, Text: s.Text, At: r.now,
	}
	a.Section = questions.StepSection(a.Step)
	if fresh, err := b.db.AddAnswer(ctx, a); err != nil || !fresh {
		return err
	}
	b.observeFiled(ctx, a)
	return b.relay(ctx, a)
}

// blockquote quotes a text in CommonMark.
func blockquote(text string) string { return "> " + strings.ReplaceAll(text, "\n", "\n> ") }

// anonymousMessages remembers which command made which anonymous suggestion, so that its author can edit it. Storing
// that would show who sent it, so it is lost with the process.
type anonymousMessages struct {
	mu        sync.Mutex
	byCommand map[string]suggestionRef
}

// A suggestionRef names a suggestion.
type suggestionRef struct {
	chat string
	n    int
}

func (m *anonymousMessages) remember(command string, s suggestionRef) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byCommand == nil {
		m.byCommand = map[string]suggestionRef{}
	}
	m.byCommand[command] = s
}

func (m *anonymousMessages) lookup(command string) (s suggestionRef, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok = m.byCommand[command]
	return s, ok
}
