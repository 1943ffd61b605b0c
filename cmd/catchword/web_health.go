package main

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/ukmedlibs/catchword/bot"
)

// serveHealth serves /healthz, which succeeds while the program runs, and /readyz, which succeeds once every workspace
// is connected and its rooms are joined; /readyz/nhs checks one workspace.
func serveHealth(status func() []bot.Status, redact func(error) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		if r.URL.Path == "/healthz" {
			fmt.Fprintln(w, "ok")
			return
		}
		all, wanted := status(), r.PathValue("workspace")
		ready, known := true, wanted == ""
		var out strings.Builder
		for _, s := range all {
			if wanted != "" && !strings.EqualFold(s.Workspace, wanted) {
				continue
			}
			known, ready = true, ready && s.Ready()
			fmt.Fprintf(&out, "%s: %s\n", s.Workspace, readiness(s, redact))
		}
		switch {
		case !known:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprintln(w, "no such workspace")
			return
		case !ready:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprint(w, out.String())
	})
}

// readiness describes a workspace's status in words.
func readiness(s bot.Status, redact func(error) error) string {
	if s.Standby {
		return "on standby: another process holds the lease"
	}
	var faults []string
	switch {
	case s.Err != nil:
		faults = append(faults, "failed: "+redact(s.Err).Error())
	case !s.Receiving:
		faults = append(faults, "not connected")
	}
	for _, r := range s.Rooms {
		switch {
		case r.Closed:
			faults = append(faults, fmt.Sprintf("%s takes no posts: %s", r.Name, redact(r.Err)))
		case r.Joined:
		case r.Err != nil:
			faults = append(faults, fmt.Sprintf("%s is not joined: %s", r.Name, redact(r.Err)))
		default:
			faults = append(faults, r.Name+" is not joined yet")
		}
	}
	if len(faults) == 0 {
		return "ready"
	}
	return strings.ReplaceAll(strings.Join(faults, "; "), "\n", " ")
}
