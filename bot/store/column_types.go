package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A columnType converts the values of a column between the two kinds of database.
type columnType struct {
	// convert turns what a database returned into what both accept.
	convert func(any) (any, error)
	// canonical is a text by which values of both are compared.
	canonical func(any) string
}

// columnTypes are by the names of types in the schema. PostgreSQL enforces them; SQLite stores what it is given.
var columnTypes = map[string]columnType{
	"bigint": {toInt, canonicalText}, "integer": {toInt, canonicalText}, "smallint": {toInt, canonicalText}, "int": {toInt, canonicalText},
	"boolean": {toBool, canonicalText},
	"text":    {toText, canonicalText}, "character varying": {toText, canonicalText}, "membership": {toText, canonicalText},
	"character": {toPaddedText, canonicalText}, "char": {toPaddedText, canonicalText},
	"bytea": {toBytes, canonicalText}, "blob": {toBytes, canonicalText},
	"jsonb": {toText, canonicalJSON}, "json": {toText, canonicalJSON},
	"timestamp without time zone": {toTime, canonicalText}, "timestamp with time zone": {toTime, canonicalText}, "timestamp": {toTime, canonicalText},
}

// columnTypesOf are the types of a table's columns.
func columnTypesOf(t table) (all []columnType, err error) {
	for _, c := range t.columns {
		name, _, _ := strings.Cut(c.typeName, "(") // char(43)
		k, ok := columnTypes[name]
		if !ok {
			return nil, fmt.Errorf("column %s has a type that can't be copied: %s", c.name, c.typeName)
		}
		all = append(all, k)
	}
	return all, nil
}

func toInt(v any) (any, error) {
	switch v := v.(type) {
	case nil, int64:
		return v, nil
	case bool: // from the SQLite driver
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	}
	return nil, fmt.Errorf("got %T, want an integer", v)
}

func toBool(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool:
		return v, nil
	case int64:
		return v != 0, nil
	}
	return nil, fmt.Errorf("got %T, want a boolean", v)
}

func toText(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return sanitizeArgs([]any{v})[0], nil
	case []byte:
		return sanitizeArgs([]any{string(v)})[0], nil
	}
	return nil, fmt.Errorf("got %T, want text", v)
}

// toPaddedText removes the spaces to which PostgreSQL pads a text of fixed length.
func toPaddedText(v any) (any, error) {
	w, err := toText(v)
	if s, ok := w.(string); ok {
		return strings.TrimRight(s, " "), err
	}
	return w, err
}

func toBytes(v any) (any, error) {
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

// toTime cuts a time to microseconds, as PostgreSQL does.
func toTime(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case time.Time:
		return v.UTC().Truncate(time.Microsecond), nil
	}
	return nil, fmt.Errorf("got %T, want a time", v)
}

func canonicalText(v any) string {
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

// canonicalJSON compares the meaning of JSON: PostgreSQL does not keep how it was written.
func canonicalJSON(v any) string {
	text, ok := v.(string)
	if !ok {
		return canonicalText(v)
	}
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return canonicalText(v)
	}
	compact, err := json.Marshal(value)
	if err != nil {
		return canonicalText(v)
	}
	return "j" + string(compact)
}
