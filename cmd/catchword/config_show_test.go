package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// documentedVariables lists all variables, with one workspace of each platform.
func documentedVariables() (all []variable) {
	for _, g := range documentedGroups() {
		all = append(all, g.variables...)
	}
	return all
}

func TestVariablesAreDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range documentedVariables() {
		if v.description == "" || strings.ContainsAny(v.description+v.defaultValue+v.example, "|\n") || seen[v.name] {
			t.Errorf("got %+v, want a unique name, and a description that fits a table", v)
		}
		// https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax
		if strings.ContainsAny(v.defaultValue+v.example, "'\"#$ ") {
			t.Errorf("%s=%s%s would be read differently by shells, Docker and systemd", v.name, v.defaultValue, v.example)
		}
		if v.secret && v.defaultValue != "" {
			t.Errorf("%s is a secret and has a default", v.name)
		}
		seen[v.name] = true
	}
	for _, v := range documentedVariables() {
		if v.secret && !seen[v.name+"_FILE"] {
			t.Errorf("%s can't be in a file", v.name)
		}
	}
	if len(seen) < 15 {
		t.Errorf("got %d variables, want all of them", len(seen))
	}
}

// TestEnvExample checks that env.example is what the program writes, and valid once the tokens are filled in.
func TestEnvExample(t *testing.T) {
	checkUpToDate(t, "deploy/env.example", func(string) string { return configEnv(documentedGroups()) })

	setEnvironment(t, false, nil)
	for _, m := range regexp.MustCompile(`(?m)^#(CATCHWORD_\w+)=(.*)$`).FindAllStringSubmatch(configEnv(documentedGroups()), -1) {
		switch name, value := m[1], m[2]; {
		case strings.HasSuffix(name, "_TOKEN"):
			t.Setenv(name, value+"1234") // as the example's reader would
		case !strings.HasSuffix(name, "_FILE"):
			t.Setenv(name, value)
		}
	}
	if _, workspaces, err := readWorkspaces(); err != nil || len(workspaces) != len(documentedGroups())-1 {
		t.Errorf("got %v and error %v, want one workspace of each platform", workspaces, err)
	}
}

// TestReadmeListsTheVariables checks that the README's tables are what the program writes.
func TestReadmeListsTheVariables(t *testing.T) {
	const begin, end = "<!-- catchword config --format markdown -->\n", "<!-- end -->\n"
	checkUpToDate(t, "README.md", func(readme string) string {
		before, rest, begins := strings.Cut(readme, begin)
		_, after, ends := strings.Cut(rest, end)
		if !begins || !ends {
			t.Fatalf("the README lacks %q or %q after it", begin, end)
		}
		return before + begin + configMarkdown(documentedGroups()) + end + after
	})
}

// checkUpToDate checks that a file of the repository has the expected content; with -update it writes that.
func checkUpToDate(t *testing.T, file string, expected func(string) string) {
	t.Helper()
	path := filepath.Join(repository, file)
	text, err := os.ReadFile(path)
	if err != nil && !*update {
		t.Fatal(err)
	}
	want := expected(string(text))
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("%s is not current: run go test ./cmd/catchword -update (-want +got):\n%s", file, diff)
	}
}

func TestConfigShowsWhatIsSet(t *testing.T) {
	setEnvironment(t, true, map[string]string{
		"CHATS": "somewhere", "ARCHIVE_PUBLIC_URL": "https://me:hunter2@example.org/chats",
		"SLACK": "nhs,Shelf,b a d", "SLACK_NHS_HOSTS": "xoxp-" + "misplaced", "SLACK_SHELF_API_URL": "https://x/?token=hunter2",
		"SLACK_SHELF_BOT_TOKEN_FILE": "/run/secrets/shelf",
	})
	got := configText(configuredGroups())
	for _, want := range []string{
		"  CATCHWORD_CHATS=somewhere\n      the folder of chat files; default: chats\n",
		"  CATCHWORD_GRACE=7d (the default)\n",
		"  CATCHWORD_SLACK_NHS_BOT_TOKEN (set)\n", "  CATCHWORD_SLACK_NHS_BOT_TOKEN_FILE (unset)\n", "  CATCHWORD_SLACK_NHS_HOSTS=xoxp-…\n",
		"  CATCHWORD_SLACK_SHELF_BOT_TOKEN (unset)\n", "  CATCHWORD_SLACK_SHELF_BOT_TOKEN_FILE=/run/secrets/shelf\n",
		"  CATCHWORD_ARCHIVE_PUBLIC_URL=https://me:xxxxx@example.org/chats\n", "  CATCHWORD_SLACK_SHELF_API_URL=set\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant %q in it", got, want)
		}
	}
	for _, secret := range []string{"SECRET", "hunter2", "misplaced"} {
		if strings.Contains(got, secret) {
			t.Errorf("got %s, want no secret in it", got)
		}
	}
	// The faults follow, and the command fails.
	var out, errs strings.Builder
	if code := run(t.Context(), []string{"config"}, nil, &out, &errs); code != 1 || out.String() != got || !strings.Contains(errs.String(), "CATCHWORD_SLACK_NHS_HOSTS lists") {
		t.Errorf("got exit %d and %q, want 1 and the faults", code, errs.String())
	}
	// The other formats don't depend on this machine.
	for _, format := range []string{"markdown", "env"} {
		out.Reset()
		code := run(t.Context(), []string{"config", "--format", format}, nil, &out, &errs)
		if code != 0 || slices.ContainsFunc([]string{"somewhere", "SHELF", "hunter2"}, func(s string) bool { return strings.Contains(out.String(), s) }) {
			t.Errorf("%s: got exit %d and\n%s", format, code, out.String())
		}
	}
	if code := run(t.Context(), []string{"config", "--format", "xml"}, nil, &out, &errs); code != 1 {
		t.Errorf("got exit %d for an unknown format, want 1", code)
	}
}
