package main

import (
	"errors"
	"io"
	"log/slog"
	"strings"
)

// A logConfig says how to write the log.
type logConfig struct {
	json    bool
	level   slog.Level
	secrets []string // replaced in the log
}

func readLog(e environment, faults *environmentFaults) (c logConfig) {
	switch strings.ToLower(e.Log) {
	case "text":
	case "json":
		c.json = true
	default:
		faults.add("CATCHWORD_LOG", "must be text or json, not %s", quote(e.Log))
	}
	switch strings.ToLower(e.LogLevel) {
	case "debug", "info", "warn", "error":
		if err := c.level.UnmarshalText([]byte(e.LogLevel)); err != nil {
			panic(err) // slog knows these four
		}
	default:
		faults.add("CATCHWORD_LOG_LEVEL", "must be debug, info, warn or error, not %s", quote(e.LogLevel))
	}
	return c
}

// logger returns a logger that writes to w.
func (c logConfig) logger(w io.Writer) *slog.Logger {
	w = c.redactWriter(w)
	opts := &slog.HandlerOptions{Level: c.level}
	if c.json {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// redactWriter returns a writer to w that hides secrets: a library's error may contain an address with a token.
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

// A redactingWriter hides secrets. Each must come in one Write, as log lines do.
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

// redactError returns err, or an error with the same text without the secrets.
func (c logConfig) redactError(err error) error {
	if err == nil {
		return nil
	}
	if text := c.redactText(err.Error()); text != err.Error() {
		return errors.New(text)
	}
	return err
}

// redactText removes the secrets from a text.
func (c logConfig) redactText(text string) string {
	var out strings.Builder
	if _, err := io.WriteString(c.redactWriter(&out), text); err != nil {
		panic(err) // a strings.Builder never fails
	}
	return out.String()
}
