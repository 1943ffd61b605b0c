package slackfake

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// distributedPage is the most that history and replies give to apps that are sold outside of the Marketplace.
// See https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps.
const distributedPage = 15

func (c *call) history() (obj, *apiError) {
	ch, fa := c.readableChannel()
	if fa != nil {
		return nil, fa
	}
	var all []*message
	for _, m := range slices.Backward(ch.messages) {
		if !m.deleted && (m.thread == "" || m.broadcast) && c.inRange(m) {
			all = append(all, m)
		}
	}
	limit, fa := c.pageSize(100, 999)
	if fa != nil {
		return nil, fa
	}
	after, fa := c.cursor("next_ts")
	if fa != nil {
		return nil, fa
	}
	if after != "" {
		all = slices.DeleteFunc(all, func(m *message) bool { return parseTS(m.ts) >= parseTS(after) })
	}
	page, more := all[:min(limit, len(all))], len(all) > limit
	o := obj{"messages": c.renderAll(ch, page), "has_more": more, "pin_count": 0, "channel_actions_ts": nil, "channel_actions_count": 0}
	next := ""
	if more {
		// An empty page goes on from just behind the first message.
		next = formatTS(parseTS(all[0].ts) + 1)
		if len(page) > 0 {
			next = page[len(page)-1].ts
		}
	}
	c.setNextCursor(o, "next_ts", next)
	return o, nil
}

func (c *call) replies() (obj, *apiError) {
	ch, fa := c.readableChannel()
	if fa != nil {
		return nil, fa
	}
	root := ch.find(c.args["ts"])
	if root == nil {
		return nil, fail("thread_not_found")
	}
	limit, fa := c.pageSize(1000, 1000)
	if fa != nil {
		return nil, fa
	}
	after, fa := c.cursor("next_ts")
	if fa != nil {
		return nil, fa
	}
	all := []*message{root}
	for _, m := range ch.replies(root.ts) {
		if c.inRange(m) {
			all = append(all, m)
		}
	}
	if after != "" { // the parent is on the first page only
		all = slices.DeleteFunc(all, func(m *message) bool { return parseTS(m.ts) <= parseTS(after) })
	}
	page, more := all[:min(limit, len(all))], len(all) > limit
	o := obj{"messages": c.renderAll(ch, page), "has_more": more}
	next := ""
	if more {
		next = formatTS(parseTS(all[0].ts) - 1)
		if len(page) > 0 {
			next = page[len(page)-1].ts
		}
	}
	c.setNextCursor(o, "next_ts", next)
	return o, nil
}

// readableChannel is a channel whose messages the bot may read.
func (c *call) readableChannel() (*channel, *apiError) {
	ch, fa := c.conversationFor("history")
	if fa == nil && !ch.isMember(c.botUser) {
		return nil, fail("not_in_channel")
	}
	return ch, fa
}

func (c *call) renderAll(ch *channel, all []*message) []obj {
	at := inHistory
	if c.boolArg("include_all_metadata") {
		at = inHistoryWithMetadata
	}
	shown := []obj{}
	for _, m := range all {
		shown = append(shown, c.render(ch, m, at))
	}
	return shown
}

// inRange tells whether a message lies between oldest and latest.
func (c *call) inRange(m *message) bool {
	ts, oldest, latest := parseTS(m.ts), c.args["oldest"], c.args["latest"]
	inclusive := c.boolArg("inclusive")
	if oldest != "" && (ts < parseTS(oldest) || ts == parseTS(oldest) && !inclusive) {
		return false
	}
	return latest == "" || ts < parseTS(latest) || ts == parseTS(latest) && inclusive
}

// parseTS reads a ts. Like Slack, it also accepts "0", "1512085861" and "1512085861.5".
func parseTS(ts string) int64 {
	whole, part, _ := strings.Cut(ts, ".")
	n, _ := strconv.ParseInt(whole, 10, 64)
	part += "000000"
	f, _ := strconv.ParseInt(part[:6], 10, 64)
	return n*1e6 + f
}

// pageSize is how many things go on this page.
func (c *call) pageSize(defaultSize, maximum int) (int, *apiError) {
	limit := defaultSize
	if given := c.args["limit"]; given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < 0 || n > maximum+1 {
			return 0, fail("invalid_limit")
		}
		if n > 0 {
			limit = min(n, maximum)
		}
	}
	if c.options.Distributed && isHistory(c.method) {
		limit = min(limit, distributedPage)
	}
	if c.faults.ShortPages && limit > 1 {
		limit = c.rand.IntN(limit)
		if isHistory(c.method) && limit == 0 {
			limit = 1 // only lists are known to have empty pages
		}
	}
	return limit, nil
}

// cursor reads where the page begins.
func (c *call) cursor(kind string) (string, *apiError) {
	given := c.args["cursor"]
	if given == "" {
		return "", nil
	}
	b, err := base64.StdEncoding.DecodeString(given)
	after, ok := strings.CutPrefix(strings.TrimRight(string(b), " "), kind+":")
	if err != nil || !ok {
		return "", fail("invalid_cursor")
	}
	return after, nil
}

// setNextCursor says where the next page begins. Cursors end in "=", which has to be escaped in addresses.
func (c *call) setNextCursor(o obj, kind, next string) {
	if next == "" {
		if kind != "next_ts" { // histories have no empty cursor
			o["response_metadata"] = obj{"next_cursor": ""}
		}
		return
	}
	text := kind + ":" + next
	for len(text)%3 == 0 {
		text += " "
	}
	o["response_metadata"] = obj{"next_cursor": base64.StdEncoding.EncodeToString([]byte(text))}
}
