package archive_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ukmedlibs/catchword/bot/archive"
)

// A summary is read as it is written here, as any program might write it, or not at all.
func TestParseSummaryForms(t *testing.T) {
	const head = `{"version":1,"title":"Chat","starts":"2015-08-18T19:00:00Z","ends":"2015-08-18T20:00:00Z","zone":"Europe/London","answers":7,"people":2`
	for name, tt := range map[string]struct {
		summary string
		people  int // 0 for an error
	}{
		"ours":              {head + `,"persons":["p-0000000000000001","p-0000000000000002"]}` + "\n", 2},
		"one twice":         {head + `,"persons":["p-0000000000000001","p-0000000000000001"]}`, 1},
		"other names":       {head + `,"persons":["p-0000000000000001","Holly","a,b","p-000000000000000g"]}`, 4},
		"more after them":   {head + `,"persons":["p-0000000000000001"],"words":"Hello"}`, 1},
		"within another":    {head + `,"later":{"one":1,"persons":["p-0000000000000001","p-0000000000000002"]},"persons":["p-0000000000000003"]}`, 1},
		"in a text":         {strings.Replace(head, "Chat", `\",\"persons\":[\"p-0000000000000001\"]}`, 1) + `,"persons":["p-0000000000000003"]}`, 1},
		"spaces":            {strings.ReplaceAll(head, ",", " ,\n ") + ` , "persons" : [ "p-0000000000000001" , "p-0000000000000002" ] } `, 2},
		"cut off":           {head + `,"persons":["p-0000000000000001","p-0000000000000002"`, 0},
		"cut off in a name": {head + `,"persons":["p-0000000000000001","p-00000000000`, 0},
		"unquoted":          {head + `,"persons":["p-0000000000000001",p-0000000000000002]}`, 0},
		"a comma too many":  {head + `,"persons":["p-0000000000000001",]}`, 0},
		"twice ended":       {head + `,"persons":["p-0000000000000001"]]}`, 0},
		"damaged before":    {head[:40] + `,"persons":["p-0000000000000001"]}`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "chat"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "chat", "summary.json"), []byte(tt.summary), 0o600); err != nil {
				t.Fatal(err)
			}
			err := archive.WriteSeries(t.Context(), openRoot(t, dir), archive.Options{})
			if (err != nil) != (tt.people == 0) {
				t.Fatalf("got the error %v, want one: %v", err, tt.people == 0)
			}
			want := fmt.Sprintf("<dt>Answers</dt><dd>7</dd></div>\n<div><dt>People</dt><dd>%d</dd>", tt.people)
			if page := readFile(t, dir, "index.html"); err == nil && !strings.Contains(page, want) {
				t.Errorf("got no %q in the index", want)
			}
		})
	}
}
