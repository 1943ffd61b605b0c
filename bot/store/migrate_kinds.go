package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A kind is how the values of a column are carried from one kind of database to the other.
type kind struct {
	// value makes of what a database has returned what either takes.
	value func(any) (any, error)
	// canonical is a value as both tell it, by which they are compared.
	canonical func(any) string
}

// kinds are those of PostgreSQL's types: SQLite keeps what it is given, and remembers in the schema alone what it is.
var kinds = map[string]kind{
	"bigint": {wholeNumber, plainly}, "integer": {wholeNumber, plainly}, "smallint": {wholeNumber, plainly}, "int": {wholeNumber, plainly},
	"boolean": {truth, plainly},
	"text":    {words, plainly}, "character varying": {words, plainly}, "membership": {words, plainly},
	"character": {paddedWords, plainly}, "char": {paddedWords, plainly},
	"bytea": {bytes, plainly}, "blob": {bytes, plainly},
	"jsonb": {words, compactJSON}, "json": {words, compactJSON},
	"timestamp without time zone": {moment, plainly}, "timestamp with time zone": {moment, plainly}, "timestamp": {moment, plainly},
}

// kindsOf tells how each column is carried.
func kindsOf(t table) (all []kind, err error) {
	for _, c := range t.columns {
		name, _, _ := strings.Cut(c.kind, "(") // char(43)
		k, ok := kinds[name]
		if !ok {
			return nil, fmt.Errorf("column %s is of a type that can't be copied: %s", c.name, c.kind)
		}
		all = append(all, k)
	}
	return all, nil
}

func wholeNumber(v any) (any, error) {
	switch v := v.(type) {
	case nil, int64:
		return v, nil
	case bool: // SQLite's own
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	}
	return nil, fmt.Errorf("got %T, want a whole number", v)
}

func truth(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool:
		return v, nil
	case int64:
		return v != 0, nil
	}
	return nil, fmt.Errorf("got %T, want true or false", v)
}

func words(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return clean([]any{v})[0], nil
	case []byte:
		return clean([]any{string(v)})[0], nil
	}
	return nil, fmt.Errorf("got %T, want a text", v)
}

// paddedWords are of a fixed length, to which PostgreSQL pads them.
func paddedWords(v any) (any, error) {
	w, err := words(v)
	if s, ok := w.(string); ok {
		return strings.TrimRight(s, " "), err
	}
	return w, err
}

func bytes(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case []byte:
		return append([]byte{}, v...), nil // never nil, which would be NULL
	case string:
		return []byte(v), nil
	}
	return nil, fmt.Errorf("got %T, want bytes", v)
}

// moment is an instant, to the microsecond that PostgreSQL keeps.
func moment(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case time.Time:
		return v.UTC().Truncate(time.Microsecond), nil
	}
	return nil, fmt.Errorf("got %T, want a time", v)
}

func plainly(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case int64:
		return "n" + strconv.FormatInt(v, 10)
	case bool:
		return "b" + strconv.FormatBool(v)
	case string:
		return "t" + v
	case []byte:
		return "x" + string(v)
	case time.Time:
		return "m" + strconv.FormatInt(v.UnixMicro(), 10)
	}
	return fmt.Sprintf("%T", v)
}

// compactJSON is what JSON means: PostgreSQL keeps that, and not how it was written.
func compactJSON(v any) string {
	text, ok := v.(string)
	if !ok {
		return plainly(v)
	}
	var meaning any
	if err := json.Unmarshal([]byte(text), &meaning); err != nil {
		return plainly(v)
	}
	compact, err := json.Marshal(meaning)
	if err != nil {
		return plainly(v)
	}
	return "j" + string(compact)
}
