package deploy

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// maxExposure is the highest exposure, of 10, that systemd-analyze may report for a unit. README.md states it.
const maxExposure = 1.2

func TestUnits(t *testing.T) {
	analyze := requireTool(t, "systemd-analyze")
	units, err := filepath.Glob("systemd/*")
	if err != nil || len(units) < 3 {
		t.Fatalf("got %v and error %v, want the units", units, err)
	}
	// The program is not installed here.
	dir := t.TempDir()
	verify := []string{analyze, "verify", "--man=no"}
	for _, unit := range units {
		path := filepath.Join(dir, filepath.Base(unit))
		text := strings.ReplaceAll(readFile(t, unit), "/usr/local/bin/catchword", "/bin/true")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		verify = append(verify, path)
		if !strings.HasSuffix(unit, ".service") {
			continue
		}
		out := mustRun(t, ".", analyze, "security", "--offline=true", "--no-pager", fmt.Sprintf("--threshold=%.0f", maxExposure*10), path)
		if m := regexp.MustCompile(`exposure level for \S+: ([\d.]+)`).FindStringSubmatch(out); m == nil || m[1] != fmt.Sprint(maxExposure) {
			t.Errorf("%s: got %v, want %v", unit, m, maxExposure)
		}
	}
	mustRun(t, ".", verify...)
	if readme := readFile(t, "README.md"); !strings.Contains(readme, fmt.Sprintf("%v of 10", maxExposure)) {
		t.Errorf("README.md doesn't say that systemd reckons an exposure of %v of 10", maxExposure)
	}
}

// TestCompose checks that Compose accepts the files as README.md uses them, with the example environment.
func TestCompose(t *testing.T) {
	compose := requireTool(t, "docker-compose")
	dir := t.TempDir()
	for _, name := range []string{"compose.yaml", "compose.postgres.yaml", "env.example"} {
		if err := os.WriteFile(filepath.Join(dir, strings.Replace(name, "env.example", "catchword.env", 1)), []byte(readFile(t, name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		files []string
		want  []string
	}{
		{[]string{"compose.yaml"}, []string{"backup", "catchword"}},
		{[]string{"compose.yaml", "compose.postgres.yaml"}, []string{"backup", "catchword", "postgres", "standby"}},
	} {
		args := []string{compose}
		for _, f := range test.files {
			args = append(args, "--file", f)
		}
		got := strings.Fields(mustRun(t, dir, append(args, "config", "--services")...))
		if slices.Sort(got); !slices.Equal(got, test.want) {
			t.Errorf("%v: got the services %v, want %v", test.files, got, test.want)
		}
	}
	if _, err := runOutput(t, dir, compose, "--file", "compose.postgres.yaml", "config", "--quiet"); err == nil {
		t.Error("compose.postgres.yaml alone is accepted: this test can't find faults")
	}
}
