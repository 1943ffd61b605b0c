package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// These tests check what ARCHITECTURE.md promises. To change a table below is to change the architecture.

const (
	module     = "github.com/ukmedlibs/catchword"
	repository = "../.."
)

var (
	// allowedImports are the only imports between our own packages, as patterns of path.Match; allowedTestImports are
	// what a package's tests may import in addition.
	allowedImports = map[string][]string{
		"questions":              {},
		"questions/announcement": {"questions"},
		"adapters":               {},
		"adapters/*":             {"adapters", "adapters/commonmark", "adapters/calls"},
		"adapters/slack/mrkdwn":  {"adapters", "adapters/commonmark"},
		"adapters/matrix/html":   {"adapters", "adapters/commonmark"},
		"adapters/slack":         {"adapters", "adapters/commonmark", "adapters/calls", "adapters/slack/mrkdwn"},
		"adapters/matrix":        {"adapters", "adapters/commonmark", "adapters/calls", "adapters/matrix/html"},
		// For tests only: a fake platform, a real one, and real databases.
		"adapters/slack/slackfake":   {},
		"adapters/matrix/matrixtest": {},
		"bot/store/storetest":        {},
		"bot/store":                  {"questions", "adapters"},
		"bot/archive/bagit":          {},
		"bot/archive":                {"questions", "adapters/commonmark"},
		"bot":                        {"bot/store", "bot/archive", "questions", "adapters"},
		"deploy":                     {}, // has only tests
		"cmd/*":                      {"bot", "bot/*", "bot/archive/bagit", "questions", "questions/announcement", "adapters", "adapters/terminal", "adapters/slack", "adapters/matrix"},
	}
	allowedTestImports = map[string][]string{
		"adapters/*":            {"adapters/adaptertest"},
		"adapters/slack/mrkdwn": {"adapters/adaptertest"},
		"adapters/matrix/html":  {"adapters/adaptertest"},
		"adapters/slack":        {"adapters/adaptertest", "adapters/slack/slackfake"},
		"adapters/matrix":       {"adapters/adaptertest", "adapters/matrix/matrixtest"},
		"bot/store":             {"bot/store/storetest"},
		"bot/archive":           {"bot/archive/bagit"},
		"deploy":                {"adapters/slack/slackfake"},
		"bot":                   {"bot/archive/bagit", "bot/store/storetest", "adapters/adaptertest", "adapters/slack", "adapters/slack/slackfake", "adapters/matrix", "adapters/matrix/matrixtest"},
		"cmd/*":                 {"bot/store/storetest", "adapters/adaptertest", "adapters/slack/slackfake", "adapters/matrix/matrixtest"},
	}

	// restrictedImports lead outside the program, and only these packages may use them. Tests may use any.
	restrictedImports = map[string][]string{
		"net":                            {"adapters/*", "adapters/slack/slackfake", "adapters/matrix/matrixtest", "bot/store/storetest", "cmd/*"},
		"net/http":                       {"adapters", "adapters/*", "adapters/slack/slackfake", "adapters/matrix/matrixtest", "cmd/*"},
		"database/sql":                   {"bot/store", "bot/store/storetest", "adapters/matrix"},
		"database/sql/driver":            {"bot/store"},
		"modernc.org/sqlite":             {"bot/store", "bot/store/storetest"},
		"github.com/jackc/pgx/v5":        {"bot/store", "bot/store/storetest"},
		"github.com/jackc/pgx/v5/stdlib": {"bot/store"},
		"os":                             {"adapters/*", "adapters/matrix/matrixtest", "bot", "bot/store", "bot/store/storetest", "bot/archive", "bot/archive/bagit", "cmd/*"},
		"os/exec":                        {"adapters/matrix/matrixtest", "bot/store/storetest"},
		"go.mau.fi/util/dbutil":          {"bot/store", "adapters/matrix", "cmd/*"},
		"flag":                           {},
		"github.com/prometheus/client_golang/prometheus": {"cmd/*"},
		"github.com/spf13/cobra":                         {"cmd/*"},
		"github.com/kelseyhightower/envconfig":           {"cmd/*"},
	}
	restrictedCalls = map[string][]string{
		// All others are told the time, so they can be tested, and an archive's bytes can be reproduced.
		"time.Now":     {"bot", "bot/store", "adapters/*", "adapters/slack/slackfake", "adapters/matrix/matrixtest", "cmd/*"},
		"time.Since":   {"bot", "adapters/*", "adapters/slack/slackfake", "adapters/matrix/matrixtest", "cmd/*"},
		"time.Until":   {"bot", "adapters/*", "adapters/slack/slackfake", "adapters/matrix/matrixtest", "cmd/*"},
		"os.Getenv":    {"cmd/*", "bot/store/storetest"},
		"os.LookupEnv": {"cmd/*"},
		"os.Exit":      {"cmd/*"},
	}

	// topLevel lists everything at the top of the repository, except hidden files and what .gitignore names.
	topLevel = []string{
		"ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "DECISIONS.md", "Dockerfile", "LICENSE", "Makefile", "NOTICE", "README.md",
		"adapters", "bot", "cmd", "deploy", "go.mod", "go.sum", "questions",
	}
)

// A sourcePackage holds the fields of `go list -json` that the tests use.
type sourcePackage struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func TestImports(t *testing.T) {
	for _, fault := range importFaults(listPackages(t)) {
		t.Error(fault)
	}
}

func listPackages(t *testing.T) []sourcePackage {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	list.Dir = repository
	out, err := list.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			err = fmt.Errorf("%w\n%s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	var ours []sourcePackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p sourcePackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		if strings.HasPrefix(p.ImportPath, module+"/") {
			ours = append(ours, p)
		}
	}
	if len(ours) < 3 {
		t.Fatalf("go list found %d of our packages, want all", len(ours))
	}
	return ours
}

// importFaults lists every import that isn't allowed.
func importFaults(packages []sourcePackage) []string {
	var faults []string
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		allowed, known := ruleFor(allowedImports, name)
		if !known {
			faults = append(faults, name+" is a package that allowedImports doesn't list")
			continue
		}
		faults = append(faults, disallowedImports(name, allowed, p.Imports)...)
		for _, i := range p.Imports {
			if users, ok := restrictedImports[i]; ok && !matches(users, name) {
				faults = append(faults, name+" imports "+i)
			}
		}
		inTests, _ := ruleFor(allowedTestImports, name)
		inTests = slices.Concat(inTests, allowed, []string{name})
		faults = append(faults, disallowedImports(name+" (tests)", inTests, slices.Concat(p.TestImports, p.XTestImports))...)
	}
	return faults
}

func disallowedImports(name string, allowed, imports []string) []string {
	var faults []string
	for _, i := range imports {
		if i, ours := strings.CutPrefix(i, module+"/"); ours && !matches(allowed, i) {
			faults = append(faults, name+" imports "+i)
		}
	}
	return faults
}

// ruleFor finds the rule for a package: an exact name comes before a pattern.
func ruleFor(rules map[string][]string, name string) ([]string, bool) {
	if r, ok := rules[name]; ok {
		return r, true
	}
	for pattern, r := range rules {
		if matches([]string{pattern}, name) {
			return r, true
		}
	}
	return nil, false
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { ok, _ := path.Match(p, name); return ok })
}

func TestImportFaults(t *testing.T) {
	ours := func(names ...string) []string {
		for i, n := range names {
			names[i] = module + "/" + n
		}
		return names
	}
	for _, test := range []struct {
		name    string
		imports []string
		tests   []string
		want    []string
	}{
		{name: "questions", imports: []string{"time", "net/url"}},
		{name: "questions", tests: []string{"os"}},
		{name: "questions", imports: []string{"os", "net"}, want: []string{"questions imports os", "questions imports net"}},
		{name: "questions", imports: ours("adapters"), want: []string{"questions imports adapters"}},
		{name: "adapters", imports: ours("questions"), want: []string{"adapters imports questions"}},
		{name: "adapters/slack", imports: append(ours("adapters"), "net/http", "os")},
		{name: "adapters/slack", imports: ours("adapters/matrix"), want: []string{"adapters/slack imports adapters/matrix"}},
		{name: "adapters/slack", tests: ours("adapters", "adapters/slack", "adapters/adaptertest")},
		{name: "adapters/slack", imports: ours("adapters/adaptertest"), want: []string{"adapters/slack imports adapters/adaptertest"}},
		{name: "adapters/slack", tests: ours("bot"), want: []string{"adapters/slack (tests) imports bot"}},
		{name: "bot", imports: ours("bot/store", "bot/archive", "questions", "adapters"), tests: ours("adapters/adaptertest")},
		{name: "bot", imports: append(ours("adapters/slack"), "database/sql"), want: []string{"bot imports adapters/slack", "bot imports database/sql"}},
		{name: "bot/store", imports: append(ours("questions", "adapters"), "database/sql", "modernc.org/sqlite")},
		{name: "bot/store", imports: ours("bot"), want: []string{"bot/store imports bot"}},
		{name: "bot/archive", imports: ours("bot/store"), want: []string{"bot/archive imports bot/store"}},
		{name: "cmd/catchword", imports: ours("bot", "bot/store", "adapters/terminal", "questions")},
		{name: "cmd/catchword", imports: ours("adapters/adaptertest"), want: []string{"cmd/catchword imports adapters/adaptertest"}},
		{name: "internal/utils", want: []string{"internal/utils is a package that allowedImports doesn't list"}},
	} {
		got := importFaults([]sourcePackage{{ImportPath: module + "/" + test.name, Imports: test.imports, XTestImports: test.tests}})
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s with imports %v and tests' %v (-want +got):\n%s", test.name, test.imports, test.tests, diff)
		}
	}
}

func TestCalls(t *testing.T) {
	files := 0
	err := filepath.WalkDir(repository, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != repository && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if d.IsDir() || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		files++
		name, err := filepath.Rel(repository, filepath.Dir(file))
		if err != nil {
			return err
		}
		faults, err := callFaults(filepath.ToSlash(name), file, source)
		for _, fault := range faults {
			t.Error(fault)
		}
		return err
	})
	if err != nil || files < 3 {
		t.Fatalf("read %d files, error %v; want all of them, and no error", files, err)
	}
}

// callFaults lists every use of a restricted function in one file of the named package.
func callFaults(name, file string, source []byte) ([]string, error) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var faults []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if of, ok := sel.X.(*ast.Ident); ok {
				call := of.Name + "." + sel.Sel.Name
				if users, ok := restrictedCalls[call]; ok && !matches(users, name) {
					faults = append(faults, fmt.Sprintf("%s: %s uses %s", files.Position(n.Pos()), name, call))
				}
			}
		}
		return true
	})
	return faults, nil
}

func TestCallFaults(t *testing.T) {
	source := []byte("package p\n\nvar now = time.Now\n\nfunc f() { g(os.Getenv(\"HOME\"), time.Hour) }\n")
	for name, want := range map[string][]string{
		"questions":     {"p.go:3:11: questions uses time.Now", "p.go:5:14: questions uses os.Getenv"},
		"bot":           {"p.go:5:14: bot uses os.Getenv"},
		"bot/archive":   {"p.go:3:11: bot/archive uses time.Now", "p.go:5:14: bot/archive uses os.Getenv"},
		"cmd/catchword": nil,
	} {
		got, err := callFaults(name, "p.go", source)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: error %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestTopLevel(t *testing.T) {
	ignore, err := os.ReadFile(filepath.Join(repository, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(repository)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range strayEntries(entries, string(ignore)) {
		t.Error(fault)
	}
}

func strayEntries(entries []fs.DirEntry, ignore string) []string {
	var ignored []string
	for line := range strings.Lines(ignore) {
		ignored = append(ignored, strings.Trim(strings.TrimSpace(line), "/"))
	}
	var faults []string
	for _, e := range entries {
		if n := e.Name(); !strings.HasPrefix(n, ".") && !matches(ignored, n) && !slices.Contains(topLevel, n) {
			faults = append(faults, n+" is not in topLevel: keep the top of the repository short")
		}
	}
	return faults
}

func TestStrayEntries(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"bot", "pkg", "data", "bot.test", ".git"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"pkg is not in topLevel: keep the top of the repository short"}
	if diff := cmp.Diff(want, strayEntries(entries, "/data/\n*.test\n")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
