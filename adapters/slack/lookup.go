package slack

import (
	"context"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"
	"golang.org/x/sync/singleflight"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack/mrkdwn"
)

const (
	// cacheTTL is how long a name is kept. Every change comes as an event; this is for events that were missed.
	cacheTTL = 24 * time.Hour
	// unknownTTL is how long it is kept that Slack doesn't know a name: it may be wrong.
	unknownTTL = time.Minute
	// maxLookups is how many names are looked up at once.
	maxLookups = 8
)

// A cache remembers what fetch returns.
type cache[T any] struct {
	// fetch asks Slack. What it returns without a name is a substitute, and kept for a short time only.
	fetch    func(ctx context.Context, id string) (value T, known bool, err error)
	mu       sync.Mutex
	entries  map[string]entry[T]
	inFlight singleflight.Group
}

type entry[T any] struct {
	value   T
	expires time.Time
}

func (c *cache[T]) get(ctx context.Context, id string) (T, error) {
	c.mu.Lock()
	cached, ok := c.entries[id]
	c.mu.Unlock()
	if ok && time.Now().Before(cached.expires) {
		return cached.value, nil
	}
	resp, err, _ := c.inFlight.Do(id, func() (any, error) {
		what, known, err := c.fetch(ctx, id)
		switch {
		case err != nil:
		case known:
			c.put(id, what)
		case ok: // Slack knew it once
			what = cached.value
			c.keep(id, what, unknownTTL)
		default:
			c.keep(id, what, unknownTTL)
		}
		return what, err
	})
	if err != nil && ok {
		return cached.value, nil // an old name is better than none
	}
	what, _ := resp.(T)
	return what, err
}

func (c *cache[T]) put(id string, what T) { c.keep(id, what, cacheTTL) }

func (c *cache[T]) keep(id string, what T, ttl time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = map[string]entry[T]{}
	}
	c.entries[id] = entry[T]{what, time.Now().Add(ttl)}
}

// lookUp calls a method that looks something up, when not too many others do.
func (s *Slack) lookUp(ctx context.Context, method string, do func(context.Context) error) error {
	select {
	case s.lookups <- struct{}{}:
		defer func() { <-s.lookups }()
	case <-ctx.Done():
		return &adapters.RetryError{Err: context.Cause(ctx)}
	}
	return s.call(ctx, method, "", do)
}

// fetchUser asks Slack for somebody. If Slack doesn't know them, their name is their ID.
func (s *Slack) fetchUser(ctx context.Context, id string) (u adapters.User, known bool, err error) {
	err = s.lookUp(ctx, "users.info", func(ctx context.Context) error {
		resp, err := s.api.GetUserInfoContext(ctx, id)
		if err == nil && resp.ID == "" {
			err = errNotSlack
		}
		if err == nil {
			u = toUser(resp)
			if resp.IsBot {
				s.appUsers.Store(id, true)
			}
		}
		return err
	})
	if isRefusal(err) && !isFatal(err) {
		return adapters.User{ID: adapters.UserID(id), Name: id}, false, nil
	}
	return u, true, err
}

// UserName is the name that channels show for somebody.
func (s *Slack) UserName(ctx context.Context, who adapters.UserID) (string, error) {
	u, err := s.users.get(ctx, string(who))
	if u.Name == string(who) { // not known to Slack
		u.Name = ""
	}
	return u.Name, err
}

// fetchChannelName asks Slack for a channel's name, without "#". It is "" if the bot can't see the channel.
func (s *Slack) fetchChannelName(ctx context.Context, id string) (name string, known bool, err error) {
	err = s.lookUp(ctx, "conversations.info", func(ctx context.Context) error {
		resp, err := s.api.GetConversationInfoContext(ctx, &slackgo.GetConversationInfoInput{ChannelID: id})
		if err == nil {
			name = resp.Name
		}
		return err
	})
	if isRefusal(err) && !isFatal(err) {
		return "", false, nil
	}
	return name, true, err
}

// A lookup looks up the names that one message mentions. err is the last failure. It lives no longer than its context.
type lookup struct {
	*Slack
	me  *identity
	ctx context.Context
	err error
}

func (l *lookup) User(id string) string {
	if id == l.me.userID {
		return l.me.name // so that ParseMention recognises it
	}
	u, err := l.users.get(l.ctx, id)
	if err != nil {
		l.err = err
	}
	if u.Name == id { // not known to Slack
		return ""
	}
	return u.Name
}

func (l *lookup) Channel(id string) string {
	name, err := l.channelNames.get(l.ctx, id)
	if err != nil {
		l.err = err
	}
	return name
}

// Group returns "": the names of user groups would need one more scope.
func (l *lookup) Group(string) string { return "" }

// text is the text of m, with the names of the people it mentions.
func (s *Slack) text(ctx context.Context, me *identity, m *slackMessage) (string, error) {
	l := &lookup{Slack: s, me: me, ctx: ctx}
	text := mrkdwn.ToCommonMark(m, l)
	return text, l.err
}

// toUser converts a user, with the name that channels show.
func toUser(u *slackgo.User) adapters.User {
	return adapters.User{
		ID:      adapters.UserID(u.ID),
		Name:    adapters.CleanName(u.Profile.DisplayName, u.Profile.RealName, u.RealName, u.Name, u.ID),
		Picture: firstHTTPS(u.Profile.Image192, u.Profile.Image72, u.Profile.Image48),
	}
}

// appAuthor is another app as the author of a message, with the name that it has there.
func appAuthor(m *slackgo.Msg) adapters.User {
	u, profileName := adapters.User{ID: adapters.UserID(m.BotID)}, ""
	if m.Icons != nil {
		u.Picture = firstHTTPS(m.Icons.IconURL)
	}
	if p := m.BotProfile; p != nil {
		profileName = p.Name
		if p.Icons != nil && u.Picture == "" {
			u.Picture = firstHTTPS(p.Icons.Image72, p.Icons.Image48)
		}
	}
	u.Name = adapters.CleanName(m.Username, profileName, m.BotID)
	return u
}

// firstHTTPS is the first https address.
func firstHTTPS(addresses ...string) string {
	for _, a := range addresses {
		if strings.HasPrefix(a, "https://") {
			return a
		}
	}
	return ""
}
