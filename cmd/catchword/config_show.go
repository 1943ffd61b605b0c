package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// configFormats are the output formats of catchword config.
var configFormats = map[string]func() string{
	"text":     func() string { return configText(configuredGroups()) },
	"markdown": func() string { return configMarkdown(documentedGroups()) },
	"env":      func() string { return configEnv(documentedGroups()) },
}

func configCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "config",
		Short: "List all environment variables with their meanings and current values",
		Long: `config lists every environment variable that catchword reads, with its meaning, its default
and its current value. It never shows secrets, only whether they are set. After the list it
reports all errors in the environment.

To start a file of your own:

  catchword config --format env > catchword.env

Docker and systemd read this file. To load it in a shell:

  set -a; . ./catchword.env; set +a

Every secret can also be in a file: add _FILE to the variable's name, and set it to the path.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			show, ok := configFormats[format]
			if !ok {
				return fmt.Errorf("--format must be text, markdown or env, not %s", format)
			}
			if _, err := io.WriteString(cmd.OutOrStdout(), show()); err != nil || format != "text" {
				return err
			}
			_, _, err := readWorkspaces()
			return err
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text: current values; markdown: a table; env: a file to fill in")
	return cmd
}

// configText lists the variables with their current values.
func configText(groups []variableGroup) string {
	var b strings.Builder
	for i, g := range groups {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(g.intro + "\n")
		for _, v := range g.variables {
			state, note := "", ""
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
					note = "; default: " + v.defaultValue
				}
			}
			fmt.Fprintf(&b, "  %s%s\n      %s%s\n", v.name, state, v.description, note)
		}
	}
	return b.String()
}

// configMarkdown writes the README's tables.
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

// configEnv writes deploy/env.example.
func configEnv(groups []variableGroup) string {
	var b strings.Builder
	b.WriteString(`# The environment of catchword, written by "catchword config --format env". Copy this file, remove the # before the
# variables that you need, fill them in, and keep the file private: chmod 600.
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
