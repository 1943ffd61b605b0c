package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// A slackManifest has the parts of deploy/slack/manifest.yaml that the tests use.
// https://docs.slack.dev/reference/app-manifest
type slackManifest struct {
	Metadata struct {
		Major int `yaml:"major_version"`
		Minor int `yaml:"minor_version"`
	} `yaml:"_metadata"`
	Display struct {
		Name        string
		Description string
		Background  string `yaml:"background_color"`
	} `yaml:"display_information"`
	Features struct {
		Home struct {
			On       bool `yaml:"home_tab_enabled"`
			Messages bool `yaml:"messages_tab_enabled"`
			ReadOnly bool `yaml:"messages_tab_read_only_enabled"`
		} `yaml:"app_home"`
		BotUser struct {
			Name   string `yaml:"display_name"`
			Online bool   `yaml:"always_online"`
		} `yaml:"bot_user"`
		Commands []struct {
			Command     string
			Description string
			Hint        string `yaml:"usage_hint"`
			Escape      bool   `yaml:"should_escape"`
		} `yaml:"slash_commands"`
	}
	OAuth struct {
		Scopes struct{ Bot []string }
	} `yaml:"oauth_config"`
	Settings struct {
		Events struct {
			Bot      []string `yaml:"bot_events"`
			Metadata []struct {
				App  string `yaml:"app_id"`
				Type string `yaml:"event_type"`
			} `yaml:"metadata_subscriptions"`
		} `yaml:"event_subscriptions"`
		Interactivity struct {
			On bool `yaml:"is_enabled"`
		}
		Org      bool `yaml:"org_deploy_enabled"`
		Socket   bool `yaml:"socket_mode_enabled"`
		Rotation bool `yaml:"token_rotation_enabled"`
	}
}

func readManifest() (m slackManifest, err error) {
	text, err := os.ReadFile(filepath.Join(repository, "deploy/slack/manifest.yaml"))
	if err == nil {
		err = yaml.UnmarshalWithOptions(text, &m, yaml.Strict())
	}
	return m, err
}

var scopePattern = regexp.MustCompile(`^(channels|groups|im|mpim|chat|users|reactions|files|metadata|pins|bookmarks|team|app_mentions)(\.[a-z]+)?:[a-z.]+$`)

func TestManifest(t *testing.T) {
	m, err := readManifest()
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Display.Name) > 35 || len(m.Display.Description) > 140 || m.Metadata.Major != 2 || !m.Features.BotUser.Online {
		t.Errorf("got %+v and %+v, which Slack refuses", m.Metadata, m.Display)
	}
	// Only an escaped mention in a command contains the person's ID.
	if len(m.Features.Commands) != 1 || m.Features.Commands[0].Command != "/catchword" || !m.Features.Commands[0].Escape {
		t.Errorf("got the commands %+v, want /catchword, escaped", m.Features.Commands)
	}
	if home := m.Features.Home; home.On || !home.Messages || home.ReadOnly {
		t.Errorf("got the home %+v, want its messages alone, and that people can write to it", home)
	}
	// Tokens in the environment must not expire.
	if s := m.Settings; !s.Socket || !s.Interactivity.On || s.Rotation {
		t.Errorf("got Socket Mode %v, interactivity %v and token rotation %v, want true, true and false", s.Socket, s.Interactivity.On, s.Rotation)
	}
	if s := m.Settings.Events.Metadata; len(s) != 1 || s[0].Type != "catchword_post" || s[0].App != "*" {
		t.Errorf("got the metadata %+v, want catchword_post", s)
	}

	// The manifest has all scopes and events in the adapter's code.
	names := stringLiterals(t, filepath.Join(repository, "adapters/slack"))
	scopes := slices.DeleteFunc(slices.Clone(names), func(s string) bool { return !scopePattern.MatchString(s) })
	if len(scopes) < 5 {
		t.Fatalf("got the scopes %v in the adapter, want more", scopes)
	}
	for _, scope := range scopes {
		if !slices.Contains(m.OAuth.Scopes.Bot, scope) {
			t.Errorf("the adapter uses the scope %s, which the manifest lacks", scope)
		}
	}
	for _, scope := range m.OAuth.Scopes.Bot { // doctor knows what each is for
		if !slices.Contains(names, scope) {
			t.Errorf("the manifest asks for the scope %s, which the adapter doesn't use", scope)
		}
	}
	for _, event := range m.Settings.Events.Bot {
		kind, _, _ := strings.Cut(event, ".")
		if event != "message_metadata_posted" && !slices.Contains(names, kind) {
			t.Errorf("the manifest asks for %s, which the adapter doesn't receive", event)
		}
	}
	if !slices.IsSorted(m.OAuth.Scopes.Bot) || !slices.IsSorted(m.Settings.Events.Bot) {
		t.Error("scopes and events are not sorted")
	}

	// The guide explains these scopes and no others.
	guide, err := os.ReadFile(filepath.Join(repository, "deploy/slack/README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var explained []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]*) \\|").FindAllStringSubmatch(string(guide), -1) {
		for _, name := range regexp.MustCompile("`([a-z:._]+)`").FindAllStringSubmatch(row[1], -1) {
			if strings.Contains(name[1], ":") || name[1] == "commands" {
				explained = append(explained, name[1])
			}
		}
	}
	want := append(slices.Clone(m.OAuth.Scopes.Bot), "connections:write")
	slices.Sort(want)
	slices.Sort(explained)
	if !slices.Equal(explained, want) {
		t.Errorf("the guide explains %v, want %v", explained, want)
	}
	if steps := regexp.MustCompile(`(?m)^\d+\. `).FindAllString(string(guide), -1); len(steps) != 10 || steps[9] != "10. " {
		t.Errorf("got the steps %q, want ten", steps)
	}
}

// stringLiterals lists the string literals of a package, without its tests.
func stringLiterals(t *testing.T, folder string) (texts []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					texts = append(texts, s)
				}
			}
			return true
		})
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}
