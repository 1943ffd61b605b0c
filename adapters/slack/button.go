package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack/mrkdwn"
)

// Slack's limits for buttons: https://docs.slack.dev/reference/block-kit/block-elements/button-element
const (
	maxButtons = 25   // in one block
	maxLabel   = 75   // characters
	maxValue   = 2000 // characters
)

const (
	// actionPrefix starts the action_id of each of the bot's buttons.
	actionPrefix = "catchword_command_"
	// responseTimeout limits the response to a button press.
	responseTimeout = 5 * time.Second
)

// buttonBlocks are the blocks that show buttons. They leave out a button whose command is too long for Slack: the text
// names the command as well.
func buttonBlocks(all []adapters.Button) (blocks []slackgo.Block) {
	var elements []slackgo.BlockElement
	for i, b := range all {
		label := truncate(strings.TrimSpace(b.Label), maxLabel)
		if label == "" || utf8.RuneCountInString(b.Command) > maxValue {
			continue
		}
		text := slackgo.NewTextBlockObject(slackgo.PlainTextType, label, false, false)
		elements = append(elements, slackgo.NewButtonBlockElement(fmt.Sprint(actionPrefix, i), b.Command, text))
	}
	for some := range slices.Chunk(elements, maxButtons) {
		blocks = append(blocks, slackgo.NewActionBlock("", some...))
	}
	return blocks
}

// An interaction is a button press: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
type interaction struct {
	Type string `json:"type"`
	User struct {
		ID   string `json:"id"`
		Name string `json:"username"`
	} `json:"user"`
	Container struct {
		TS      string `json:"message_ts"`
		Channel string `json:"channel_id"`
	} `json:"container"`
	Message struct { // missing if the message is ephemeral
		Text   string            `json:"text"`
		Blocks []json.RawMessage `json:"blocks"`
	} `json:"message"`
	ResponseURL string   `json:"response_url"`
	Actions     []action `json:"actions"`
}

type action struct {
	ID    string `json:"action_id"`
	Value string `json:"value"`
	TS    string `json:"action_ts"`
	Text  struct {
		Text string `json:"text"`
	} `json:"text"`
}

// buttonCommand reads a button press. It returns nil if the button isn't one of the bot's.
func (cn *conn) buttonCommand(f frame) (*command, error) {
	var p interaction
	if err := json.Unmarshal(f.Payload, &p); err != nil {
		return nil, fmt.Errorf("read interaction: %w", err)
	}
	i := slices.IndexFunc(p.Actions, func(a action) bool { return strings.HasPrefix(a.ID, actionPrefix) })
	if p.Type != "block_actions" || i < 0 {
		return nil, nil
	}
	pressed := p.Actions[i]
	c := adapters.Command{
		ID:   strings.Join([]string{pressed.TS, p.User.ID, p.Container.TS}, "/"),
		Room: cn.joinedRoom(p.Container.Channel), Text: strings.TrimSpace(pressed.Value), At: parseTS(pressed.TS),
	}
	return &command{
		build: func(ctx context.Context) *adapters.Command {
			ctx, cancel := context.WithTimeout(ctx, nameTimeout)
			defer cancel()
			c.User = cn.commandUser(ctx, p.User.ID, p.User.Name)
			return &c
		},
		accept: func(ctx context.Context) {
			cn.acknowledge(f.ID, nil)
			cn.respond(ctx, p.ResponseURL, p.pressedResponse(pressed))
		},
		// Without an acknowledgement, Slack shows that the button failed.
		reject: func(ctx context.Context) {
			cn.respond(ctx, p.ResponseURL, response{Text: commandFailedText, ResponseType: "ephemeral"})
		},
	}, nil
}

// pressedResponse replaces the buttons of a message with a note of which one was pressed, so that nobody presses twice
// by accident. Slack doesn't send the text of an ephemeral message, so the note replaces all of it.
func (p interaction) pressedResponse(a action) response {
	note := "✓ You pressed " + a.Text.Text
	r := response{Text: p.Message.Text, Replace: true}
	if r.Text == "" {
		r.Text = mrkdwn.Escape(note)
	}
	for _, raw := range p.Message.Blocks {
		var b struct {
			Type string `json:"type"`
		}
		if json.Unmarshal(raw, &b) == nil && b.Type != string(slackgo.MBTAction) {
			r.Blocks = append(r.Blocks, raw)
		}
	}
	r.Blocks = append(r.Blocks, slackgo.NewContextBlock("", slackgo.NewTextBlockObject(slackgo.PlainTextType, note, false, false)))
	return r
}

// A response is sent with an acknowledgement, or to a response_url.
type response struct {
	Text         string `json:"text"`
	Blocks       []any  `json:"blocks,omitempty"`
	ResponseType string `json:"response_type,omitempty"`
	Replace      bool   `json:"replace_original"` // Slack's default is true
}

// respond posts to a response_url, which is a secret and is never logged. A failure is harmless: whether the command
// was stored does not depend on it.
func (s *Slack) respond(ctx context.Context, url string, r response) {
	ctx, cancel := context.WithTimeout(ctx, responseTimeout)
	defer cancel()
	body, err := json.Marshal(r)
	if err != nil {
		return
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := s.config.HTTPClient.Do(request)
	if err != nil {
		s.log.Debug("could not respond to a button press", "workspace", s.config.Name)
		return
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		s.log.Debug("could not respond to a button press", "workspace", s.config.Name, "status", resp.StatusCode)
	}
}
