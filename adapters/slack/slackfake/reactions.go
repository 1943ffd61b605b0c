package slackfake

import (
	"cmp"
	"regexp"
	"slices"
)

var emojiName = regexp.MustCompile(`^[a-z0-9_+'-]+(?:::skin-tone-[2-6])?$`)

// maxReactions is how many different emoji a message may have. See
// https://docs.slack.dev/reference/methods/reactions.add.
const maxReactions = 23

func (c *call) addReaction() (obj, *apiError) {
	ch, m, fa := c.reactionItem()
	if fa != nil {
		return nil, fa
	}
	if fa := c.react(ch, m, c.botUser, c.args["name"], true); fa != nil {
		return nil, fa
	}
	return obj{}, nil
}

func (c *call) removeReaction() (obj, *apiError) {
	ch, m, fa := c.reactionItem()
	if fa != nil {
		return nil, fa
	}
	if fa := c.react(ch, m, c.botUser, c.args["name"], false); fa != nil {
		return nil, fa
	}
	return obj{}, nil
}

func (c *call) getReactions() (obj, *apiError) {
	ch, m, fa := c.reactionItem()
	if fa != nil {
		return nil, fa
	}
	shown := c.render(ch, m, inHistory)
	shown["permalink"] = "https://" + c.name + ".slack.com/archives/" + ch.id
	return obj{"type": "message", "channel": ch.id, "message": shown}, nil
}

func (c *call) reactionItem() (*channel, *message, *apiError) {
	if c.args["channel"] == "" || c.args["timestamp"] == "" {
		return nil, nil, fail("no_item_specified")
	}
	ch := c.byID(c.args["channel"])
	if ch == nil {
		return nil, nil, fail("channel_not_found")
	}
	if !ch.isMember(c.botUser) {
		return nil, nil, fail("not_in_channel")
	}
	m := ch.find(c.args["timestamp"])
	if m == nil || m.tombstone {
		return nil, nil, fail("message_not_found")
	}
	return ch, m, nil
}

// aliases maps second names of emoji to the names that Slack's events use.
var aliases = map[string]string{"thumbsup": "+1", "thumbsdown": "-1", "hankey": "poop", "simple_smile": "slightly_smiling_face"}

// react puts a user's emoji on a message, or takes it off.
func (w *Workspace) react(c *channel, m *message, user, name string, on bool) *apiError {
	name = cmp.Or(aliases[name], name)
	i := slices.IndexFunc(m.reactions, func(r reaction) bool { return r.name == name })
	has := i >= 0 && slices.Contains(m.reactions[i].users, user)
	kind := "reaction_added"
	switch {
	case !emojiName.MatchString(name):
		return fail("invalid_name")
	case c.archived:
		return fail("is_archived")
	case on && has:
		return fail("already_reacted")
	case !on && !has:
		return fail("no_reaction")
	case on && i < 0 && len(m.reactions) == maxReactions:
		return fail("too_many_emoji")
	case on && i < 0:
		m.reactions = append(m.reactions, reaction{name: name, users: []string{user}})
	case on:
		m.reactions[i].users = append(m.reactions[i].users, user)
	default:
		kind = "reaction_removed"
		m.reactions[i].users = slices.DeleteFunc(slices.Clone(m.reactions[i].users), func(u string) bool { return u == user })
		if len(m.reactions[i].users) == 0 {
			m.reactions = slices.Delete(slices.Clone(m.reactions), i, i+1)
		}
	}
	e := obj{
		"type": kind, "user": user, "reaction": name, "item": obj{"type": "message", "channel": c.id, "ts": m.ts}, "event_ts": formatTS(nowMicros()),
	}
	setNonEmpty(e, "item_user", m.user)
	w.emit(c, e)
	return nil
}
