package main

import (
	"errors"
	"io"
	"log/slog"
	"strings"
)

// A logConfig is how the log is written.
type logConfig struct {
	json    bool
	level   slog.Level
	secrets []string // which it never holds
}

func readLog(e environment, faults *environmentFaults) (c logConfig) {
	switch strings.ToLower(e.Log) {
	case "text":
	case "json":
		c.json = true
	default:
		faults.add("CATCHWORD_LOG", "is neither text nor json: %s", quote(e.Log))
	}
	switch strings.ToLower(e.LogLevel) {
	case "debug", "info", "warn", "error":
		if err := c.level.UnmarshalText([]byte(e.LogLevel)); err != nil {
			panic(err) // those four are slog's own
		}
	default:
		faults.add("CATCHWORD_LOG_LEVEL", "is not one of debug, info, warn and error: %s", quote(e.LogLevel))
	}
	return c
}

// logger writes the log to w.
func (c logConfig) logger(w io.Writer) *slog.Logger {
	w = c.redactWriter(w)
	opts := &slog.HandlerOptions{Level: c.level}
	if c.json {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// redactWriter is w without the secrets. An address in some library's error may hold a token, however careful we are ourselves.
func (c logConfig) redactWriter(w io.Writer) io.Writer {
	var pairs []string
	for _, s := range c.secrets {
		if s != "" {
			pairs = append(pairs, s, "[token]")
		}
	}
	if len(pairs) == 0 {
		return w
	}
	return redactingWriter{w, strings.NewReplacer(pairs...)}
}

// A redactingWriter hides secrets that are written whole, as each line of a log is.
type redactingWriter struct {
	w       io.Writer
	secrets *strings.Replacer
}

func (s redactingWriter) Write(p []byte) (int, error) {
	if _, err := io.WriteString(s.w, s.secrets.Replace(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// redactError is err without the secrets in its words.
func (c logConfig) redactError(err error) error {
	if err == nil {
		return nil
	}
	if text := c.redactText(err.Error()); text != err.Error() {
		return errors.New(text)
	}
	return err
}

// redactText is a text without the secrets in it.
func (c logConfig) redactText(text string) string {
	var words strings.Builder
	if _, err := io.WriteString(c.redactWriter(&words), text); err != nil {
		panic(err) // a strings.Builder takes everything
	}
	return words.String()
}
