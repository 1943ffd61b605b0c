package matrix

import (
	"encoding/json"
	"log/slog"

	"github.com/rs/zerolog"
)

// zerologFor is a log for the library, whose warnings go to ours at its lowest level. They come without their details, for in
// some there are bodies of requests, and so what people say.
func zerologFor(log *slog.Logger) zerolog.Logger {
	return zerolog.New(slogWriter{log}).Level(zerolog.WarnLevel)
}

type slogWriter struct{ log *slog.Logger }

// Write takes one line of zerolog.
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
