package slackfake

import (
	"slices"
	"strings"
)

func (c *call) conversation() (obj, *apiError) {
	ch, fa := c.conversationFor("read")
	if fa != nil {
		return nil, fa
	}
	shown := ch.show(c.Workspace)
	if ch.kind != "im" {
		shown["is_read_only"] = ch.readOnly
	}
	if !c.boolArg("include_num_members") {
		delete(shown, "num_members")
	}
	return obj{"channel": shown}, nil
}

func (c *call) conversations() (obj, *apiError) {
	return c.list(func(ch *channel) bool { return true })
}

func (c *call) userConversations() (obj, *apiError) {
	user := c.args["user"]
	if user == "" {
		user = c.botUser
	}
	return c.list(func(ch *channel) bool { return ch.isMember(user) })
}

// list gives a page of the channels of some types.
func (c *call) list(is func(*channel) bool) (obj, *apiError) {
	types := c.args["types"]
	if types == "" {
		types = "public_channel"
	}
	kinds := map[string]string{"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
	var wanted []string
	for t := range strings.SplitSeq(types, ",") {
		kind := kinds[strings.TrimSpace(t)]
		if kind == "" {
			return nil, fail("invalid_types")
		}
		scope := map[string]string{"channel": "channels:read", "group": "groups:read", "im": "im:read", "mpim": "mpim:read"}[kind]
		if !c.has(scope) {
			return nil, c.missing(scope)
		}
		wanted = append(wanted, kind)
	}
	var all []*channel
	for _, ch := range c.channels {
		if slices.Contains(wanted, ch.kind) && c.byID(ch.id) != nil && is(ch) && !(ch.archived && c.boolArg("exclude_archived")) {
			all = append(all, ch)
		}
	}
	page, next, fa := paginate(c, "channel", 100, 999, all, func(ch *channel) string { return ch.id })
	if fa != nil {
		return nil, fa
	}
	shown := []obj{}
	for _, ch := range page {
		shown = append(shown, ch.show(c.Workspace))
	}
	o := obj{"channels": shown}
	c.setNextCursor(o, "channel", next)
	return o, nil
}

// paginate cuts a page out of a list. The cursor is the ID of the next page's first thing.
func paginate[T any](c *call, kind string, defaultSize, maximum int, all []T, id func(T) string) (page []T, next string, _ *apiError) {
	limit, fa := c.pageSize(defaultSize, maximum)
	if fa != nil {
		return nil, "", fa
	}
	first, fa := c.cursor(kind)
	if fa != nil {
		return nil, "", fa
	}
	if first != "" {
		i := slices.IndexFunc(all, func(t T) bool { return id(t) == first })
		if i < 0 {
			return nil, "", fail("invalid_cursor")
		}
		all = all[i:]
	}
	if len(all) > limit {
		return all[:limit], id(all[limit]), nil
	}
	return all, "", nil
}

func (c *call) join() (obj, *apiError) {
	ch := c.byID(c.args["channel"])
	switch {
	case ch == nil:
		return nil, fail("channel_not_found")
	case ch.kind != "channel":
		return nil, fail("method_not_supported_for_channel_type")
	case ch.archived:
		return nil, fail("is_archived")
	case ch.isMember(c.botUser):
		c.warn("already_in_channel")
	}
	c.addMember(ch, c.botUser)
	shown := ch.show(c.Workspace)
	delete(shown, "num_members")
	return obj{"channel": shown}, nil
}

func (c *call) members() (obj, *apiError) {
	ch, fa := c.conversationFor("read")
	if fa != nil {
		return nil, fa
	}
	page, next, fa := paginate(c, "user", 100, 999, ch.members, func(u string) string { return u })
	if fa != nil {
		return nil, fa
	}
	o := obj{"members": append([]string{}, page...)}
	c.setNextCursor(o, "user", next)
	return o, nil
}

func (c *call) openDM() (obj, *apiError) {
	if id := c.args["channel"]; id != "" {
		if ch := c.byID(id); ch != nil && ch.kind == "im" {
			return obj{"channel": obj{"id": ch.id}}, nil
		}
		return nil, fail("channel_not_found")
	}
	users := strings.Split(c.args["users"], ",")
	switch {
	case c.args["users"] == "":
		return nil, fail("users_list_not_supplied")
	case len(users) > 1:
		return nil, fail("not_enough_users") // groups of several are not part of the fake
	case c.person(users[0]) == nil:
		return nil, fail("user_not_found")
	}
	ch := c.dm(users[0])
	if c.boolArg("return_im") {
		return obj{"channel": ch.show(c.Workspace)}, nil
	}
	return obj{"channel": obj{"id": ch.id}}, nil
}
