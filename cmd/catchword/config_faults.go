package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ukmedlibs/catchword/questions"
)

// environmentFaults is everything that is wrong in the environment, a line for each.
type environmentFaults []string

// add notes that a variable is wrong. The message goes on from its name, and says what would be right; it never holds a
// token: texts of the environment are put into it by quote alone.
func (f *environmentFaults) add(variable, message string, args ...any) {
	*f = append(*f, variable+" "+fmt.Sprintf(message, args...))
}

func (f environmentFaults) err() error {
	if len(f) == 0 {
		return nil
	}
	return errors.New("the environment can't be right:\n  " + strings.Join(f, "\n  "))
}

// workspaceVariablePattern matches the variables of a workspace, by the platform and its name.
var workspaceVariablePattern = regexp.MustCompile(`^CATCHWORD_(?:(SLACK)_(\w+?)_(?:BOT_TOKEN|APP_TOKEN|ROOMS|OWN_ROOMS|HOSTS|API_URL|CONNECTIONS|APPS)` +
	`|(MATRIX)_(\w+?)_(?:HOMESERVER|USER|ACCESS_TOKEN|PASSWORD|RECOVERY_KEY|ROOMS|OWN_ROOMS|HOSTS))(?:_FILE)?$`)

// addUnknown finds variables that nobody reads, for somebody meant something by them.
func (f *environmentFaults) addUnknown(known []string, workspaces []workspaceConfig) {
	for _, name := range definedVariables() {
		if slices.Contains(known, name) {
			continue
		}
		if m := workspaceVariablePattern.FindStringSubmatch(name); m != nil {
			platform, workspace := m[1]+m[3], m[2]+m[4]
			if !slices.ContainsFunc(workspaces, func(w workspaceConfig) bool { return strings.EqualFold(w.name, workspace) }) {
				f.add(name, "is of a workspace that CATCHWORD_%s doesn't name: add %s there, or leave this out", platform, strings.ToLower(workspace))
				continue
			}
		}
		likely := nearestVariable(name, known)
		if likely == "" {
			f.add(name, "is no variable of catchword: leave it out")
			continue
		}
		f.add(name, "is no variable of catchword: did you mean %s?", likely)
	}
}

// nearestVariable compares what comes after the prefix, which all have in common.
func nearestVariable(name string, known []string) string {
	var ends []string
	for _, k := range known {
		ends = append(ends, strings.TrimPrefix(k, envPrefix+"_"))
	}
	if likely := questions.Nearest(strings.TrimPrefix(name, envPrefix+"_"), ends); likely != "" {
		return envPrefix + "_" + likely
	}
	return ""
}

// tokenPattern finds Slack's tokens wherever they were put by mistake.
var tokenPattern = regexp.MustCompile(`(?i)(xox[a-z]{1,2}|xapp)[-._][^\s"]*`)

// maxQuoted is how much of a text is shown.
const maxQuoted = 80

// quote shows a text of the environment, without the tokens in it.
func quote(s string) string {
	s = tokenPattern.ReplaceAllString(s, "$1-…")
	if r := []rune(s); len(r) > maxQuoted {
		s = string(r[:maxQuoted]) + "…"
	}
	return strconv.Quote(s)
}
