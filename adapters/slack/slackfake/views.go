package slackfake

import (
	"encoding/json"
	"fmt"
)

// maxView is how long a view may be, in bytes of JSON. See https://docs.slack.dev/reference/methods/views.open.
const maxView = 250_000

type view struct {
	id, user string
	content  obj
}

func (c *call) openView() (obj, *apiError) {
	t := c.triggers[c.args["trigger_id"]]
	switch {
	case t == nil:
		return nil, fail("invalid_trigger_id")
	case t.used:
		return nil, fail("exchanged_trigger_id")
	case nowMicros() > t.expires.UnixMicro():
		return nil, fail("expired_trigger_id")
	}
	content, fa := c.readView()
	if fa != nil {
		return nil, fa
	}
	t.used = true
	v := &view{id: c.server.id("V"), user: t.user, content: content}
	c.views[v.id] = v
	return obj{"view": v.show(c.Workspace)}, nil
}

func (c *call) updateView() (obj, *apiError) {
	v := c.views[c.args["view_id"]]
	if v == nil {
		return nil, fail("not_found")
	}
	content, fa := c.readView()
	if fa != nil {
		return nil, fa
	}
	v.content = content
	return obj{"view": v.show(c.Workspace)}, nil
}

func (c *call) readView() (content obj, _ *apiError) {
	raw := c.args["view"]
	if len(raw) > maxView {
		return nil, fail("view_too_large")
	}
	if json.Unmarshal([]byte(raw), &content) != nil || content["type"] != "modal" && content["type"] != "home" || content["blocks"] == nil {
		return nil, fail("invalid_arguments")
	}
	return content, nil
}

func (v *view) show(w *Workspace) obj {
	o := clone(v.content)
	o["id"], o["team_id"], o["app_id"], o["bot_id"], o["hash"] = v.id, w.teamID, w.appID, w.botID, fmt.Sprintf("%d.x", nowMicros()/1e6)
	o["state"] = obj{"values": obj{}}
	return o
}

// OpenView is the latest view that is open for a person, or "".
func (p *Person) OpenView() (id string) {
	defer p.w.lockForRead()()
	for _, v := range p.w.views {
		if v.user == p.id && v.id > id {
			id = v.id
		}
	}
	return id
}

// Submit sends a view in, with values by block_id and action_id, and closes it.
func (p *Person) Submit(viewID string, values map[string]map[string]string) Response {
	w := p.w
	unlock := w.lockForRead()
	v := w.views[viewID]
	if v == nil || v.user != p.id {
		unlock()
		panic(fmt.Sprintf("slackfake: no view %q is open for %s", viewID, p.name))
	}
	state := obj{}
	for block, actions := range values {
		o := obj{}
		for action, value := range actions {
			o[action] = obj{"type": "plain_text_input", "value": value}
		}
		state[block] = o
	}
	shown := v.show(w)
	shown["state"] = obj{"values": state}
	payload := obj{
		"type": "view_submission", "team": obj{"id": w.teamID, "domain": w.name}, "user": p.userRef(), "api_app_id": w.appID,
		"token": "legacy-verification-token", "view": shown, "response_urls": []any{}, "is_enterprise_install": false, "enterprise": nil,
	}
	delete(w.views, viewID)
	unlock()
	var r Response
	w.interact(&r, "interactive", payload)
	return r
}
