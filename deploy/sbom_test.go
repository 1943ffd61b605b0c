package deploy

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestBillOfMaterials has the program's own bill be one by CycloneDX's schema, and name every module that is in it.
func TestBillOfMaterials(t *testing.T) {
	built, err := buildProgram()
	if err != nil {
		t.Fatal(err)
	}
	bill := mustRun(t, ".", built, "version", "--sbom")
	schemas := filepath.Join(npmPackages(t), "@cyclonedx", "cyclonedx-library", "res", "schema")
	compiler := jsonschema.NewCompiler()
	for _, name := range []string{"spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json", "cryptography-defs.SNAPSHOT.schema.json", "bom-1.6.SNAPSHOT.schema.json"} {
		schema, err := jsonschema.UnmarshalJSON(strings.NewReader(readFile(t, schemas, name)))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiler.AddResource("http://cyclonedx.org/schema/"+name, schema); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := compiler.Compile("http://cyclonedx.org/schema/bom-1.6.SNAPSHOT.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	valid := func(text string) error {
		instance, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			return err
		}
		return schema.Validate(instance)
	}
	if err := valid(bill); err != nil {
		t.Errorf("got %v", err)
	}
	if valid(strings.Replace(bill, `"type": "library"`, `"type": "thing"`, 1)) == nil {
		t.Error("a wrong bill is found valid: this test can't find faults")
	}

	var got struct {
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal([]byte(bill), &got); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range got.Components {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	var want []string
	for _, m := range linkedModules(t) {
		want = append(want, m.Path)
	}
	if !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}
