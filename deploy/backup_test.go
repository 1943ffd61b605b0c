package deploy

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestBackupCommands runs the nightly backup command of each way to deploy the program.
func TestBackupCommands(t *testing.T) {
	built, err := buildProgram()
	if err != nil {
		t.Fatal(err)
	}
	unit := regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/catchword (.*)$`).FindStringSubmatch(readFile(t, "systemd/catchword-backup.service"))
	if unit == nil {
		t.Fatal("the unit does not start catchword")
	}
	commands := map[string][]string{"systemd": strings.Fields(unit[1])}
	var compose struct {
		Services map[string]struct{ Command, Profiles []string }
	}
	if err := yaml.Unmarshal([]byte(readFile(t, "compose.yaml")), &compose); err != nil {
		t.Fatal(err)
	}
	if got := compose.Services["backup"].Profiles; len(got) != 1 {
		t.Errorf("got the profiles %v of Compose's backup, want one, so that it is not started with the rest", got)
	}
	commands["Compose"] = compose.Services["backup"].Command
	for _, name := range []string{"single.yaml", "replicated.yaml"} {
		for _, o := range readObjects(t, filepath.Join("kubernetes", name)) {
			var job struct {
				Kind string
				Spec struct {
					JobTemplate struct {
						Spec struct {
							Template struct {
								Spec struct{ Containers []struct{ Args []string } }
							}
						}
					} `yaml:"jobTemplate"`
				}
			}
			text, err := yaml.Marshal(o)
			if err == nil {
				err = yaml.Unmarshal(text, &job)
			}
			if err != nil {
				t.Fatal(err)
			}
			if job.Kind == "CronJob" {
				commands[name] = job.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Args
			}
		}
	}
	for name, args := range commands {
		dir := t.TempDir()
		for _, folder := range []string{"data", "backups"} {
			if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		// To SQLite, an empty file is an empty database.
		if err := os.WriteFile(filepath.Join(dir, "data/catchword.db"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if len(args) == 0 {
			t.Errorf("%s has no backup", name)
			continue
		}
		args[len(args)-1] = strings.Replace(args[len(args)-1], "/var/lib/catchword-backups", "backups", 1)
		out := mustRun(t, dir, append([]string{built}, args...)...)
		files, err := filepath.Glob(filepath.Join(dir, "backups/catchword-*Z.db"))
		if err != nil || len(files) != 1 || !strings.Contains(out, "checked") {
			t.Errorf("%s: got %v, %q and error %v of %s, want one backup", name, files, out, err, fmt.Sprint(args))
		}
	}
	if len(commands) != 4 {
		t.Errorf("got %v, want a backup for each way of running it", commands)
	}
}
