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
	// keyEvent is the event type of the metadata that hold a post's key. Everybody in the workspace can see it.
	keyEvent = "catchword_post"
	// MaxText is how many characters chat.update takes. Longer posts are split, so that all of them can be edited:
	// https://docs.slack.dev/reference/methods/chat.update
	MaxText = 4000
	// MaxParagraph is how many characters one section of a message may have:
	// https://docs.slack.dev/reference/block-kit/blocks/section-block
	MaxParagraph = 3000
	// maxName is how many characters of a name Slack shows.
	maxName = 80
)

// parts splits a post into messages.
func (s *Slack) parts(me *identity, p adapters.Post) []calls.Part {
	if !me.usesPersona(p) {
		p.Text = adapters.TextWithByline(p)
	}
	return calls.Parts(p.Key, mrkdwn.Split(p.Text, MaxText))
}

// usesPersona reports whether to post p under another name. Without the scope for that, Slack would silently use the
// bot's own name, so the persona goes into the text.
func (me *identity) usesPersona(p adapters.Post) bool {
	return p.As.Byline() != "" && me.scopes["chat:write.customize"]
}

// Post posts p. It never waits: when Slack asks it to, the error says for how long.
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
	before := time.Now()
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
	s.watchdog.posted(before)
	// Slack posts a reply to a deleted message to the channel, without an error.
	if p.Thread != "" && posted.ThreadTimestamp == "" {
		return "", s.deleteStray(ctx, adapters.Ref{Room: p.Room, ID: adapters.MessageID(ts)})
	}
	return adapters.MessageID(ts), nil
}

// deleteStray deletes a reply that Slack has posted to the channel. It always returns an error.
func (s *Slack) deleteStray(ctx context.Context, ref adapters.Ref) error {
	if err := s.deleteMessage(ctx, ref); err != nil {
		return err
	}
	return refusal{method: "chat.postMessage", code: "thread_not_found", room: s.roomName(ref.Room)}.err()
}

// sendBlocks sends a text as blocks, with more blocks below, and as mrkdwn for notifications and clients without
// blocks. If Slack refuses the blocks, it sends the mrkdwn alone.
func sendBlocks(text string, below []slackgo.Block, send func(slackgo.MsgOption) error) error {
	plain := slackgo.MsgOptionText(mrkdwn.FromCommonMark(text), false)
	err := send(slackgo.MsgOptionCompose(plain, slackgo.MsgOptionBlocks(append(mrkdwn.Blocks(text), below...)...)))
	if calls.HasCode(err, "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long") {
		// An explicit empty list: without one, an edit would keep the old blocks.
		err = send(slackgo.MsgOptionCompose(plain, slackgo.MsgOptionBlocks()))
	}
	return err
}

// keyMetadata is the metadata that hold the key of a part.
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

func truncate(s string, maxChars int) string {
	if r := []rune(s); len(r) > maxChars {
		return strings.TrimSpace(string(r[:maxChars-1])) + "…"
	}
	return s
}
