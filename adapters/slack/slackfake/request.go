package slackfake

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
)

// A request is a call as it came.
type request struct {
	method        string
	token         string
	tokenInHeader bool // the token came in the header
	get           bool
	json          bool
	args          map[string]string
	warnings      []string
}

func readRequest(r *http.Request) request {
	q := request{method: r.PathValue("method"), get: r.Method == http.MethodGet, args: map[string]string{}}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/json" {
		q.json = true
		q.readJSON(r.Body)
		if params["charset"] == "" {
			q.warnings = append(q.warnings, "missing_charset")
		}
	} else if kind == "multipart/form-data" {
		_ = r.ParseMultipartForm(10 << 20)
	} else {
		_ = r.ParseForm()
	}
	for k, v := range r.Form {
		q.args[k] = v[0]
	}
	if q.json {
		for k, v := range r.URL.Query() {
			q.args[k] = v[0]
		}
	}
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		q.token, q.tokenInHeader = token, true
	} else if !q.json {
		q.token = q.args["token"]
	}
	delete(q.args, "token")
	return q
}

// readJSON flattens an object: values other than strings stay JSON.
func (q *request) readJSON(body io.Reader) {
	var all map[string]json.RawMessage
	if json.NewDecoder(body).Decode(&all) != nil {
		return
	}
	for k, v := range all {
		var text string
		switch {
		case string(v) == "null":
		case json.Unmarshal(v, &text) == nil:
			q.args[k] = text
		default:
			q.args[k] = string(v)
		}
	}
}
