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

// fatalCodes are the refusals that end hearing and speaking alike, until an admin acts.
var fatalCodes = []string{
	"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED", "M_USER_LOCKED", "M_USER_SUSPENDED", "M_CONSENT_NOT_GIVEN",
	"M_RESOURCE_LIMIT_EXCEEDED",
}

// isFatal reports whether err ends receiving for good.
func isFatal(err error) bool {
	return calls.IsFinal(err) && calls.Code(err) == "" || calls.HasCode(err, fatalCodes...)
}

// remedies says what an admin can do about a refusal.
var remedies = map[string]string{
	"M_FORBIDDEN":               "{bot} may not do that: it was removed from {room}, or its power level is too low, or the room was replaced by a newer one; invite it again, or let its power level be what the room's settings ask for",
	"M_UNKNOWN_TOKEN":           "the access token is not valid any more: log in anew, and configure the new one",
	"M_MISSING_TOKEN":           "the access token is empty",
	"M_USER_DEACTIVATED":        "the account was deactivated: make another one",
	"M_USER_LOCKED":             "the account was locked: ask the admin of the homeserver",
	"M_USER_SUSPENDED":          "the account was suspended: ask the admin of the homeserver",
	"M_CONSENT_NOT_GIVEN":       "the homeserver wants its terms accepted: log in once with another client, and do so",
	"M_TOO_LARGE":               "the message is longer than the homeserver takes",
	"M_RESOURCE_LIMIT_EXCEEDED": "the homeserver has reached a limit of its own: ask its admin",
}

// errNoEncryption is what becomes of all that is encrypted in a build that can't do that.
var errNoEncryption = errors.New("this catchword was built without encryption: build it with -tags goolm, or use one that was")
