package main

import (
	"encoding/json"
	"io"
	"runtime/debug"
)

// A sbom is a bill of materials, as https://cyclonedx.org/docs/1.6/json/ has it. The same build gives the same bytes.
type sbom struct {
	Schema       string           `json:"$schema"`
	Format       string           `json:"bomFormat"`
	Spec         string           `json:"specVersion"`
	Version      int              `json:"version"`
	Metadata     sbomMetadata     `json:"metadata"`
	Components   []sbomComponent  `json:"components"`
	Dependencies []sbomDependency `json:"dependencies"`
}

type sbomMetadata struct {
	Timestamp string        `json:"timestamp,omitempty"` // of the commit
	Component sbomComponent `json:"component"`
}

type sbomComponent struct {
	Type       string         `json:"type"`
	Ref        string         `json:"bom-ref"`
	Name       string         `json:"name"`
	Version    string         `json:"version,omitempty"`
	PURL       string         `json:"purl,omitempty"`
	Properties []sbomProperty `json:"properties,omitempty"`
}

type sbomProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type sbomDependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// writeSBOM writes the bill of materials of a build.
func writeSBOM(w io.Writer, info *debug.BuildInfo) error {
	main := newSBOMComponent("application", &info.Main)
	b := sbom{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1,
		Components: []sbomComponent{{
			Type: "library", Ref: "std", Name: "std", Version: info.GoVersion, PURL: "pkg:golang/std@" + info.GoVersion[len("go"):],
		}},
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			b.Metadata.Timestamp = s.Value
		}
		main.Properties = append(main.Properties, sbomProperty{"go:build:" + s.Key, s.Value})
	}
	needs := sbomDependency{Ref: main.Ref, DependsOn: []string{"std"}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c := newSBOMComponent("library", m)
		if m.Sum != "" {
			c.Properties = []sbomProperty{{"go:sum", m.Sum}} // which is no hash that CycloneDX knows
		}
		b.Components = append(b.Components, c)
		needs.DependsOn = append(needs.DependsOn, c.Ref)
	}
	b.Metadata.Component, b.Dependencies = main, []sbomDependency{needs}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(b)
}

func newSBOMComponent(kind string, m *debug.Module) sbomComponent {
	c := sbomComponent{Type: kind, Ref: m.Path, Name: m.Path, Version: m.Version, PURL: "pkg:golang/" + m.Path}
	if m.Version != "" && m.Version != "(devel)" {
		c.PURL += "@" + m.Version
	}
	return c
}
