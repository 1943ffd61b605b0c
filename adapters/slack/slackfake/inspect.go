package slackfake

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A Message is a message as people see it, or as they saw it before it was deleted.
type Message struct {
	TS     string
	Thread string // "" at the top level
	User   string // U…; "" for a bot_message
	BotID  string // B… of the app that posted it; "" for a person
	Mine   bool   // our own app posted it
	Name   string // under which it is shown
	Icon   string // an address, or ":emoji:"; "" for the user's own
	// Text is the stored text; Plain is what people read, of the blocks if there are any, without formatting.
	Text, Plain string
	Blocks      string              // JSON; "" where Slack made them of the text
	Buttons     map[string][]string // labels to action IDs
	Subtype     string              // of the message, such as "channel_join"
	Reactions   map[string][]string // emoji to users
	Files       []string            // names
	Metadata    map[string]any
	Edited      bool
	Broadcast   bool
	Tombstone   bool   // the root of a thread was deleted
	Deleted     bool   // it is gone, or only a tombstone is there
	To          string // of an ephemeral message: the user
}

// Messages lists everything that was ever sent in a channel, ephemeral messages included, in the order of sending. A
// deleted message has Deleted set and keeps its last text, unless a tombstone is in its place.
func (w *Workspace) Messages(channel string) (all []Message) {
	defer w.lockForRead()()
	c := w.mustChannel(channel)
	for _, m := range c.messages {
		all = append(all, w.view(m))
	}
	for _, e := range c.ephemeral {
		s := w.view(e.message)
		s.To, s.Thread = e.to, e.thread
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b Message) int { return strings.Compare(a.TS, b.TS) })
	return all
}

// Message is one message of a channel, deleted or not, if it is there.
func (w *Workspace) Message(channel, ts string) (Message, bool) {
	for _, m := range w.Messages(channel) {
		if m.TS == ts {
			return m, true
		}
	}
	return Message{}, false
}

// FollowLink is the message to which an address leads, as the link of a message does.
func (w *Workspace) FollowLink(link string) (Message, bool) {
	place, ok := strings.CutPrefix(link, "https://"+w.name+".slack.com/archives/")
	parts := permalinkPattern.FindStringSubmatch(place)
	if !ok || parts == nil {
		return Message{}, false
	}
	unlock := w.lockForRead()
	c := w.channel(parts[1])
	unlock()
	if c == nil {
		return Message{}, false
	}
	return w.Message(parts[1], parts[2]+"."+parts[3])
}

var permalinkPattern = regexp.MustCompile(`^(\w+)/p(\d{10})(\d{6})$`)

// Posts lists the messages of our own app that exist in a channel, without ephemeral ones.
func (w *Workspace) Posts(channel string) []Message {
	return slices.DeleteFunc(w.Messages(channel), func(m Message) bool { return !m.Mine || m.Deleted || m.To != "" })
}

// Ephemerals lists what our own app showed to one person alone.
func (w *Workspace) Ephemerals(channel string) []Message {
	return slices.DeleteFunc(w.Messages(channel), func(m Message) bool { return m.To == "" })
}

func (w *Workspace) view(m *message) Message {
	s := Message{
		TS: m.ts, Thread: m.thread, User: m.user, Text: m.text, Plain: plainText(m), Subtype: m.subtype, Edited: m.editedAt != "",
		Broadcast: m.broadcast, Tombstone: m.tombstone, Deleted: m.deleted || m.tombstone, Metadata: maps.Clone(m.metadata),
		Reactions: map[string][]string{}, Name: m.username,
	}
	if m.bot != nil {
		s.BotID, s.Mine = m.bot.botID, m.bot.botID == w.botID
		if s.Name == "" {
			s.Name = m.bot.name
		}
	} else if p := w.person(m.user); p != nil {
		s.Name = p.display
	}
	for _, key := range []string{"emoji", "image_72"} {
		if icon, ok := m.icons[key].(string); ok {
			s.Icon = icon
		}
	}
	if len(m.blocks) > 0 && !m.autoBlocks {
		b, _ := json.Marshal(m.blocks)
		s.Blocks = string(b)
	}
	s.Buttons = buttonsOf(m.blocks)
	for _, r := range m.reactions {
		s.Reactions[r.name] = slices.Clone(r.users)
	}
	for _, f := range m.files {
		s.Files = append(s.Files, f.Name)
	}
	return s
}

func buttonsOf(blocks []any) map[string][]string {
	all := map[string][]string{}
	for _, b := range blocks {
		block, _ := b.(obj)
		elements, _ := block["elements"].([]any)
		for _, e := range append(slices.Clone(elements), block["accessory"]) {
			button, _ := e.(obj)
			text, _ := button["text"].(obj)
			label, _ := text["text"].(string)
			if id, _ := button["action_id"].(string); button["type"] == "button" {
				all[label] = append(all[label], id)
			}
		}
	}
	return all
}

// ephemeralMessage is an ephemeral message.
type ephemeralMessage struct {
	*message
	to, thread string
}

// findEphemeral is an ephemeral message that a person sees, or nil.
func (c *channel) findEphemeral(ts, to string) *message {
	for _, e := range c.ephemeral {
		if e.ts == ts && e.to == to {
			return e.message
		}
	}
	return nil
}

func (w *Workspace) addEphemeral(c *channel, m *message, to, thread string) {
	c.ephemeral = append(c.ephemeral, ephemeralMessage{m, to, thread})
	w.recordPings(c, m)
}

// A Ping is a mention in what our app posted that notifies somebody.
type Ping struct {
	Channel, TS string
	What        string // as in the text, or a rich text element as JSON
	Where       string // "text", or the path in the blocks
}

// Pings lists every mention in what our app ever posted, updated or showed as an ephemeral message, whether or not it
// still exists.
func (w *Workspace) Pings() []Ping {
	defer w.lockForRead()()
	return slices.Clone(w.pings)
}

var pingPattern = regexp.MustCompile(`<(?:!(?:here|channel|everyone|group)|!subteam\^|@)[^<>]*>`)

// recordPings is called for everything that our app posts.
func (w *Workspace) recordPings(c *channel, m *message) {
	if m.bot == nil || m.bot.botID != w.botID {
		return
	}
	found := func(what, where string) {
		w.pings = append(w.pings, Ping{Channel: c.id, TS: m.ts, What: what, Where: where})
	}
	for _, p := range pingPattern.FindAllString(m.text, -1) {
		found(p, "text")
	}
	if !m.autoBlocks {
		pingsIn(m.blocks, "/blocks", found)
		pingsIn(m.attachments, "/attachments", found)
	}
}

func pingsIn(v any, path string, found func(what, where string)) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			pingsIn(e, path, found)
		}
	case obj:
		kind, _ := v["type"].(string)
		switch kind {
		case "broadcast", "user", "usergroup":
			b, _ := json.Marshal(v)
			found(string(b), path+"/"+kind)
			return
		case "plain_text":
			return
		}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			text, isText := v[k].(string)
			// In rich text, text is text.
			if !isText || kind == "text" || kind == "link" {
				pingsIn(v[k], path+"/"+k, found)
				continue
			}
			for _, p := range pingPattern.FindAllString(text, -1) {
				found(p, path+"/"+k)
			}
		}
	}
}
