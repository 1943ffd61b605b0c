package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// configFormats are how the variables can be shown.
var configFormats = map[string]func() string{
	"text":     func() string { return configText(configuredGroups()) },
	"markdown": func() string { return configMarkdown(documentedGroups()) },
	"env":      func() string { return configEnv(documentedGroups()) },
}

func configCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "config",
		Short: "List the environment variables, what each means, and what it says now",
		Long: `config lists every environment variable that catchword reads: what it means, what it
counts as when it isn't set, and what it says now. Secrets are never shown, only that they
are set. Whatever is wrong with the environment is listed after that, all at once.

  catchword config --format env > catchword.env

begins a file of your own. Such a file is read by Docker and systemd alike; in a shell:

  set -a; . ./catchword.env; set +a

Every secret may also stand in a file, whose path is in the variable with _FILE behind it.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			show, ok := configFormats[format]
			if !ok {
				return fmt.Errorf("--format %s is not one of text, markdown and env", format)
			}
			if _, err := io.WriteString(cmd.OutOrStdout(), show()); err != nil || format != "text" {
				return err
			}
			_, _, err := readWorkspaces()
			return err
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, with what is set now; or a table in markdown; or env, a file to fill in")
	return cmd
}

// configText shows what each variable says now.
func configText(groups []variableGroup) string {
	var b strings.Builder
	for i, g := range groups {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(g.intro + "\n")
		for _, v := range g.variables {
			state, byDefault := "", ""
			switch value := v.value(); {
			case value == "" && v.defaultValue == "":
				state = " (unset)"
			case value == "":
				state = "=" + v.defaultValue + " (the default)"
			case v.secret:
				state = " (set)"
			default:
				state = "=" + value
				if v.defaultValue != "" {
					byDefault = "; by default " + v.defaultValue
				}
			}
			fmt.Fprintf(&b, "  %s%s\n      %s%s\n", v.name, state, v.description, byDefault)
		}
	}
	return b.String()
}

// configMarkdown is the README's tables.
func configMarkdown(groups []variableGroup) string {
	var b strings.Builder
	for i, g := range groups {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s\n\n| variable | meaning | default |\n|---|---|---|\n", g.intro)
		for _, v := range g.variables {
			unset := ""
			if v.defaultValue != "" {
				unset = "`" + v.defaultValue + "`"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", v.name, v.description, unset)
		}
	}
	return b.String()
}

// configEnv is deploy/env.example.
func configEnv(groups []variableGroup) string {
	var b strings.Builder
	b.WriteString(`# The environment of catchword, as "catchword config --format env" writes it. Copy this file, take the # from before the
# variables that you set, fill them in, and keep the file from the eyes of others: chmod 600.
`)
	for _, g := range groups {
		fmt.Fprintf(&b, "\n# %s\n", g.intro)
		for _, v := range g.variables {
			example := v.example
			if example == "" {
				example = v.defaultValue
			}
			fmt.Fprintf(&b, "# %s\n#%s=%s\n", v.description, v.name, example)
		}
	}
	return b.String()
}
