package main

import (
	"net/url"
	"os"
	"reflect"
	"regexp"
	"strings"
	"text/template"

	"github.com/kelseyhightower/envconfig"
)

// A variable is an environment variable that catchword reads, described by the tags of a field.
type variable struct {
	name         string
	description  string // the tag desc
	defaultValue string // the tag default
	example      string // the tag example, where the default doesn't show how to write a value
	secret       bool   // the tag secret
}

// variablesOf lists the variables of a spec's fields.
func variablesOf(prefix string, spec any) (all []variable) {
	add := func(name string, tags reflect.StructTag) string {
		all = append(all, variable{name, tags.Get("desc"), tags.Get("default"), tags.Get("example"), tags.Get("secret") != ""})
		return ""
	}
	each := template.Must(template.New("").Funcs(template.FuncMap{"add": add}).Parse("{{range .}}{{add .Key .Tags}}{{end}}"))
	if err := envconfig.Usaget(prefix, spec, new(strings.Builder), each); err != nil {
		panic(err) // the specs are ours
	}
	return all
}

// readVariables fills spec, whose fields are texts, and returns the names of its variables. An empty variable counts as
// unset: compose files pass on unset variables as empty ones.
func readVariables(prefix string, spec any) (names []string) {
	if err := envconfig.Process(prefix, spec); err != nil {
		panic(err) // any text is valid
	}
	applyDefaults(reflect.ValueOf(spec).Elem())
	for _, v := range variablesOf(prefix, spec) {
		names = append(names, v.name)
	}
	return names
}

func applyDefaults(spec reflect.Value) {
	for field, value := range spec.Fields() {
		if value.Kind() == reflect.Struct {
			applyDefaults(value)
			continue
		}
		text := strings.TrimSpace(value.String())
		if text == "" {
			text = field.Tag.Get("default")
		}
		value.SetString(text)
	}
}

// value is the variable's current value, for display: secrets are shown as "set".
func (v variable) value() string {
	text := strings.TrimSpace(os.Getenv(v.name))
	if text == "" {
		return ""
	}
	if v.secret {
		return "set"
	}
	if strings.Contains(text, "://") {
		// Addresses may contain a password.
		u, err := url.Parse(text)
		if err != nil || passwordKeyPattern.MatchString(u.RawQuery) {
			return "set"
		}
		if u.User != nil {
			text = u.Redacted()
		}
	}
	return tokenPattern.ReplaceAllString(text, "$1-…")
}

// passwordKeyPattern matches a password in an address's query.
var passwordKeyPattern = regexp.MustCompile(`(?i)pass|secret|token`)

// A variableGroup is a list of variables under a heading.
type variableGroup struct {
	intro     string
	variables []variable
}

// variableGroups lists all variables, with those of each workspace.
func variableGroups(slack, matrix []string) []variableGroup {
	groups := []variableGroup{{"General:", variablesOf(envPrefix, new(environment))}}
	for _, name := range slack {
		groups = append(groups, variableGroup{
			"For each Slack workspace, here " + name + ":", variablesOf(slackPrefix(name), new(slackEnvironment)),
		})
	}
	for _, name := range matrix {
		groups = append(groups, variableGroup{
			"For each Matrix account, here " + name + ":", variablesOf(matrixPrefix(name), new(matrixEnvironment)),
		})
	}
	return groups
}

// documentedGroups lists all variables, with example workspaces.
func documentedGroups() []variableGroup {
	return variableGroups([]string{"nhs"}, []string{"community"})
}

// configuredGroups lists all variables, with the configured workspaces, or an example where there are none.
func configuredGroups() []variableGroup {
	var e environment
	readVariables(envPrefix, &e)
	named := func(list, example string) (names []string) {
		for _, name := range readNames("", list, strings.ToUpper, new(environmentFaults)) {
			if workspaceNamePattern.MatchString(name) {
				names = append(names, name)
			}
		}
		if len(names) == 0 {
			return []string{example}
		}
		return names
	}
	return variableGroups(named(e.Slack, "nhs"), named(e.Matrix, "community"))
}
