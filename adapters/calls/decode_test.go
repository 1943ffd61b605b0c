package calls_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/ukmedlibs/catchword/adapters/calls"
)

func TestDecodeFields(t *testing.T) {
	type info struct {
		Size int    `json:"size"`
		Type string `json:"type"`
	}
	type message struct {
		Text string   `json:"text"`
		Info *info    `json:"info"`
		Tags []string `json:"tags"`
	}
	for raw, want := range map[string]struct {
		text, kind string
		unreadable []string
	}{
		`{"text":"a","info":{"size":1,"type":"b"}}`:                         {"a", "b", nil},
		`{"text":"a","info":"none","tags":7}`:                               {"a", "", []string{"info", "tags"}},
		`{"text":"a","info":{"size":"large","type":"b"},"other":[{"x":1}]}`: {"a", "b", []string{"info/size"}},
		`{"text":["a"]}`: {"", "", []string{"text"}},
		`{}`:             {"", "", nil},
	} {
		decoded, unreadable := calls.DecodeFields(json.RawMessage(raw), func() any { return &message{} })
		m, ok := decoded.(*message)
		if !ok || m.Text != want.text || m.Info != nil && m.Info.Type != want.kind || m.Info == nil && want.kind != "" || !slices.Equal(unreadable, want.unreadable) {
			t.Errorf("%s: got %+v without %v, want %+v", raw, m, unreadable, want)
		}
	}
	for _, raw := range []string{`7`, `[]`, `"x"`, `{`, ``} {
		if decoded, unreadable := calls.DecodeFields(json.RawMessage(raw), func() any { return &message{} }); decoded != nil || len(unreadable) != 1 {
			t.Errorf("%q: got %+v without %v, want nothing", raw, decoded, unreadable)
		}
	}
}
