package main

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/ukmedlibs/catchword/bot"
)

// serveHealth answers /healthz as long as the program can answer at all, and /readyz once every workspace is heard and its
// rooms are joined; /readyz/nhs asks for one of them.
func serveHealth(status func() []bot.Status, scrub func(error) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		if r.URL.Path == "/healthz" {
			fmt.Fprintln(w, "ok")
			return
		}
		all, wanted := status(), r.PathValue("workspace")
		ready, known := true, wanted == ""
		var told strings.Builder
		for _, s := range all {
			if wanted != "" && !strings.EqualFold(s.Workspace, wanted) {
				continue
			}
			known, ready = true, ready && s.Ready()
			fmt.Fprintf(&told, "%s: %s\n", s.Workspace, readiness(s, scrub))
		}
		switch {
		case !known:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprintln(w, "no such workspace")
			return
		case !ready:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprint(w, told.String())
	})
}

// readiness is how a workspace is doing, in words.
func readiness(s bot.Status, scrub func(error) error) string {
	if s.Standby {
		return "standing by: another process has it"
	}
	var faults []string
	switch {
	case s.Err != nil:
		faults = append(faults, "lost: "+scrub(s.Err).Error())
	case !s.Receiving:
		faults = append(faults, "not connected")
	}
	for _, r := range s.Rooms {
		switch {
		case r.Joined:
		case r.Err != nil:
			faults = append(faults, fmt.Sprintf("%s is not joined: %s", r.Name, scrub(r.Err)))
		default:
			faults = append(faults, r.Name+" is not joined yet")
		}
	}
	if len(faults) == 0 {
		return "ready"
	}
	return strings.ReplaceAll(strings.Join(faults, "; "), "\n", " ")
}
