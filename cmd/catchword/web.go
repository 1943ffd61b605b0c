package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"golang.org/x/net/netutil"
)

const (
	maxWebConnections = 256 // open at once; more wait
	maxWebHeader      = 16 << 10
	webReadTimeout    = 10 * time.Second
	webIdleTimeout    = time.Minute
	// webWriteTimeout is for how long an answer may take to be read. An archive's largest files have longer.
	webWriteTimeout = 15 * time.Second
	// webShutdownGrace is how long what is being read may take when the program stops.
	webShutdownGrace = 3 * time.Second
	// contentSecurityPolicy is what pages may load: what is of the site, and nothing that stands in a page itself.
	contentSecurityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// listen takes an address at once, so that one that is in use is known before anything else has begun.
func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("CATCHWORD_LISTEN: %s is in use by another program, perhaps another catchword: name another port, or off", address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("CATCHWORD_LISTEN: %s is not allowed to this user: name a port above 1023, or off", address)
	case err != nil:
		return nil, fmt.Errorf("CATCHWORD_LISTEN: %w", err)
	}
	return netutil.LimitListener(l, maxWebConnections), nil
}

// serveWeb serves until ctx is done, and lets what is being read then be read for a little longer.
func serveWeb(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler: h, MaxHeaderBytes: maxWebHeader, ReadTimeout: webReadTimeout, WriteTimeout: webWriteTimeout, IdleTimeout: webIdleTimeout,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), // of what clients do wrong
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), webShutdownGrace)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			stopped <- server.Close()
			return
		}
		stopped <- nil
	})
	err := server.Serve(l)
	if stop() { // it was not ctx that ended it
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return <-stopped
}

// webHandler puts everything in its place. What it serves is read by people whom nobody knows: it tells no word of a
// participant's but those of the archive, and no secret.
func webHandler(health, metrics, archive http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", health)
	mux.Handle("GET /readyz", health)
	mux.Handle("GET /readyz/{workspace}", health)
	mux.Handle("GET /metrics", metrics)
	mux.Handle("GET /archive/", http.StripPrefix("/archive/", archive))
	mux.Handle("GET /{$}", http.RedirectHandler("/archive/", http.StatusFound))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		mux.ServeHTTP(w, r)
	})
}
