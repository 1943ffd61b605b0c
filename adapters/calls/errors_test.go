package calls_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

func TestErrors(t *testing.T) {
	refused := calls.Refused("slack", "chat.postMessage", "#ukmedlibs", "not_in_channel", "or so")
	refused.Remedy = "invite it"
	passing := &adapters.RetryError{Err: errors.New("busy")}
	for _, test := range []struct {
		err              error
		text, code       string
		final, retryable bool
		finding          adapters.Finding
	}{
		{
			fmt.Errorf("post: %w", refused), "post: slack chat.postMessage in #ukmedlibs: not_in_channel (or so): invite it", "not_in_channel", true, false,
			adapters.Finding{Detail: "slack chat.postMessage in #ukmedlibs: not_in_channel (or so)", Remedy: "invite it"},
		},
		{calls.Refused("matrix", "", "", "M_NOT_FOUND", ""), "matrix: M_NOT_FOUND", "M_NOT_FOUND", true, false, adapters.Finding{Detail: "matrix: M_NOT_FOUND"}},
		{calls.Errorf("read: %w", errFinal), "read: final", "", true, false, adapters.Finding{Detail: "read: final"}},
		{passing, "busy", "", false, true, adapters.Finding{Detail: "busy", Remedy: "try again"}},
	} {
		if got := test.err.Error(); got != test.text {
			t.Errorf("got %q, want %q", got, test.text)
		}
		if code, final, retryable := calls.Code(test.err), calls.IsFinal(test.err), calls.Retryable(test.err); code != test.code || final != test.final || retryable != test.retryable {
			t.Errorf("%v: got code %q, final %v, retryable %v", test.err, code, final, retryable)
		}
		test.finding.Room, test.finding.Check, test.finding.Verdict = "room", "check", adapters.Failed
		if got := calls.Finding("room", "check", test.err, "try again"); got != test.finding {
			t.Errorf("got %+v, want %+v", got, test.finding)
		}
	}
	if calls.HasCode(nil, "") || !calls.HasCode(refused, "other", "not_in_channel") || calls.HasCode(refused, "other") {
		t.Error("HasCode finds a code that isn't there, or misses one that is")
	}
	if !errors.Is(calls.Errorf("read: %w", errFinal), errFinal) {
		t.Error("Errorf does not wrap its cause")
	}
	var secrets calls.Secrets
	if got := secrets.Mask("a token"); got != "a token" {
		t.Errorf("got %q, want it unchanged", got)
	}
	if secrets.Add("xoxb-1", ""); secrets.Mask("a xoxb-1") != "a (secret)" {
		t.Errorf("got %q, want no secret", secrets.Mask("a xoxb-1"))
	}
}
