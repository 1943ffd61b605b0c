package deploy

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAlerts(t *testing.T) {
	promtool := requireTool(t, "promtool")
	mustRun(t, "prometheus", promtool, "check", "rules", "alerts.yaml")
	mustRun(t, "prometheus", promtool, "test", "rules", "alerts_test.yaml")
}

// TestDashboard checks that Prometheus accepts every expression of the dashboard, and that no panels overlap.
func TestDashboard(t *testing.T) {
	promtool := requireTool(t, "promtool")
	var dashboard struct {
		Title, UID string
		Panels     []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr, LegendFormat string }
		}
	}
	if err := json.Unmarshal([]byte(readFile(t, "grafana/dashboard.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	rules := "groups:\n- name: dashboard\n  rules:\n"
	taken := map[[2]int]string{}
	for _, p := range dashboard.Panels {
		if p.Title == "" || len(p.Targets) == 0 {
			t.Errorf("panel %d: got %+v, want a title and something to show", p.ID, p)
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if x >= 24 || taken[[2]int{x, y}] != "" {
					t.Fatalf("%s at %d,%d overlaps %q or the edge", p.Title, x, y, taken[[2]int{x, y}])
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		for i, target := range p.Targets {
			expr, err := json.Marshal(strings.ReplaceAll(target.Expr, "$workspace", ".*"))
			if err != nil {
				t.Fatal(err)
			}
			rules += fmt.Sprintf("  - {record: \"panel:%d:%d\", expr: %s}\n", p.ID, i, expr)
		}
	}
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := mustRun(t, ".", promtool, "check", "rules", path); len(dashboard.Panels) < 8 || !strings.Contains(out, "SUCCESS") {
		t.Errorf("got %d panels and %s", len(dashboard.Panels), out)
	}
}
