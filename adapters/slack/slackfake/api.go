package slackfake

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Call is one call of the Web API that reached a workspace.
type Call struct {
	Method string
	Args   map[string]string // JSON where they are no strings; without the token
	At     time.Time
	Error  string // what was answered: "" for ok
}

// CallCount is how often a method was called, however it was answered.
func (w *Workspace) CallCount(method string) (n int) {
	defer w.lockForRead()()
	for _, c := range w.callLog {
		if c.Method == method {
			n++
		}
	}
	return n
}

// CallLog lists all calls in the order in which they came.
func (w *Workspace) CallLog() []Call {
	defer w.lockForRead()()
	return slices.Clone(w.callLog)
}

// An answer is what goes back to the client.
type apiResponse struct {
	status  int // 0 for a broken connection
	header  map[string]string
	body    obj // nil for a page of HTML
	waitFor *event
	wait    time.Duration
}

func (s *Server) serveAPI(rw http.ResponseWriter, r *http.Request) {
	q := readRequest(r)
	w := s.byToken(q.token)
	var before, after time.Duration
	if w != nil {
		unlock := w.lockForRead()
		before, after = w.faults.Latency, w.faults.ResponseLatency
		unlock()
	}
	if !s.sleep(r.Context(), before) {
		return
	}
	a := s.handleCall(w, q)
	if a.waitFor != nil {
		select {
		case <-a.waitFor.done:
		case <-time.After(a.wait):
		case <-s.closed:
		}
	}
	if !s.sleep(r.Context(), after) {
		return
	}
	a.write(rw)
}

func (s *Server) sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
	case <-s.closed:
	}
	return false
}

func (s *Server) byToken(token string) *Workspace {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.workspaces {
		if token == w.botToken || token == w.appToken {
			return w
		}
	}
	return nil
}

func (s *Server) handleCall(w *Workspace, q request) apiResponse {
	switch {
	case q.token == "":
		return errorResponse(fail("not_authed"))
	case w == nil:
		return errorResponse(fail("invalid_auth"))
	}
	defer w.lockForWrite()()
	m, known := methods[q.method]
	posts := q.method == "chat.postMessage"
	w.callLog = append(w.callLog, Call{Method: q.method, Args: q.args, At: time.Now()})
	reported := &w.callLog[len(w.callLog)-1].Error
	f := &w.faults
	if f.next(w, &f.RefuseNext, f.RefuseChance, true) {
		*reported = "503"
		return apiResponse{status: http.StatusServiceUnavailable}
	}
	if code := f.Fail[q.method]; code != "" {
		*reported = code
		return w.addHeaders(m, errorResponse(fail(code)))
	}
	if fa := w.authorise(q, known); fa != nil {
		*reported = fa.code
		return w.addHeaders(m, errorResponse(fa))
	}
	if wait := w.rateLimit(q.method, m.tier, q.args["channel"]); wait > 0 {
		*reported = "ratelimited"
		a := w.addHeaders(m, errorResponse(fail("ratelimited")))
		a.status, a.header["Retry-After"] = http.StatusTooManyRequests, w.retryAfter(wait)
		return a
	}
	c := &call{Workspace: w, method: q.method, args: q.args, warnings: q.warnings}
	if m.json || !q.json {
		// JSON bodies of other methods are not read.
	} else {
		c.args = map[string]string{}
	}
	fa := c.check(m)
	var body obj
	if fa == nil {
		body, fa = m.do(c)
	}
	if fa != nil {
		*reported = fa.code
		return w.addHeaders(m, errorResponse(fa))
	}
	a := w.addHeaders(m, apiResponse{status: http.StatusOK, body: c.ok(body)})
	if c.event != nil && f.chance(w, f.EventFirstChance) {
		a.waitFor, a.wait = c.event, max(f.EventFirstWait, time.Millisecond)
	}
	switch {
	case m.writes && f.next(w, &f.LoseResponseNext, f.LoseResponseChance, posts):
		*reported = "lost"
		a.status = 0
	case m.writes && f.next(w, &f.BreakResponseNext, f.BreakResponseChance, posts):
		*reported = "500"
		a.status, a.body = http.StatusInternalServerError, nil
	}
	return a
}

// authorise finds what is wrong with a token, or with the name of the method.
func (w *Workspace) authorise(q request, known bool) *apiError {
	app := q.method == "apps.connections.open"
	switch {
	case w.tokenErrors[q.token] != "":
		return fail(w.tokenErrors[q.token])
	case !known && slices.Contains(deprecated, q.method):
		return fail("method_deprecated")
	case !known:
		return &apiError{"unknown_method", obj{"req_method": q.method}}
	case app && q.get:
		return fail("insecure_request")
	case app && !q.tokenInHeader:
		return fail("invalid_auth") // the token may not be a parameter
	case app != (q.token == w.appToken) && q.method != "auth.test" && q.method != "api.test":
		return fail("not_allowed_token_type")
	}
	return nil
}

func (c *call) ok(body obj) obj {
	o := obj{"ok": true}
	maps.Copy(o, body)
	if len(c.warnings) > 0 {
		metadata, _ := o["response_metadata"].(obj)
		if metadata == nil {
			metadata = obj{}
		}
		metadata["warnings"] = c.warnings
		o["warning"], o["response_metadata"] = strings.Join(c.warnings, ","), metadata
	}
	return o
}

func errorResponse(f *apiError) apiResponse {
	o := obj{"ok": false, "error": f.code}
	maps.Copy(o, f.extra)
	return apiResponse{status: http.StatusOK, header: map[string]string{}, body: o}
}

func (w *Workspace) addHeaders(m method, a apiResponse) apiResponse {
	if a.header == nil {
		a.header = map[string]string{}
	}
	a.header["X-Oauth-Scopes"] = strings.Join(w.options.Scopes, ",")
	if m.scope != "" {
		a.header["X-Accepted-Oauth-Scopes"] = m.scope
	}
	a.header["X-Slack-Req-Id"] = w.uuid()
	a.header["Date"] = time.Now().Add(w.faults.ClockOffset).UTC().Format(http.TimeFormat)
	return a
}

func (a apiResponse) write(rw http.ResponseWriter) {
	for k, v := range a.header {
		rw.Header().Set(k, v)
	}
	switch {
	case a.status == 0:
		breakConnection(rw)
	case a.body == nil:
		htmlError(rw, a.status)
	default:
		rw.Header().Set("Content-Type", "application/json; charset=utf-8")
		rw.WriteHeader(a.status)
		_ = json.NewEncoder(rw).Encode(a.body)
	}
}

func breakConnection(rw http.ResponseWriter) {
	if conn, _, err := rw.(http.Hijacker).Hijack(); err == nil {
		_ = conn.Close()
	}
}

func htmlError(rw http.ResponseWriter, status int) {
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.WriteHeader(status)
	_, _ = io.WriteString(rw, "<!DOCTYPE html>\n<html><head><title>Server Error | Slack</title></head><body><h1>Server Error</h1></body></html>\n")
}
