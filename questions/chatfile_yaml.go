package questions

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	yamlparser "github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// frontMatterKeys are in the order in which FormatChat writes them.
var frontMatterKeys = []string{
	"title", "hashtag", "starts", "ends", "leader", "leader_accounts", "hosts", "rooms", "reminders", "lead_in", "per_question", "announced",
	"series", "archive", "licence", "doi",
}

// keyHints are for keys that people try, but that have another name or place.
var keyHints = map[string]string{
	"zone":         `write the zone after the time, like "starts: 2026-12-15 20:00 Europe/London"`,
	"timezone":     `write the zone after the time, like "starts: 2026-12-15 20:00 Europe/London"`,
	"tz":           `write the zone after the time, like "starts: 2026-12-15 20:00 Europe/London"`,
	"date":         `write date, time and zone together, like "starts: 2026-12-15 20:00 Europe/London"`,
	"time":         `write date, time and zone together, like "starts: 2026-12-15 20:00 Europe/London"`,
	"length":       `write how long the chat lasts as its end, like "ends: 1h"`,
	"duration":     `write how long the chat lasts as its end, like "ends: 1h"`,
	"questions":    "write the questions below the second ---, each under a heading like ## Q1",
	"introduction": "write the introduction below the second ---, before ## Q1",
	"intro":        "write the introduction below the second ---, before ## Q1",
	"slug":         "the slug is the file's name: rename the file instead",
	"channels":     "did you mean rooms?",
	"channel":      "did you mean rooms?",
	"license":      "did you mean licence?",
}

type frontMatter struct {
	faults    *Faults
	values    map[string]ast.Node
	keys      map[string]position // all keys that were found, even with a value that can't be read
	lines     map[ast.Node]int    // how many lines of the file come before the YAML that a value was read from
	truncated map[int]bool        // lines whose value was cut short by a comment
}

// A scalar is one value, as it was written.
type scalar struct {
	text string
	at   position
}

// readFrontMatter reads the YAML of the front matter, which starts on line 2 of the file. If it isn't valid as a whole,
// each entry is parsed on its own, so that one syntax error doesn't hide other faults.
func readFrontMatter(matter string, faults *Faults) *frontMatter {
	f := &frontMatter{faults: faults, values: map[string]ast.Node{}, keys: map[string]position{}, lines: map[ast.Node]int{}, truncated: map[int]bool{}}
	f.hashtagsInComments(matter)
	err := f.read(matter, 1)
	if err == nil {
		return f
	}
	before := len(*faults)
	for _, e := range entries(matter) {
		if err := f.read(e.yaml, e.before); err != nil {
			f.addSyntaxFault(err, e.before, matter)
			key, _, _ := strings.Cut(e.yaml, ":")
			f.keys[key] = position{e.before + 1, 1}
		}
	}
	if len(*faults) == before {
		f.addSyntaxFault(err, 1, matter)
	}
	return f
}

// read collects the entries of one YAML text. before is how many lines of the file come before it.
func (f *frontMatter) read(src string, before int) error {
	file, err := yamlparser.ParseBytes([]byte(src), 0, yamlparser.AllowDuplicateMapKey())
	if err != nil {
		return err
	}
	for i, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		m, ok := doc.Body.(*ast.MappingNode)
		if !ok || i > 0 {
			f.faults.add(f.at(doc.Body.GetToken(), before), `this is not a setting: write each one like "title: Health and public libraries"`)
			continue
		}
		for _, v := range m.Values {
			f.addEntry(v, before)
		}
	}
	return nil
}

func (f *frontMatter) addEntry(v *ast.MappingValueNode, before int) {
	at := f.at(v.Key.GetToken(), before)
	key := v.Key.GetToken().Value
	switch hint, known := keyHints[strings.ToLower(key)]; {
	case slices.Contains(frontMatterKeys, key):
		if first, twice := f.keys[key]; twice {
			f.faults.add(at, "%s is already set on line %d: remove one", key, first.line)
			return
		}
		f.keys[key], f.values[key], f.lines[v.Value] = at, v.Value, before
	case known:
		f.faults.add(at, "unknown setting %q: %s", key, hint)
	default:
		likely := Nearest(strings.NewReplacer("-", "_", " ", "_").Replace(key), frontMatterKeys)
		if likely == "" {
			f.faults.add(at, "unknown setting %q: use one of %s", key, strings.Join(frontMatterKeys, ", "))
			return
		}
		f.faults.add(at, "unknown setting %q: did you mean %s?", key, likely)
	}
}

func (f *frontMatter) at(t *token.Token, before int) position {
	if t == nil || t.Position == nil {
		return position{before + 1, 1}
	}
	return position{before + max(t.Position.Line, 1), max(t.Position.Column, 1)}
}

// entries splits the front matter at each line that starts with a key.
func entries(matter string) []struct {
	yaml   string
	before int
} {
	var all []struct {
		yaml   string
		before int
	}
	for i, line := range strings.SplitAfter(matter, "\n") {
		if len(all) == 0 || keyPattern.MatchString(line) {
			all = append(all, struct {
				yaml   string
				before int
			}{before: i + 1})
		}
		all[len(all)-1].yaml += line
	}
	return all
}

var keyPattern = regexp.MustCompile(`^[\pL_][\pL\d _-]*:(\s|$)`)

// addSyntaxFault adds the YAML parser's error, with the remedy that nearly always helps.
func (f *frontMatter) addSyntaxFault(err error, before int, matter string) {
	at, message := position{before + 1, 1}, err.Error()
	var syntax yaml.Error
	if errors.As(err, &syntax) {
		message = syntax.GetMessage()
		if syntax.GetToken() != nil {
			at = f.at(syntax.GetToken(), before)
		}
	}
	at.line = min(at.line, 2+strings.Count(matter, "\n"))
	remedy := `put quotes around a text that contains ": " or starts with one of @ & * ! % [ { " '`
	if strings.Contains(message, "']'") {
		remedy = "close the list with ]"
	}
	f.faults.add(at, "can't read this (%s): %s", message, remedy)
}

// hashtagsInComments finds a # that was meant as part of a value. YAML would silently drop the rest of the line.
func (f *frontMatter) hashtagsInComments(matter string) {
	for _, t := range lexer.Tokenize(matter) {
		if t.Type != token.CommentType || t.Value == "" || strings.ContainsAny(t.Value[:1], " \t#!-=") {
			continue
		}
		if t.Prev != nil && t.Prev.Position.Line == t.Position.Line {
			f.truncated[t.Position.Line+1] = true
			f.faults.add(f.at(t, 1), `"#%s" would be ignored as a comment: put quotes around the whole value, or a space after the # if it is a comment`, t.Value)
		}
	}
}

// text returns the value of a key that takes a single one. ok is false if it is missing or faulty.
func (f *frontMatter) text(key string) (s scalar, ok bool) {
	node, ok := f.values[key]
	if !ok {
		return scalar{}, false
	}
	s, ok = f.scalar(key, node, f.lines[node])
	return s, ok
}

// line is like text, for values that must fit on one line.
func (f *frontMatter) line(key string) (s scalar, ok bool) {
	if s, ok = f.text(key); ok && strings.Contains(s.text, "\n") {
		f.faults.add(s.at, "%s must be on one line: remove the line breaks", key)
		return s, false
	}
	return s, ok
}

func (f *frontMatter) scalar(key string, node ast.Node, before int) (scalar, bool) {
	s := scalar{at: f.at(node.GetToken(), before)}
	switch n := node.(type) {
	case *ast.StringNode:
		s.text = n.Value
	case *ast.LiteralNode:
		s.text = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		s.text = node.GetToken().Value // as written: 2026 is a good title
	case *ast.NullNode:
	case *ast.SequenceNode, *ast.MappingNode:
		f.faults.add(s.at, "%s takes a single text, not a list or a map", key)
		return s, false
	default:
		f.faults.add(s.at, "%s takes plain text: put quotes around text that starts with & * or !", key)
		return s, false
	}
	if s.text = strings.Trim(s.text, " \t\n"); s.text == "" {
		if !f.truncated[s.at.line] {
			f.faults.add(s.at, "%s is empty: write a value, or remove it", key)
		}
		return s, false
	}
	return s, true
}

// list returns the values of a key that takes several. A single value doesn't need the brackets.
func (f *frontMatter) list(key string) (all []scalar, given bool) {
	node, ok := f.values[key]
	if !ok {
		return nil, false
	}
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		if s, ok := f.scalar(key, node, f.lines[node]); ok {
			all = append(all, s)
		}
		return all, true
	}
	for _, v := range sequence.Values {
		if s, ok := f.scalar(key, v, f.lines[node]); ok {
			all = append(all, s)
		}
	}
	return all, true
}
