package deploy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// typeModules are the modules of the npm package kubernetes-types that have the types of our manifests' objects.
var typeModules = map[string]string{
	"v1": "core/v1", "apps/v1": "apps/v1", "networking.k8s.io/v1": "networking/v1", "policy/v1": "policy/v1",
	"batch/v1": "batch/v1",
}

// TestKubernetes checks the manifests with the TypeScript compiler, against types generated from the API's description.
// An unknown field is an error.
func TestKubernetes(t *testing.T) {
	var program strings.Builder
	n := 0
	for _, name := range []string{"common.yaml", "single.yaml", "replicated.yaml"} {
		for _, o := range readObjects(t, filepath.Join("kubernetes", name)) {
			version, kind := fmt.Sprint(o["apiVersion"]), fmt.Sprint(o["kind"])
			if typeModules[version] == "" {
				t.Fatalf("%s: got the version %s of %s, which this test doesn't know", name, version, kind)
			}
			text, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&program, "const o%d: import(%q).%s = %s // %s\n", n, "kubernetes-types/"+typeModules[version], kind, text, name)
			n++
		}
	}
	if n < 14 {
		t.Fatalf("got %d objects, want all of them", n)
	}
	if faults := typeErrors(t, program.String()); faults != "" {
		t.Errorf("got %s", faults)
	}
	wrong := `const o: import("kubernetes-types/core/v1").Service = {"apiVersion":"v1","kind":"Service","spec":{"ports":[{"port":80,"portt":1}]}}`
	if faults := typeErrors(t, wrong); !strings.Contains(faults, "portt") {
		t.Errorf("got %q of a wrong field: this test can't find faults", faults)
	}
}

func readObjects(t *testing.T, file string) (all []map[string]any) {
	t.Helper()
	for dec := yaml.NewDecoder(bytes.NewReader([]byte(readFile(t, file))), yaml.Strict()); ; {
		var o map[string]any
		if err := dec.Decode(&o); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, o)
	}
}

// typeErrors returns the compiler's errors.
func typeErrors(t *testing.T, program string) string {
	t.Helper()
	node, packages := requireTool(t, "node"), npmPackages(t)
	dir, tsc := filepath.Dir(packages), filepath.Join(packages, "typescript", "bin", "tsc")
	source := filepath.Join(dir, "manifests.ts")
	if err := os.WriteFile(source, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := runOutput(t, dir, node, tsc, "--noEmit", "--strict", "--skipLibCheck", "--target", "es2020", "--module", "esnext", "--moduleResolution", "bundler", source); err != nil {
		return err.Error()
	}
	return ""
}

// TestManifestsAreSafe checks what the types can't: that pods have no more rights than needed, and SQLite one process.
func TestManifestsAreSafe(t *testing.T) {
	safe := []string{
		"runAsNonRoot: true", "readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "- ALL", "type: RuntimeDefault", "automountServiceAccountToken: false",
	}
	steady := []string{"terminationGracePeriodSeconds: 15", "livenessProbe:", "readinessProbe:", "startupProbe:"}
	for file, replicas := range map[string]string{"single.yaml": "1", "replicated.yaml": "2"} {
		found := map[bool]int{}
		for _, o := range readObjects(t, filepath.Join("kubernetes", file)) {
			spec, ok := o["spec"].(map[string]any)
			_, pods := spec["template"]
			_, jobs := spec["jobTemplate"]
			if !ok || !pods && !jobs {
				continue
			}
			found[jobs]++
			text, err := yaml.Marshal(spec)
			if err != nil {
				t.Fatal(err)
			}
			wanted := safe
			if pods {
				wanted = slices.Concat(safe, steady, []string{"replicas: " + replicas})
			}
			for _, want := range wanted {
				if !strings.Contains(string(text), want+"\n") {
					t.Errorf("%s: got no %q in\n%s", file, want, text)
				}
			}
		}
		if found[false] != 1 || found[true] != 1 {
			t.Errorf("%s: got %d sets of pods and %d jobs, want one of each", file, found[false], found[true])
		}
	}
}
