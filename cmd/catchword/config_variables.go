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

// A variable is one that catchword reads. All of it stands in the tags of a field, such as those of environment.
type variable struct {
	name         string
	description  string // a phrase: the tag desc
	defaultValue string // what it counts as when it isn't set: the tag default
	example      string // how it is written, where the default doesn't show it: the tag example
	secret       bool   // it holds a secret: the tag secret
}

// variablesOf lists the variables that a spec's fields are read from.
func variablesOf(prefix string, spec any) (all []variable) {
	add := func(name string, tags reflect.StructTag) string {
		all = append(all, variable{name, tags.Get("desc"), tags.Get("default"), tags.Get("example"), tags.Get("secret") != ""})
		return ""
	}
	each := template.Must(template.New("").Funcs(template.FuncMap{"add": add}).Parse("{{range .}}{{add .Key .Tags}}{{end}}"))
	if err := envconfig.Usaget(prefix, spec, new(strings.Builder), each); err != nil {
		panic(err) // specs are our own
	}
	return all
}

// readVariables has envconfig fill spec, whose fields are texts, and returns the names of its variables. A variable
// without a text is as good as none: that is how compose files pass on what nobody has set.
func readVariables(prefix string, spec any) (names []string) {
	if err := envconfig.Process(prefix, spec); err != nil {
		panic(err) // texts can't be read wrongly
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

// value is what the variable says now, for a person's eyes: a secret is merely "set".
func (v variable) value() string {
	text := strings.TrimSpace(os.Getenv(v.name))
	if text == "" {
		return ""
	}
	if v.secret {
		return "set"
	}
	if strings.Contains(text, "://") {
		// Addresses may have a password in them.
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

// passwordKeyPattern finds a password among an address's parameters.
var passwordKeyPattern = regexp.MustCompile(`(?i)pass|secret|token`)

// A variableGroup is variables that belong together.
type variableGroup struct {
	intro     string
	variables []variable
}

// variableGroups lists every variable. Of the workspaces of a platform, each has its own.
func variableGroups(slack, matrix []string) []variableGroup {
	groups := []variableGroup{{"For all:", variablesOf(envPrefix, new(environment))}}
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

// documentedGroups lists every variable with workspaces that are examples.
func documentedGroups() []variableGroup {
	return variableGroups([]string{"nhs"}, []string{"community"})
}

// configuredGroups lists every variable with the workspaces that are configured, or an example where there is none.
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
