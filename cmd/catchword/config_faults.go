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

// environmentFaults lists the faults in the environment, a line for each.
type environmentFaults []string

// add adds a fault. The message continues the sentence that begins with the variable's name, and says what would be
// right. It must not show a token, so texts from the environment go through quote.
func (f *environmentFaults) add(variable, message string, args ...any) {
	*f = append(*f, variable+" "+fmt.Sprintf(message, args...))
}

func (f environmentFaults) err() error {
	if len(f) == 0 {
		return nil
	}
	return errors.New("these settings need fixing:\n  " + strings.Join(f, "\n  "))
}

// workspaceVariablePattern matches a workspace's variable; its groups are the platform and the workspace's name.
var workspaceVariablePattern = regexp.MustCompile(`^CATCHWORD_(?:(SLACK)_(\w+?)_(?:BOT_TOKEN|APP_TOKEN|ROOMS|OWN_ROOMS|HOSTS|API_URL|CONNECTIONS|APPS)` +
	`|(MATRIX)_(\w+?)_(?:HOMESERVER|USER|ACCESS_TOKEN|PASSWORD|RECOVERY_KEY|ROOMS|OWN_ROOMS|HOSTS))(?:_FILE)?$`)

// addUnknown finds variables that catchword doesn't read: they are probably misspelt.
func (f *environmentFaults) addUnknown(known []string, workspaces []workspaceConfig) {
	for _, name := range definedVariables() {
		if slices.Contains(known, name) {
			continue
		}
		if m := workspaceVariablePattern.FindStringSubmatch(name); m != nil {
			platform, workspace := m[1]+m[3], m[2]+m[4]
			if !slices.ContainsFunc(workspaces, func(w workspaceConfig) bool { return strings.EqualFold(w.name, workspace) }) {
				f.add(name, "belongs to a workspace that CATCHWORD_%s doesn't list: add %s there, or remove this variable", platform, strings.ToLower(workspace))
				continue
			}
		}
		suggestion := nearestVariable(name, known)
		if suggestion == "" {
			f.add(name, "is not a known variable: remove it")
			continue
		}
		f.add(name, "is not a known variable: did you mean %s?", suggestion)
	}
}

// nearestVariable finds the variable with the most similar name, without the prefix that all share.
func nearestVariable(name string, known []string) string {
	var ends []string
	for _, k := range known {
		ends = append(ends, strings.TrimPrefix(k, envPrefix+"_"))
	}
	if nearest := questions.Nearest(strings.TrimPrefix(name, envPrefix+"_"), ends); nearest != "" {
		return envPrefix + "_" + nearest
	}
	return ""
}

// tokenPattern matches Slack's tokens, which may be in the wrong variable by mistake.
var tokenPattern = regexp.MustCompile(`(?i)(xox[a-z]{1,2}|xapp)[-._][^\s"]*`)

// maxQuoted is how many characters of a text quote shows.
const maxQuoted = 80

// quote quotes a text from the environment, and hides tokens in it.
func quote(s string) string {
	s = tokenPattern.ReplaceAllString(s, "$1-…")
	if r := []rune(s); len(r) > maxQuoted {
		s = string(r[:maxQuoted]) + "…"
	}
	return strconv.Quote(s)
}
