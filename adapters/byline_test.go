package adapters_test

import (
	"strings"
	"testing"

	"github.com/yuin/goldmark"

	"github.com/ukmedlibs/catchword/adapters"
)

func TestTextWithByline(t *testing.T) {
	amy := adapters.Persona{Name: "Amy", Workspace: "nhs"}
	for _, c := range []struct {
		name string
		as   adapters.Persona
		text string
		want string
	}{
		{"nobody", adapters.Persona{}, "- a\n- b", "- a\n- b"},
		{"a sentence", amy, "Yes, weekly.", "**Amy · nhs**: Yes, weekly."},
		{"no workspace", adapters.Persona{Name: "Amy"}, "Yes", "**Amy**: Yes"},
		{"a hostile name", adapters.Persona{Name: " *[x](y)*\n# `A` "}, "Yes", "**\\*\\[x\\](y)\\* \\# \\`A\\`**: Yes"},
		{"nothing to say", amy, "", "**Amy · nhs**:"},
		{"emphasis", amy, "*Very* much", "**Amy · nhs**: *Very* much"},
		{"strong", amy, "**Very** much", "**Amy · nhs**: **Very** much"},
		{"a year", amy, "2015 was the year.", "**Amy · nhs**: 2015 was the year."},
		{"a minus", amy, "-5 degrees", "**Amy · nhs**: -5 degrees"},
		{"a hashtag", amy, "#ukmedlibs yes", "**Amy · nhs**: #ukmedlibs yes"},
		{"a link", amy, "[x](https://x.example)", "**Amy · nhs**: [x](https://x.example)"},
		{"a list", amy, "- a\n- b", "**Amy · nhs**:\n\n- a\n- b"},
		{"numbers", amy, "1. a\n2. b", "**Amy · nhs**:\n\n1. a\n2. b"},
		{"a quote", amy, "> a", "**Amy · nhs**:\n\n> a"},
		{"a fence", amy, "```\na\n```", "**Amy · nhs**:\n\n```\na\n```"},
		{"a heading", amy, "## a", "**Amy · nhs**:\n\n## a"},
		{"an underlined heading", amy, "a\n---\nb", "**Amy · nhs**:\n\na\n---\nb"},
		{"a rule", amy, "***\na", "**Amy · nhs**:\n\n***\na"},
		{"indented code", amy, "    a", "**Amy · nhs**:\n\n    a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := adapters.TextWithByline(adapters.Post{As: c.as, Text: c.text}); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// FuzzTextWithByline: whatever the name contains, all of it is in bold, nothing else is, and it stays on one line.
func FuzzTextWithByline(f *testing.F) {
	f.Add("Amy")
	f.Add("**A**\n\n- b")
	f.Add("<b>&amp;![](x)\\")
	f.Fuzz(func(t *testing.T, name string) {
		var html strings.Builder
		text := adapters.TextWithByline(adapters.Post{As: adapters.Persona{Name: name}, Text: "END"})
		if err := goldmark.Convert([]byte(text), &html); err != nil {
			t.Fatal(err)
		}
		got := html.String()
		if text == "END" {
			return
		}
		if !strings.HasPrefix(got, "<p><strong>") || !strings.HasSuffix(got, "</strong>: END</p>\n") || strings.Count(got, "<") != 4 {
			t.Errorf("name %q: text %q renders as %q, want all of it in one <strong>", name, text, got)
		}
	})
}
