package matrix

import (
	"cmp"
	"errors"
	"strings"

	"github.com/ukmedlibs/catchword/adapters/calls"
)

// refused describes a call that the homeserver refused. detail is in the homeserver's words; bot is the account.
func refused(op, code, detail, room, bot string) *calls.Error {
	e := calls.Refused("matrix", op, room, code, detail)
	e.Remedy = strings.NewReplacer("{bot}", cmp.Or(bot, "the bot"), "{room}", cmp.Or(room, "the room")).Replace(remedies[code])
	return e
}

// contentCodes are the errors that lie in one event, and that no change of the room's or the account's state ends. All
// others close the room until the homeserver takes a post again:
// https://spec.matrix.org/latest/client-server-api/#standard-error-response
var contentCodes = map[string]bool{
	"M_TOO_LARGE": true, "M_BAD_JSON": true, "M_NOT_JSON": true, "M_INVALID_PARAM": true, "M_MISSING_PARAM": true,
	"M_DUPLICATE_ANNOTATION": true, "M_NOT_FOUND": true,
}

// fatalCodes are the errors after which nothing works until an admin acts.
var fatalCodes = []string{
	"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED", "M_USER_LOCKED", "M_USER_SUSPENDED", "M_CONSENT_NOT_GIVEN",
	"M_RESOURCE_LIMIT_EXCEEDED",
}

// isFatal reports whether err ends receiving for good.
func isFatal(err error) bool {
	return calls.IsFinal(err) && calls.Code(err) == "" || calls.HasCode(err, fatalCodes...)
}

// remedies say what an admin can do about an error.
var remedies = map[string]string{
	"M_FORBIDDEN":               "{bot} may not do that: it was removed from {room}, its power level is too low, or a newer room has replaced the room; invite it again, or raise its power level in the room's settings",
	"M_UNKNOWN_TOKEN":           "the access token is no longer valid: log in again, and configure the new one",
	"M_MISSING_TOKEN":           "the access token is empty",
	"M_USER_DEACTIVATED":        "the account was deactivated: create another one",
	"M_USER_LOCKED":             "the account was locked: ask the admin of the homeserver",
	"M_USER_SUSPENDED":          "the account was suspended: ask the admin of the homeserver",
	"M_CONSENT_NOT_GIVEN":       "the homeserver's terms must be accepted: log in once with another client to do that",
	"M_TOO_LARGE":               "the message is longer than the homeserver allows",
	"M_RESOURCE_LIMIT_EXCEEDED": "the homeserver has reached a resource limit: ask its admin",
}

var errNoEncryption = errors.New("this catchword was built without encryption: build it with -tags goolm, or use one that was")
