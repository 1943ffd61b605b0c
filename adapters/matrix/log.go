package matrix

import (
	"encoding/json"
	"log/slog"

	"github.com/rs/zerolog"
)

// zerologFor sends the library's warnings to our log, at debug level. It drops their details: some contain request
// bodies, and so people's messages.
func zerologFor(log *slog.Logger) zerolog.Logger {
	return zerolog.New(slogWriter{log}).Level(zerolog.WarnLevel)
}

type slogWriter struct{ log *slog.Logger }

// Write takes one line of JSON.
func (b slogWriter) Write(line []byte) (int, error) {
	var entry struct {
		Message string `json:"message"`
		Room    string `json:"room_id"`
		Event   string `json:"event_id"`
		Session string `json:"session_id"`
	}
	if json.Unmarshal(line, &entry) == nil && entry.Message != "" {
		b.log.Debug("mautrix: "+entry.Message, "room", entry.Room, "event", entry.Event, "session", entry.Session)
	}
	return len(line), nil
}
