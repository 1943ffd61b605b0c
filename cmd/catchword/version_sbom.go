package main

import (
	"encoding/json"
	"io"
	"runtime/debug"
)

// A bill is a bill of materials, as https://cyclonedx.org/docs/1.6/json/ has it. The same build gives the same bytes.
type bill struct {
	Schema       string          `json:"$schema"`
	Format       string          `json:"bomFormat"`
	Spec         string          `json:"specVersion"`
	Version      int             `json:"version"`
	Metadata     billMetadata    `json:"metadata"`
	Components   []billComponent `json:"components"`
	Dependencies []billEdge      `json:"dependencies"`
}

type billMetadata struct {
	Timestamp string        `json:"timestamp,omitempty"` // of the commit
	Component billComponent `json:"component"`
}

type billComponent struct {
	Type       string         `json:"type"`
	Ref        string         `json:"bom-ref"`
	Name       string         `json:"name"`
	Version    string         `json:"version,omitempty"`
	PURL       string         `json:"purl,omitempty"`
	Properties []billProperty `json:"properties,omitempty"`
}

type billProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type billEdge struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// writeBill writes the bill of materials of a build.
func writeBill(w io.Writer, info *debug.BuildInfo) error {
	main := billModule("application", &info.Main)
	b := bill{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1,
		Components: []billComponent{{
			Type: "library", Ref: "std", Name: "std", Version: info.GoVersion, PURL: "pkg:golang/std@" + info.GoVersion[len("go"):],
		}},
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			b.Metadata.Timestamp = s.Value
		}
		main.Properties = append(main.Properties, billProperty{"go:build:" + s.Key, s.Value})
	}
	needs := billEdge{Ref: main.Ref, DependsOn: []string{"std"}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c := billModule("library", m)
		if m.Sum != "" {
			c.Properties = []billProperty{{"go:sum", m.Sum}} // which is no hash that CycloneDX knows
		}
		b.Components = append(b.Components, c)
		needs.DependsOn = append(needs.DependsOn, c.Ref)
	}
	b.Metadata.Component, b.Dependencies = main, []billEdge{needs}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(b)
}

func billModule(kind string, m *debug.Module) billComponent {
	c := billComponent{Type: kind, Ref: m.Path, Name: m.Path, Version: m.Version, PURL: "pkg:golang/" + m.Path}
	if m.Version != "" && m.Version != "(devel)" {
		c.PURL += "@" + m.Version
	}
	return c
}
