package slack

import (
	"context"
	"fmt"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
	"github.com/ukmedlibs/catchword/adapters/slack/mrkdwn"
)

const (
	// keyEvent is the event type of the metadata in which a post carries its key. Everybody in the workspace can see it.
	keyEvent = "catchword_post"
	// MaxText is how many characters chat.update takes. Longer posts are split, so that all of them can be edited:
	// https://docs.slack.dev/reference/methods/chat.update
	MaxText = 4000
	// MaxParagraph is how many characters one section of a message may have:
	// https://docs.slack.dev/reference/block-kit/blocks/section-block
	MaxParagraph = 3000
	// maxName is how much of a name Slack shows beside a message.
	maxName = 80
)

// parts divides a post.
func (s *Slack) parts(me *identity, p adapters.Post) []calls.Part {
	if !me.usesPersona(p) {
		p.Text = adapters.TextWithByline(p)
	}
	return calls.Parts(p.Key, mrkdwn.Split(p.Text, MaxText))
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
	return id, nil
}

func (s *Slack) post(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
	me, err := s.identity(ctx)
	if err != nil {
		return "", err
	}
	return s.poster(me).Post(ctx, p)
}

func (s *Slack) poster(me *identity) calls.Poster {
	return calls.Poster{
		Attempts: &s.attempts,
		Log:      s.log.With("workspace", s.config.Name),
		Find: func(ctx context.Context, p adapters.Post, since time.Time) (calls.Posted, error) {
			return s.findPost(ctx, me, p, since)
		},
		Split: func(p adapters.Post) []calls.Part { return s.parts(me, p) },
		Send: func(ctx context.Context, p adapters.Post, part calls.Part) (adapters.MessageID, error) {
			return s.postPart(ctx, me, p, part)
		},
	}
}

// postPart posts one message.
func (s *Slack) postPart(ctx context.Context, me *identity, p adapters.Post, part calls.Part) (adapters.MessageID, error) {
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
	err := sendBlocks(part.Text, nil, func(content slackgo.MsgOption) error {
		return s.call(ctx, "chat.postMessage", p.Room, func(ctx context.Context) (err error) {
			_, ts, posted, err = s.api.PostMessageWithResponseContext(ctx, string(p.Room), append(options, content)...)
			if err == nil && ts == "" {
				err = errNotSlack
			}
			return err
		})
	})
	if err != nil {
		return "", err
	}
	s.watchdog.posted(asked)
	// Slack says the answer to a message that is gone in the room, without an error.
	if p.Thread != "" && posted.ThreadTimestamp == "" {
		return "", s.deleteStray(ctx, adapters.Ref{Room: p.Room, ID: adapters.MessageID(ts)})
	}
	return adapters.MessageID(ts), nil
}

// deleteStray takes back an answer to what is gone. The error is final, unless it is still there.
func (s *Slack) deleteStray(ctx context.Context, ref adapters.Ref) error {
	if err := s.deleteMessage(ctx, ref); err != nil {
		return err
	}
	return refusal{method: "chat.postMessage", code: "thread_not_found", room: s.roomName(ref.Room)}.err()
}

// sendBlocks sends a text as blocks, with others below them, which say it exactly, and as mrkdwn, which is for notifications, and for whoever can't
// see blocks. Should Slack refuse the blocks, and so have done nothing, the mrkdwn goes alone.
func sendBlocks(text string, below []slackgo.Block, send func(slackgo.MsgOption) error) error {
	plain := slackgo.MsgOptionText(mrkdwn.FromCommonMark(text), false)
	err := send(slackgo.MsgOptionCompose(plain, slackgo.MsgOptionBlocks(append(mrkdwn.Blocks(text), below...)...)))
	if calls.HasCode(err, "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long") {
		// No blocks are not the same as none: an edit would leave those that are there.
		err = send(slackgo.MsgOptionCompose(plain, slackgo.MsgOptionBlocks()))
	}
	return err
}

// keyMetadata is the key of a part, in a message's metadata.
func keyMetadata(part calls.Part) slackgo.MsgOption {
	if part.Key == "" {
		return slackgo.MsgOptionCompose()
	}
	payload := map[string]any{"key": part.Key}
	if part.Count > 1 {
		payload["parts"] = part.Count
	}
	return slackgo.MsgOptionMetadata(slackgo.SlackMetadata{EventType: keyEvent, EventPayload: payload})
}

// truncate cuts what is longer than a number of characters.
func truncate(s string, maxChars int) string {
	if r := []rune(s); len(r) > maxChars {
		return strings.TrimSpace(string(r[:maxChars-1])) + "…"
	}
	return s
}
