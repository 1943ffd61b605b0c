package calls

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// DecodeFields decodes JSON into what fresh returns, without the fields whose values have the wrong type. It returns
// the paths of these; decoded is nil if nothing can be read.
func DecodeFields(raw json.RawMessage, fresh func() any) (decoded any, unreadable []string) {
	decode := func(raw json.RawMessage) error {
		value := fresh()
		if err := json.Unmarshal(raw, value); err != nil {
			return err
		}
		decoded = value
		return nil
	}
	if decode(raw) == nil { // as nearly always
		return decoded, nil
	}
	readable, unreadable := readableFields(raw, "", decode)
	if decode(readable) != nil {
		return nil, unreadable
	}
	return decoded, unreadable
}

// readableFields is a JSON value without the fields that decode refuses; nil if it refuses everything.
func readableFields(raw json.RawMessage, path string, decode func(json.RawMessage) error) (readable json.RawMessage, unreadable []string) {
	if decode(raw) == nil {
		return raw, nil
	}
	nothing := []string{cmp.Or(path, "content")}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || fields == nil {
		return nil, nothing
	}
	with := func(object map[string]json.RawMessage, name string, value json.RawMessage) json.RawMessage {
		object = maps.Clone(object)
		object[name] = value
		all, _ := json.Marshal(object) // raw JSON that was just read
		return all
	}
	// A field that can't be read alone may need others. So it is tried again with all those that can.
	good := map[string]json.RawMessage{}
	for name, value := range fields {
		if decode(with(map[string]json.RawMessage{}, name, value)) == nil {
			good[name] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if _, ok := good[name]; ok {
			continue
		}
		value, faults := readableFields(fields[name], strings.TrimPrefix(path+"/"+name, "/"), func(value json.RawMessage) error {
			return decode(with(good, name, value))
		})
		if value != nil {
			good[name] = value
		}
		unreadable = append(unreadable, faults...)
	}
	readable, err := json.Marshal(good)
	if err != nil || decode(readable) != nil {
		return nil, nothing
	}
	return readable, unreadable
}
