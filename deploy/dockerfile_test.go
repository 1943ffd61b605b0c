package deploy

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDockerfile(t *testing.T) {
	if faults := lintDockerfile(readFile(t, repository, "Dockerfile")); len(faults) > 0 {
		t.Errorf("got %s", strings.Join(faults, "\n"))
	}
}

// An instruction is a line of a Dockerfile, with its continuation lines.
type instruction struct{ name, args string }

func parseInstructions(dockerfile string) (all []instruction) {
	dockerfile = regexp.MustCompile(`(?m)^\s*#.*\n`).ReplaceAllString(dockerfile, "")
	dockerfile = regexp.MustCompile(`\\\n\s*`).ReplaceAllString(dockerfile, "")
	for line := range strings.Lines(dockerfile) {
		if word, rest, _ := strings.Cut(strings.TrimSpace(line), " "); word != "" {
			all = append(all, instruction{strings.ToUpper(word), strings.TrimSpace(rest)})
		}
	}
	return all
}

// lintDockerfile checks the rules of hadolint that apply to our Dockerfile:
// https://github.com/hadolint/hadolint#rules
func lintDockerfile(dockerfile string) (faults []string) {
	fault := func(rule, format string, args ...any) { faults = append(faults, rule+" "+fmt.Sprintf(format, args...)) }
	var stages []string
	var before instruction
	user, workdir, count := "root", "", map[string]int{}
	for _, i := range parseInstructions(dockerfile) {
		switch i.name {
		case "FROM":
			fields := strings.Fields(i.args)
			image := fields[0]
			name, tag, tagged := strings.Cut(image, ":")
			switch {
			case image == "scratch" || slices.Contains(stages, image):
			case !tagged && !strings.Contains(image, "@"):
				fault("DL3006", "%s has no version", name)
			case tag == "latest":
				fault("DL3007", "%s is of no version in particular", name)
			}
			stage := ""
			if len(fields) == 3 && strings.EqualFold(fields[1], "AS") {
				stage = fields[2]
			}
			if stage != "" && slices.Contains(stages, stage) {
				fault("DL3024", "two stages are called %s", stage)
			}
			stages = append(stages, stage)
			user, workdir, count = "root", "", map[string]int{}
		case "RUN":
			if before.name == "RUN" {
				fault("DL3059", "two RUNs follow each other")
			}
			for _, command := range regexp.MustCompile(`&&|;|\|`).Split(i.args, -1) {
				switch words := append(strings.Fields(command), "", ""); {
				case words[0] == "cd":
					fault("DL3003", "WORKDIR changes the folder")
				case words[0] == "sudo":
					fault("DL3004", "sudo in a RUN")
				case slices.Contains([]string{"ssh", "vim", "shutdown", "service", "ps", "free", "top", "kill", "mount"}, words[0]):
					fault("DL3001", "%s in a RUN", words[0])
				case words[0] == "apt-get" && words[1] == "upgrade":
					fault("DL3005", "apt-get upgrade")
				case words[0] == "apt-get" && words[1] == "install" && !strings.Contains(command, "--no-install-recommends"):
					fault("DL3015", "apt-get without --no-install-recommends")
				}
			}
			if strings.Contains(i.args, "|") && !strings.Contains(dockerfile, "pipefail") {
				fault("DL4006", "a pipe without pipefail")
			}
		case "WORKDIR":
			if workdir = i.args; !path.IsAbs(workdir) {
				fault("DL3000", "WORKDIR %s is relative", workdir)
			}
		case "USER":
			user = i.args
		case "ADD":
			fault("DL3020", "ADD instead of COPY")
		case "MAINTAINER":
			fault("DL4000", "MAINTAINER")
		case "COPY":
			fields := strings.Fields(i.args)
			for _, f := range fields {
				if from, ok := strings.CutPrefix(f, "--from="); ok && !slices.Contains(stages[:len(stages)-1], from) {
					fault("DL3022", "COPY from %s, which is no earlier stage", from)
				}
			}
			if to := fields[len(fields)-1]; !path.IsAbs(to) && workdir == "" {
				fault("DL3045", "COPY to %s, and no WORKDIR", to)
			}
			if args := slices.DeleteFunc(fields, func(f string) bool { return strings.HasPrefix(f, "--") }); len(args) > 2 && !strings.HasSuffix(args[len(args)-1], "/") {
				fault("DL3021", "COPY of several to what does not end in /")
			}
		case "EXPOSE":
			port, _, _ := strings.Cut(i.args, "/")
			if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
				fault("DL3011", "port %s", i.args)
			}
		case "CMD", "ENTRYPOINT", "HEALTHCHECK":
			if count[i.name]++; count[i.name] > 1 {
				fault(map[string]string{"CMD": "DL4003", "ENTRYPOINT": "DL4004", "HEALTHCHECK": "DL3012"}[i.name], "a second %s", i.name)
			}
			_, list, _ := strings.Cut("CMD "+i.args, "CMD ")
			if at := strings.LastIndex(list, "CMD "); at >= 0 {
				list = list[at+len("CMD "):]
			}
			if err := json.Unmarshal([]byte(list), new([]string)); err != nil && i.args != "NONE" {
				fault("DL3025", "%s is no JSON list", i.name)
			}
		case "ARG", "ENV", "LABEL", "VOLUME", "STOPSIGNAL", "SHELL", "ONBUILD":
		default:
			fault("DL1001", "no instruction is called %s", i.name)
		}
		before = i
	}
	if name, _, _ := strings.Cut(user, ":"); name == "root" || name == "0" {
		fault("DL3002", "the last user is root")
	}
	if count["HEALTHCHECK"] == 0 {
		fault("DL3057", "no HEALTHCHECK")
	}
	return faults
}

func TestLintDockerfile(t *testing.T) {
	const end = "\nUSER 1\nHEALTHCHECK CMD [\"x\"]\n"
	for dockerfile, want := range map[string][]string{
		"FROM a:1" + end:                                               nil,
		"FROM a:1 AS b\nFROM b" + end:                                  nil,
		"FROM a:1\nHEALTHCHECK NONE\n":                                 {"DL3002"},
		"FROM a:1\nUSER x\n":                                           {"DL3057"},
		"FROM a:1\nUSER x\nUSER 0:0\n":                                 {"DL3002", "DL3057"},
		"FROM a" + end:                                                 {"DL3006"},
		"FROM a:latest" + end:                                          {"DL3007"},
		"FROM a:1\nRUN b\nRUN c" + end:                                 {"DL3059"},
		"FROM a:1\nRUN b && cd c" + end:                                {"DL3003"},
		"FROM a:1\nRUN sudo b" + end:                                   {"DL3004"},
		"FROM a:1\nRUN b | c" + end:                                    {"DL4006"},
		"FROM a:1\nRUN ps" + end:                                       {"DL3001"},
		"FROM a:1\nWORKDIR b" + end:                                    {"DL3000"},
		"FROM a:1\nADD b /c" + end:                                     {"DL3020"},
		"FROM a:1\nCOPY b c" + end:                                     {"DL3045"},
		"FROM a:1\nCOPY b c /d" + end:                                  {"DL3021"},
		"FROM a:1\nEXPOSE 80800" + end:                                 {"DL3011"},
		"FROM a:1\nCMD a b" + end:                                      {"DL3025"},
		"FROM a:1\nMAINTAINER me" + end:                                {"DL4000"},
		"FROM a:1\nRUNS b" + end:                                       {"DL1001"},
		"FROM a:1\nCMD [\"a\"]\nCMD [\"b\"]" + end:                     {"DL4003"},
		"FROM a:1\nCOPY --from=b /c /d" + end:                          {"DL3022"},
		"FROM a:1 AS b\nFROM c:1 AS b" + end:                           {"DL3024"},
		"FROM a:1\nRUN apt-get update && \\\n apt-get install b" + end: {"DL3015"},
	} {
		var got []string
		for _, f := range lintDockerfile(dockerfile) {
			rule, _, _ := strings.Cut(f, " ")
			got = append(got, rule)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", dockerfile, diff)
		}
	}
}
