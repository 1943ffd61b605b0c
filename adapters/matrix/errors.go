package matrix

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A apiError is an answer of the homeserver's that no retry changes.
type apiError struct {
	what   string // was asked for
	code   string // as the specification lists it
	detail string // the homeserver's words
	room   string // as people call it; "" for none
	bot    string // whose account it is; "" for unknown
}

func (r *apiError) Error() string {
	if r.remedy() == "" {
		return r.problem()
	}
	return r.problem() + ": " + r.remedy()
}

func (r *apiError) problem() string {
	var b strings.Builder
	b.WriteString("matrix")
	if r.what != "" {
		b.WriteString(" " + r.what)
	}
	if r.room != "" {
		b.WriteString(" in " + r.room)
	}
	fmt.Fprintf(&b, ": %s", r.code)
	if r.detail != "" {
		fmt.Fprintf(&b, " (%s)", r.detail)
	}
	return b.String()
}

// remedy is what an admin can do about it, or "".
func (r *apiError) remedy() string {
	return strings.NewReplacer("{bot}", cmp.Or(r.bot, "the bot"), "{room}", cmp.Or(r.room, "the room")).Replace(remedies[r.code])
}

// hasCode tells whether err is a refusal with one of these codes.
func hasCode(err error, codes ...string) bool {
	r, ok := errors.AsType[*apiError](err)
	return ok && slices.Contains(codes, r.code)
}

// A problem is an error of our own that no retry mends.
type finalError struct{ error }

func (f finalError) Unwrap() error { return f.error }

// isFinal tells whether no retry mends an error.
func isFinal(err error) bool {
	_, refused := errors.AsType[*apiError](err)
	_, final := errors.AsType[finalError](err)
	return refused || final
}

// fatalCodes are the refusals that end hearing and speaking alike, until an admin acts.
var fatalCodes = []string{
	"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED", "M_USER_LOCKED", "M_USER_SUSPENDED", "M_CONSENT_NOT_GIVEN",
	"M_RESOURCE_LIMIT_EXCEEDED",
}

// isFatal tells whether an error ends hearing for good.
func isFatal(err error) bool {
	_, final := errors.AsType[finalError](err)
	return final || hasCode(err, fatalCodes...)
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
