package slack_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

// Without the scope, Slack answers with a page and status 200. That is not the file.
func TestSignInPageIsNotAFile(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{Scopes: slackfake.AllScopesExcept("files:read")})
	h.amy.Upload(room, "", "our poster", slackfake.File{Name: "poster.png", Type: "image/png", Data: []byte("a picture")})
	m, ok := h.drain()[0].(*adapters.Message)
	if !ok || len(m.Files) != 1 {
		t.Fatalf("got %+v, want a message with a file", m)
	}
	body, _, err := slack.New(h.config()).Download(t.Context(), m.Files[0])
	if err == nil || !strings.Contains(err.Error(), "files:read") {
		t.Errorf("got %v, %v, want an error that names the scope", body, err)
	}
}

// The token goes to Slack alone, however an address tries to lead elsewhere.
func TestTokenIsSentToSlackOnly(t *testing.T) {
	var asked []string
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path+" "+r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	api := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, elsewhere.URL+"/redirected", http.StatusFound)
	}))
	defer api.Close()
	s := slack.New(slack.Config{Name: "nhs", BotToken: "xoxb-secret", APIURL: api.URL + "/api/"})
	host := strings.TrimPrefix(api.URL, "http://")
	for _, address := range []string{
		elsewhere.URL + "/a.png", api.URL + "/files-pri/a.png", "http://" + host + "@" + strings.TrimPrefix(elsewhere.URL, "http://") + "/a.png",
		"https://" + host + "/a.png", "//" + host + "/a.png", "",
	} {
		body, _, err := s.Download(t.Context(), adapters.File{Name: "a.png", URL: address})
		if err == nil {
			t.Errorf("%q: got %v, want an error", address, body)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: got %v, want an error without the token", address, err)
		}
	}
	if asked != nil {
		t.Errorf("elsewhere was asked: got %v, want nothing", asked)
	}
}
