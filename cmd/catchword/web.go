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
	maxWebConnections = 256 // others wait
	maxWebHeader      = 16 << 10
	webReadTimeout    = 10 * time.Second
	webIdleTimeout    = time.Minute
	// webWriteTimeout limits how long a client may take to read a response. The archive's files have longer.
	webWriteTimeout = 15 * time.Second
	// webShutdownGrace is how long open responses may take when the program stops.
	webShutdownGrace = 3 * time.Second
	// contentSecurityPolicy allows pages to load files of this site, and nothing inline.
	contentSecurityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// listen listens on an address. It is called early, so that an address in use is reported before anything else starts.
func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("CATCHWORD_LISTEN: %s is in use by another program, perhaps another catchword: use another port, or off", address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("CATCHWORD_LISTEN: this user may not listen on %s: use a port above 1023, or off", address)
	case err != nil:
		return nil, fmt.Errorf("CATCHWORD_LISTEN: %w", err)
	}
	return netutil.LimitListener(l, maxWebConnections), nil
}

// serveWeb serves until ctx is done, and then lets open responses finish for a short time.
func serveWeb(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler: h, MaxHeaderBytes: maxWebHeader, ReadTimeout: webReadTimeout, WriteTimeout: webWriteTimeout, IdleTimeout: webIdleTimeout,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), // errors of clients
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
	if stop() { // it failed before ctx was done
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return <-stopped
}

// webHandler serves all paths. Since anybody may read them, they show no secret, and no participant data outside the
// archive.
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
