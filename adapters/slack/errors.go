package slack

import (
	"cmp"
	"errors"
	"strings"

	"github.com/ukmedlibs/catchword/adapters/calls"
)

// rejections are the reasons for which Slack refuses a connection.
var rejections = map[string]*calls.Error{
	"link_disabled":       {Problem: "Socket Mode is off", Remedy: "turn it on in the app's settings"},
	"too_many_websockets": {Problem: "the app already has ten open connections", Remedy: "check whether another catchword runs with the same app"},
}

// A refusal is Slack's answer to a call that it refuses.
type refusal struct {
	method string
	code   string // as Slack's documentation lists it
	scopes string // that are missing
	detail string
	room   string // as people call it; "" for none
	bot    string // the bot's name; "" for unknown
}

func (r refusal) err() *calls.Error {
	e := calls.Refused("slack", r.method, r.room, r.code, r.detail)
	names := strings.NewReplacer("{bot}", cmp.Or(r.bot, "catchword"), "{room}", cmp.Or(r.room, "the channel"),
		"{scope}", cmp.Or(r.scopes, "that the method needs"))
	e.Remedy = names.Replace(cmp.Or(remedies[r.method+" "+r.code], remedies[r.code]))
	if r.code == "missing_scope" {
		e.Err = errors.ErrUnsupported // the bot can do without
	}
	return e
}

// contentCodes are the errors that lie in one message, reaction or thread, and that no change of the channel's or the
// workspace's state ends. All others close the channel until Slack takes a post again. From the pages of
// chat.postMessage, chat.update, chat.delete, reactions.add and reactions.remove under
// https://docs.slack.dev/reference/methods.
var contentCodes = map[string]bool{
	// what was sent
	"msg_too_long": true, "msg_blocks_too_long": true, "no_text": true, "too_many_attachments": true, "too_many_contact_cards": true,
	"attachment_payload_limit_exceeded": true, "markdown_text_conflict": true, "invalid_blocks": true, "invalid_blocks_format": true,
	"invalid_attachments": true, "block_mismatch": true, "invalid_metadata_format": true, "invalid_metadata_schema": true,
	"metadata_too_large": true, "metadata_must_be_sent_from_app": true, "invalid_arguments": true, "invalid_arg_name": true,
	"invalid_array_arg": true, "invalid_charset": true, "invalid_form_data": true, "invalid_json": true, "json_not_object": true,
	"slack_connect_file_link_sharing_blocked": true, "slack_connect_blocked_file_type": true,
	// what it refers to
	"message_not_found": true, "thread_not_found": true, "cannot_reply_to_message": true, "restricted_action_thread_locked": true,
	"bad_timestamp": true, "invalid_timestamp": true, "no_item_specified": true, "not_reactable": true, "thread_locked": true,
	"cant_update_message": true, "cant_delete_message": true, "edit_window_closed": true,
	"compliance_exports_prevent_deletion": true, "cant_broadcast_message": true,
	// reactions
	"invalid_name": true, "already_reacted": true, "no_reaction": true, "too_many_emoji": true, "too_many_reactions": true,
	// direct messages and messages that one person sees
	"user_not_found": true, "user_not_visible": true, "user_disabled": true, "user_not_in_channel": true, "cannot_dm_bot": true,
	"messages_tab_disabled": true, "users_not_found": true,
}

// isRefusal reports whether Slack refused a call.
func isRefusal(err error) bool { return calls.Code(err) != "" }

// fatalCodes are the errors after which nothing works until an admin acts.
var fatalCodes = []string{
	"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type",
	"no_permission", "team_access_not_granted", "forbidden_team", "org_login_required", "app_uninstalled",
}

// isFatal reports whether nothing works until an admin acts.
func isFatal(err error) bool { return calls.HasCode(err, fatalCodes...) }

// remedies say what an admin can do about an error, by code, or by method and code.
var remedies = map[string]string{
	"not_in_channel":                           "type /invite @{bot} in {room}",
	"user_not_in_channel":                      "the person is not in {room}",
	"channel_not_found":                        "{room} does not exist, or it is private and the bot is not in it: then type /invite @{bot} there",
	"is_archived":                              "{room} is archived: unarchive it in its settings, or name another channel",
	"is_inactive":                              "{room} is archived: unarchive it in its settings, or name another channel",
	"missing_scope":                            "give the app the scope {scope} under OAuth & Permissions, and install it again",
	"apps.connections.open missing_scope":      "make an app token with the scope connections:write, under Basic Information, App-Level Tokens",
	"invalid_auth":                             "the token is not valid: copy it again from the app's settings",
	"not_authed":                               "the token is empty: copy it from the app's settings",
	"account_inactive":                         "the app was removed from the workspace: install it again, and copy the new token",
	"token_revoked":                            "the token was revoked: install the app again, and copy the new token",
	"token_expired":                            "token rotation is on, which can't be undone: make the app anew from the manifest",
	"not_allowed_token_type":                   "this is the wrong kind of token: the bot token begins with xoxb-, the app token with xapp-",
	"no_permission":                            "an admin of the workspace has restricted the app: ask for its approval",
	"team_access_not_granted":                  "the organisation has not given the app access to this workspace: ask an admin of it",
	"org_login_required":                       "the organisation is moving this workspace: install the app again afterwards",
	"ekm_access_denied":                        "an admin has suspended posting",
	"restricted_action":                        "the workspace's settings don't let the app post in {room}: allow it in the channel's posting permissions",
	"restricted_action_read_only_channel":      "only some may post in {room}: allow the app in the channel's posting permissions",
	"restricted_action_thread_only_channel":    "the app may only answer in threads of {room}: allow it in the channel's posting permissions",
	"restricted_action_non_threadable_channel": "threads are switched off in {room}: allow them in the channel's settings",
	"cant_update_message":                      "the message is not the bot's own, or was posted by an app that was removed since",
	"edit_window_closed":                       "the workspace's settings don't let messages be edited any longer",
	"cant_delete_message":                      "the message is not the bot's own, or the workspace's settings don't let it be deleted",
	"message_not_found":                        "the message is gone",
	"thread_not_found":                         "the message that it answers is gone",
	"method_not_supported_for_channel_type":    "{room} is not a channel",
	"messages_tab_disabled":                    "nobody can have direct messages with the bot: switch on the Messages tab under App Home in the app's settings",
	"cannot_dm_bot":                            "this is a bot, which has no direct messages",
	"user_disabled":                            "the person's account is closed",
	"user_not_found":                           "there is nobody with this ID in the workspace",
	"app_uninstalled":                          "the app was removed from the workspace: install it again, and copy the new token",
}
