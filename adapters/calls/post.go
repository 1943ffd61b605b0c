package calls

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

const (
	// LookBack is how far back a room is searched for a post if nobody knows when it was first tried. It is how long a
	// chat takes late answers after its end: nothing older is tried again.
	LookBack = 7 * 24 * time.Hour
	// MaxClockSkew is how far a platform's clock and ours may be apart.
	MaxClockSkew = 10 * time.Minute
	// settleDelay is how long a platform gets to finish, and to show, a message whose response was lost.
	settleDelay = time.Second
)

// A Part is a post, or as much of it as fits into one message.
type Part struct {
	Key   string
	Text  string
	Count int // how many parts there are, in the first; else 0
}

// Parts are the parts of the post with this key, one for each text.
func Parts(key string, texts []string) []Part {
	parts := make([]Part, len(texts))
	for i, text := range texts {
		parts[i] = Part{Key: PartKey(key, i), Text: text}
	}
	if len(parts) > 0 {
		parts[0].Count = len(parts)
	}
	return parts
}

// PartKey is the key of part i, counted from 0. The first has the key of the post.
func PartKey(key string, i int) string {
	if i == 0 || key == "" {
		return key
	}
	return key + "#" + strconv.Itoa(i+1)
}

// IsPart reports whether partKey belongs to a part of the post with this key.
func IsPart(partKey, key string) bool {
	return partKey != "" && (partKey == key || strings.HasPrefix(partKey, key+"#"))
}

// Posted are the messages of a post that exist, by the keys of their parts.
type Posted map[string]adapters.MessageID

// A Poster posts one post in as many messages as it takes. The first goes where the post belongs; the others follow in
// the same thread, or in the one that the first begins.
type Poster struct {
	Attempts *Attempts
	Log      *slog.Logger
	// Find looks for what earlier attempts have posted. since is when the first was made; zero for unknown.
	Find func(ctx context.Context, p adapters.Post, since time.Time) (Posted, error)
	// ShowsLate says that the platform may accept a message some time before it shows it.
	ShowsLate bool
	Split     func(adapters.Post) []Part
	Send      func(context.Context, adapters.Post, Part) (adapters.MessageID, error)
	// Note, if not nil, records the message of each part after the first. number counts the first part as 1.
	Note func(ctx context.Context, first adapters.MessageID, number int, id adapters.MessageID) error
}

// Post does what adapters.Adapter promises of it.
func (o Poster) Post(ctx context.Context, p adapters.Post) (first adapters.MessageID, err error) {
	since := o.Attempts.start(p)
	defer func() {
		if !Retryable(err) {
			o.Attempts.end(p.Key)
		}
	}()
	var posted Posted
	if p.Retry {
		if posted, err = o.Find(ctx, p, since); err != nil {
			return "", err
		}
	}
	first = posted[p.Key]
	switch {
	case p.Text != "":
	case !p.Retry:
		return "", Errorf("there is nothing to post")
	case first == "" && o.ShowsLate && o.Attempts.missing(p.Key) < settleDelay:
		return "", &adapters.RetryError{After: settleDelay, Err: errors.New("not found yet; the platform may still show it")}
	default:
		return first, nil
	}
	parts := o.Split(p)
	if len(parts) == 0 {
		return "", Errorf("the text shows nothing")
	}
	if first == "" {
		if first, err = o.send(ctx, p, parts[0]); err != nil {
			return "", err
		}
	}
	err = o.PostRest(ctx, first, p, parts, posted)
	if Closed(err) {
		err = &adapters.RetryError{Err: err} // the first part is there, and will be found
	}
	if Retryable(err) {
		return "", err
	} else if err != nil {
		o.Log.Error("could not send the rest of a long post", "key", p.Key, "error", err)
	}
	return first, nil
}

// PostRest posts the parts after the first that don't exist yet.
func (o Poster) PostRest(ctx context.Context, first adapters.MessageID, p adapters.Post, parts []Part, posted Posted) (err error) {
	if p.Thread == "" {
		p.Thread = first
	}
	for i, part := range parts[1:] {
		id := posted[part.Key]
		if id == "" {
			if id, err = o.send(ctx, p, part); err != nil {
				return err
			}
		}
		if o.Note != nil {
			if err := o.Note(ctx, first, i+2, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// send leaves the platform some time, if it may have got through, before anybody looks for the message.
func (o Poster) send(ctx context.Context, p adapters.Post, part Part) (adapters.MessageID, error) {
	id, err := o.Send(ctx, p, part)
	if retry, ok := errors.AsType[*adapters.RetryError](err); ok && retry.After == 0 {
		retry.After = settleDelay
	}
	return id, err
}

// Attempts remember the posts that may have got through, until they are settled. The zero Attempts are ready to use.
type Attempts struct {
	mu    sync.Mutex
	posts map[string]*attempt
}

type attempt struct {
	tried  time.Time // first; zero for before this process began
	sought time.Time // first, in vain; zero for never
}

func (a *Attempts) get(key string) *attempt {
	if a.posts == nil {
		a.posts = map[string]*attempt{}
	}
	if a.posts[key] == nil {
		a.posts[key] = &attempt{}
	}
	return a.posts[key]
}

// start returns when a post was first tried.
func (a *Attempts) start(p adapters.Post) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := a.get(p.Key)
	if at.tried.IsZero() && !p.Retry {
		at.tried = time.Now()
	}
	return at.tried
}

// missing returns for how long a post has been sought in vain.
func (a *Attempts) missing(key string) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := a.get(key)
	if at.sought.IsZero() {
		at.sought = time.Now()
	}
	return time.Since(at.sought)
}

func (a *Attempts) end(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.posts, key)
}
