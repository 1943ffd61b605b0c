package archive_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ukmedlibs/catchword/bot/archive"
	"github.com/ukmedlibs/catchword/questions"
)

// fullChat has something in every field that a record has.
func fullChat(t testing.TB) questions.Transcript {
	tr := foundingChat(t)
	c := &tr.Chat
	series, err := questions.ParseSeries("third Tuesday 20:00 Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	c.Slug, c.DOI, c.Series, c.ArchiveNote, c.Announced = "full", "10.5281/zenodo.1234567", series, "Chats are kept at example.org.", c.Starts.AddDate(0, 0, -14)
	tr.Gaps = []questions.Gap{
		{Workspace: "nhs", Room: "C1", From: c.Starts.Add(10 * time.Minute), To: c.Starts.Add(12*time.Minute + time.Nanosecond), Filled: true},
		{Workspace: "public", Room: "!lib:example.org", From: c.Starts.Add(30 * time.Minute), To: c.Starts.Add(31 * time.Minute)},
	}
	tr.Undecrypted, tr.OptedOut = 2, 3
	all := tr.Answers
	tr.Answers = func(ctx context.Context, order questions.Order) iter.Seq2[questions.Answer, error] {
		return func(yield func(questions.Answer, error) bool) {
			for a, err := range all(ctx, order) {
				a.Newcomer = a.Author == "Amira Osman"
				a.At = a.At.Add(123456789)
				if a.Author == "Jo Whitcombe" && !a.Late {
					a.ReplyTo = questions.AnswerID{Workspace: "public", Room: "!lib:example.org", Message: "190205.c"}
					a.RoomName = "#renamed"
					a.Files = []questions.File{attachedFiles[0].file, attachedFiles[3].file}
				}
				if !yield(a, err) {
					return
				}
			}
		}
	}
	return tr
}

func TestRebuildIsByteIdentical(t *testing.T) {
	for i, tr := range []questions.Transcript{festiveChat(t), fullChat(t), hostileChat(t), chatWithFiles(t), manyAnswers(t, 1200)} {
		for _, o := range []archive.Options{{URL: "https://example.org/chats", SeriesTitle: "#ukmedlibs", Leaderboard: true}, {}} {
			if i > 1 && o.URL == "" {
				continue // these are long
			}
			t.Run(tr.Chat.Slug, func(t *testing.T) {
				first := o
				first.Fetch, first.Chats = fakeFetch(attachedFiles), twoUpcomingChats(t) // which the record knows by itself
				folder := writeChatDir(t, tr, first)
				dir := t.TempDir()
				slug, err := archive.Rebuild(t.Context(), openRoot(t, dir), filepath.Join(folder, "chat.json"), o)
				if err != nil || slug != tr.Chat.Slug {
					t.Fatalf("got %q, %v, want %q", slug, err, tr.Chat.Slug)
				}
				if diff := cmp.Diff(readTree(t, folder), readTree(t, filepath.Join(dir, slug))); diff != "" {
					t.Errorf("-first +rebuilt:\n%.3000s", diff)
				}
			})
		}
	}
}

// The record may be the one that is replaced, and somebody's own layout of the same JSON is the same record.
func TestRebuildInPlace(t *testing.T) {
	folder := writeChatDir(t, fullChat(t), archive.Options{Fetch: fakeFetch(attachedFiles)})
	before := readTree(t, folder)
	record := filepath.Join(folder, "chat.json")
	var v any
	if err := json.Unmarshal([]byte(before["chat.json"]), &v); err != nil {
		t.Fatal(err)
	}
	pretty, err := json.MarshalIndent(v, "", "\t\t") // also sorts the keys: the answers now come first
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(record, pretty, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Rebuild(t.Context(), openRoot(t, filepath.Dir(folder)), record, archive.Options{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, readTree(t, folder)); diff != "" {
		t.Errorf("-before +after:\n%.3000s", diff)
	}
}

func TestRebuildRejectsInvalidRecords(t *testing.T) {
	good := filepath.Join(writeChatDir(t, festiveChat(t), archive.Options{}), "chat.json")
	b, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	record := string(b)
	replaced := func(old, by string) string {
		if !strings.Contains(record, old) {
			t.Fatalf("the record has no %q", old)
		}
		return strings.Replace(record, old, by, 1)
	}
	for name, test := range map[string]struct{ record, want string }{
		"empty":         {"", "EOF"},
		"no JSON":       {"hello", "invalid character"},
		"other JSON":    {"[]", "not a chat.json"},
		"no answers":    {`{"version":1}`, "no answers"},
		"half":          {record[:len(record)/2], "EOF"},
		"version":       {replaced(`"version": 1`, `"version": 2`), "version 2"},
		"zone":          {replaced("Europe/London", "Europe/Londinium"), "Londinium"},
		"zone outside":  {replaced("Europe/London", "../../etc/passwd"), "time zone"},
		"path":          {replaced("2026-12-15-festive-chat", "../festive"), "can't be the name of a folder"},
		"no person":     {replaced(`"person":"p-`, `"person":"<script>`), "is not a person"},
		"no section":    {replaced(`"section":"general"`, `"section":""`), "no section"},
		"pages":         {replaced(`"pages": []`, `"pages": [`+strings.Repeat(`{"from":"2026-12-15T20:03:00Z"},`, 20)+`{"from":"2026-12-15T20:03:00Z"}]`), "more pages than answers"},
		"a time":        {replaced("2026-12-15T20:03:00Z", "yesterday"), "yesterday"},
		"answers twice": {replaced(`"answers": [`, `"answers": [], "answers": [`), "twice"},
		"a long value":  {`{"more":"` + strings.Repeat("x", 66<<20) + `",` + record[1:], "longer than 64 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			from := filepath.Join(t.TempDir(), "chat.json")
			if err := os.WriteFile(from, []byte(test.record), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := archive.Rebuild(t.Context(), openRoot(t, dir), from, archive.Options{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error that says %q", err, test.want)
			}
			if entries, _ := os.ReadDir(dir); len(entries) != 0 {
				t.Errorf("got %v written, want nothing", entries)
			}
		})
	}
}

// What a record says of kept files opens nothing but them.
func TestRebuildStaysInRecordDir(t *testing.T) {
	folder := writeChatDir(t, chatWithFiles(t), archive.Options{Fetch: fakeFetch(attachedFiles)})
	record := filepath.Join(folder, "chat.json")
	b, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(filepath.Dir(folder), "secret.txt")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	sum, _ := sums(pixel)
	for _, path := range []string{"../secret.txt", secret, "files/../../secret.txt", "files/" + sum + ".png/../../../secret.txt"} {
		hostile := strings.ReplaceAll(string(b), "files/"+sum+".png", path)
		if err := os.WriteFile(record, []byte(hostile), 0o600); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if _, err := archive.Rebuild(t.Context(), openRoot(t, dir), record, archive.Options{}); err != nil {
			t.Fatal(err)
		}
		for name, content := range readTree(t, dir) {
			if content == "secret" {
				t.Errorf("%s: got the secret in %s", path, name)
			}
		}
	}
}

func chatSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile("schema/chat.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestRecordMatchesSchema(t *testing.T) {
	schema := chatSchema(t)
	for _, tr := range []questions.Transcript{foundingChat(t), festiveChat(t), fullChat(t), chatWithFiles(t)} {
		t.Run(tr.Chat.Slug, func(t *testing.T) {
			files := readTree(t, writeChatDir(t, tr, archive.Options{Fetch: fakeFetch(attachedFiles)}))
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(files["chat.json"]))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(v); err != nil {
				t.Errorf("chat.json: %v", err)
			}
			reportUnknownKeys(t, schema, "", v)
			var whole struct{ Answers []json.RawMessage }
			if err := json.Unmarshal([]byte(files["chat.json"]), &whole); err != nil {
				t.Fatal(err)
			}
			lines := ""
			for _, a := range whole.Answers {
				lines += string(a) + "\n"
			}
			if diff := cmp.Diff(lines, files["answers.jsonl"]); diff != "" {
				t.Errorf("answers.jsonl differs from chat.json's answers:\n%s", diff)
			}
		})
	}
}

// reportUnknownKeys reports every key of a record that the schema doesn't know: it allows more, for later, but we write
// none.
func reportUnknownKeys(t *testing.T, s *jsonschema.Schema, at string, v any) {
	t.Helper()
	for s.Ref != nil {
		s = s.Ref
	}
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			property := s.Properties[key]
			if more, ok := s.AdditionalProperties.(*jsonschema.Schema); ok && property == nil {
				property = more
			}
			if property == nil {
				t.Errorf("%s/%s is not in the schema", at, key)
				continue
			}
			reportUnknownKeys(t, property, at+"/"+key, value)
		}
	case []any:
		if items, ok := s.Items2020, s.Items2020 != nil; ok {
			for i, value := range v {
				reportUnknownKeys(t, items, fmt.Sprintf("%s/%d", at, i), value)
			}
		}
	}
}

// The schema refuses what is no record, so that a record which passes says something.
func TestSchemaRejects(t *testing.T) {
	schema := chatSchema(t)
	record := readTree(t, writeChatDir(t, fullChat(t), archive.Options{}))["chat.json"]
	for _, r := range [][2]string{
		{`"version": 1`, `"version": 2`},
		{`"slug": "full"`, `"slug": ""`},
		{`"zone": "Europe/London"`, `"zone": 1`},
		{`"person":"p-`, `"person":"U`},
		{`"gone":true`, `"gone":true,"text":"what was said"`},
		{`"filled": true`, `"filled": "yes"`},
		{`"answers": 12`, `"answers": -1`},
		{`"starts": "2015-08-18T19:00:00Z"`, `"starts": "2015-08-18 20:00"`},
	} {
		if !strings.Contains(record, r[0]) {
			t.Fatalf("the record has no %s", r[0])
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(record, r[0], r[1], 1)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err == nil {
			t.Errorf("got no fault with %s in place of %s", r[1], r[0])
		}
	}
}
