package slackfake

import (
	"strings"
	"time"
)

func (c *call) apiTest() (obj, *apiError) { return obj{"args": c.args}, nil }

func (c *call) authTest() (obj, *apiError) {
	return obj{
		"url": "https://" + c.name + ".slack.com/", "team": c.name, "user": c.options.BotName, "team_id": c.teamID, "user_id": c.botUser,
		"bot_id": c.botID, "is_enterprise_install": false,
	}, nil
}

// openConnection makes a ticket, good for one WebSocket.
func (c *call) openConnection() (obj, *apiError) {
	ticket := c.uuid()
	c.tickets[ticket] = true
	return obj{"url": "ws" + strings.TrimPrefix(c.server.URL(), "http") + "/link/?ticket=" + ticket + "&app_id=" + c.appID}, nil
}

func (c *call) teamInfo() (obj, *apiError) {
	return obj{"team": obj{
		"id": c.teamID, "name": c.name, "domain": c.name, "email_domain": "", "url": "https://" + c.name + ".slack.com/",
		"icon": obj{"image_34": picture(c.teamID, 34), "image_68": picture(c.teamID, 68), "image_default": true},
	}}, nil
}

func (c *call) botInfo() (obj, *apiError) {
	id := c.args["bot"]
	for _, a := range append([]*App{c.ownApp()}, c.apps...) {
		if a.botID == id {
			return obj{"bot": obj{
				"id": a.botID, "deleted": false, "name": a.name, "updated": 1755000000, "app_id": a.appID, "user_id": a.user,
				"icons": obj{"image_36": picture(a.botID, 36), "image_48": picture(a.botID, 48), "image_72": picture(a.botID, 72)},
			}}, nil
		}
	}
	return nil, fail("bot_not_found")
}

func (c *call) userInfo() (obj, *apiError) {
	id := c.args["user"]
	if u := c.profile(id); u != nil {
		return obj{"user": u}, nil
	}
	return nil, fail("user_not_found")
}

func (c *call) users() (obj, *apiError) {
	ids := []string{"USLACKBOT", c.botUser}
	for _, p := range c.people {
		ids = append(ids, p.id)
	}
	for _, a := range c.apps {
		ids = append(ids, a.user)
	}
	page, next, fa := paginate(c, "user", len(ids), max(len(ids), 1000), ids, func(id string) string { return id })
	if fa != nil {
		return nil, fa
	}
	members := []obj{}
	for _, id := range page {
		members = append(members, c.profile(id))
	}
	o := obj{"members": members, "cache_ts": time.Now().Unix()}
	c.setNextCursor(o, "user", next)
	return o, nil
}

// profile is a user as users.info shows it, or nil.
func (w *Workspace) profile(id string) obj {
	if id == w.botUser {
		return w.bot()
	}
	if id == "USLACKBOT" {
		return w.user(id, "slackbot", "")
	}
	if p := w.person(id); p != nil {
		return p.show()
	}
	for _, a := range w.apps {
		if a.user == id {
			u := w.user(id, a.name, "")
			u["is_bot"] = true
			return u
		}
	}
	return nil
}

// user is what all users show.
func (w *Workspace) user(id, name, pic string) obj {
	profile := obj{"real_name": name, "real_name_normalized": name, "display_name": "", "display_name_normalized": "", "team": w.teamID, "avatar_hash": "g0000000"}
	for _, size := range []int{24, 32, 48, 72, 192, 512} {
		key := "image_" + map[int]string{24: "24", 32: "32", 48: "48", 72: "72", 192: "192", 512: "512"}[size]
		profile[key] = pic
		if pic == "" {
			profile[key] = picture(id, size)
		}
	}
	return obj{
		"id": id, "team_id": w.teamID, "name": handle(name), "deleted": false, "color": "9f69e7", "real_name": name, "tz": "Europe/London",
		"tz_label": "Greenwich Mean Time", "tz_offset": 0, "profile": profile, "is_admin": false, "is_owner": false, "is_primary_owner": false,
		"is_restricted": false, "is_ultra_restricted": false, "is_bot": false, "is_app_user": false, "updated": 1755000000,
		"is_email_confirmed": true, "who_can_share_contact_card": "EVERYONE",
	}
}
