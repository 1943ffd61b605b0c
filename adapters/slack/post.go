package slack

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack/mrkdwn"
)

const (
	// keyEvent is the event type of the metadata in which a post carries its key. Everybody in the workspace can see it.
	keyEvent = "catchword_post"
	// lookBack is how far a room is searched for a post that was first tried before this process began, when nothing but
	// its key is known of it. It is how long a chat takes late answers after its end: nothing older is tried again.
	lookBack = 7 * 24 * time.Hour
	// maxClockSkew is how far Slack's clock and ours may be apart.
	maxClockSkew = 10 * time.Minute
	// settleDelay is how long Slack gets to finish a post whose response was lost, before it is looked for.
	settleDelay = time.Second
	// MaxText is how many characters chat.update takes. Longer posts are split, so that all of them can be edited:
	// https://docs.slack.dev/reference/methods/chat.update
	MaxText = 4000
	// MaxParagraph is how many characters one section of a message may have:
	// https://docs.slack.dev/reference/block-kit/blocks/section-block
	MaxParagraph = 3000
	// maxName is how much of a name Slack shows beside a message.
	maxName = 80
)

// A part is a post, or a piece of one that is too long for a message.
type part struct {
	key   string
	count int // of pieces, in the first
	text  string
}

// parts divides a post.
func (s *Slack) parts(me *identity, p adapters.Post) []part {
	if !me.usesPersona(p) {
		p.Text = adapters.TextWithByline(p)
	}
	var parts []part
	for i, text := range mrkdwn.Split(p.Text, MaxText) {
		parts = append(parts, part{key: partKey(p.Key, i), text: text})
	}
	if len(parts) > 0 {
		parts[0].count = len(parts)
	}
	return parts
}

// partKey is the key of a piece: that of the post itself for the first.
func partKey(key string, i int) string {
	if i == 0 {
		return key
	}
	return key + "#" + strconv.Itoa(i+1)
}

// usesPersona tells whether p is said under another name. Without the scope for it, Slack would say it under the
// bot's own in silence, so then the name becomes part of the text.
func (me *identity) usesPersona(p adapters.Post) bool {
	return p.As.Byline() != "" && me.scopes["chat:write.customize"]
}

// Post says p. It never waits: where Slack asks to, the error says for how long.
func (s *Slack) Post(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
	id, err := s.post(ctx, p)
	if err != nil {
		return "", fmt.Errorf("post %s: %w", p.Key, err)
	}
	return adapters.MessageID(id), nil
}

func (s *Slack) post(ctx context.Context, p adapters.Post) (ts string, err error) {
	me, err := s.identity(ctx)
	if err != nil {
		return "", err
	}
	since := s.startAttempt(p)
	defer func() {
		if _, passes := errors.AsType[*adapters.RetryError](err); !passes {
			s.endAttempt(p)
		}
	}()
	there := map[string]string{} // keys to where they were said
	if p.Retry {
		if there, err = s.findPost(ctx, me, p, since); err != nil {
			return "", err
		}
	}
	ts = there[p.Key]
	if p.Text == "" {
		if p.Retry {
			return ts, nil
		}
		return "", errors.New("there is nothing to say")
	}
	parts := s.parts(me, p)
	if len(parts) == 0 {
		return "", errors.New("the text shows nothing")
	}
	if ts == "" {
		if ts, err = s.postPart(ctx, me, p, parts[0]); err != nil {
			return "", err
		}
	}
	if err := s.postRest(ctx, me, ts, p, parts, there); err != nil {
		if _, passes := errors.AsType[*adapters.RetryError](err); passes {
			return "", err
		}
		s.log.Error("the rest of a long post is lost", "workspace", s.config.Name, "key", p.Key, "error", err)
	}
	return ts, nil
}

// postRest says the pieces after the first, but for those that are there: where the first was said, or in the thread
// that it began.
func (s *Slack) postRest(ctx context.Context, me *identity, first string, p adapters.Post, parts []part, there map[string]string) error {
	if p.Thread == "" {
		p.Thread = adapters.MessageID(first)
	}
	for _, part := range parts[1:] {
		if there[part.key] != "" {
			continue
		}
		if _, err := s.postPart(ctx, me, p, part); err != nil {
			return err
		}
	}
	return nil
}

// postPart posts one message.
func (s *Slack) postPart(ctx context.Context, me *identity, p adapters.Post, part part) (string, error) {
	options := []slackgo.MsgOption{
		slackgo.MsgOptionDisableLinkUnfurl(), slackgo.MsgOptionDisableMediaUnfurl(), slackgo.MsgOptionParse(false), keyMetadata(part),
	}
	if p.Thread != "" {
		options = append(options, slackgo.MsgOptionTS(string(p.Thread)))
	}
	if me.usesPersona(p) {
		options = append(options, slackgo.MsgOptionUsername(truncate(p.As.Byline(), maxName)))
		if picture := firstHTTPS(p.As.Picture); picture != "" {
			options = append(options, slackgo.MsgOptionIconURL(picture))
		}
	}
	var ts string
	var posted slackgo.Message
	asked := time.Now()
	err := sendBlocks(part.text, nil, func(content slackgo.MsgOption) error {
		return s.call(ctx, "chat.postMessage", p.Room, func(ctx context.Context) (err error) {
			_, ts, posted, err = s.api.PostMessageWithResponseContext(ctx, string(p.Room), append(options, content)...)
			if err == nil && ts == "" {
				err = errNotSlack
			}
			return err
		})
	})
	if retry, ok := errors.AsType[*adapters.RetryError](err); ok && retry.After == 0 {
		retry.After = settleDelay
	}
	if err != nil {
		return "", err
	}
	s.watchdog.posted(asked)
	// Slack says the answer to a message that is gone in the room, without an error.
	if p.Thread != "" && posted.ThreadTimestamp == "" {
		return "", s.deleteStray(ctx, adapters.Ref{Room: p.Room, ID: adapters.MessageID(ts)})
	}
	return ts, nil
}

// deleteStray takes back an answer to what is gone. The error is final, unless it is still there.
func (s *Slack) deleteStray(ctx context.Context, ref adapters.Ref) error {
	if err := s.deleteMessage(ctx, ref); err != nil {
		return err
	}
	return &apiError{method: "chat.postMessage", code: "thread_not_found", room: s.roomName(ref.Room)}
}

// sendBlocks sends a text as blocks, with others below them, which say it exactly, and as mrkdwn, which is for notifications, and for whoever can't
// see blocks. Should Slack refuse the blocks, and so have done nothing, the mrkdwn goes alone.
func sendBlocks(text string, below []slackgo.Block, send func(slackgo.MsgOption) error) error {
	plain := slackgo.MsgOptionText(mrkdwn.FromCommonMark(text), false)
	err := send(slackgo.MsgOptionCompose(plain, slackgo.MsgOptionBlocks(append(mrkdwn.Blocks(text), below...)...)))
	if hasCode(err, "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long") {
		// No blocks are not the same as none: an edit would leave those that are there.
		err = send(slackgo.MsgOptionCompose(plain, slackgo.MsgOptionBlocks()))
	}
	return err
}

// keyMetadata is the key of a part, in a message's metadata.
func keyMetadata(part part) slackgo.MsgOption {
	if part.key == "" {
		return slackgo.MsgOptionCompose()
	}
	payload := map[string]any{"key": part.key}
	if part.count > 1 {
		payload["parts"] = part.count
	}
	return slackgo.MsgOptionMetadata(slackgo.SlackMetadata{EventType: keyEvent, EventPayload: payload})
}

// startAttempt notes when a post was first tried, and tells since when it may be there: for a first try that this process
// knows nothing of, the zero time.
func (s *Slack) startAttempt(p adapters.Post) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	first, ok := s.firstAttempt[p.Key]
	if !ok && !p.Retry {
		first = time.Now()
		s.firstAttempt[p.Key] = first
	}
	return first
}

func (s *Slack) endAttempt(p adapters.Post) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.firstAttempt, p.Key)
}

// truncate cuts what is longer than a number of characters.
func truncate(s string, maxChars int) string {
	if r := []rune(s); len(r) > maxChars {
		return strings.TrimSpace(string(r[:maxChars-1])) + "…"
	}
	return s
}
