package deploy

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite NOTICE")

// TestNotice checks that NOTICE lists every module in the program, with its licence.
func TestNotice(t *testing.T) {
	want, path := noticeText(t), filepath.Join(repository, "NOTICE")
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, readFile(t, path)); diff != "" {
		t.Errorf("NOTICE is not current: run go test ./deploy -run TestNotice -update (-want +got):\n%.2000s", diff)
	}
}

// A goModule is a module as `go list` describes it. The standard library is one too.
type goModule struct{ Path, Version, Dir string }

// linkedModules lists the modules in the program, as `make build` builds it.
func linkedModules(t *testing.T) (all []goModule) {
	t.Helper()
	t.Setenv("CGO_ENABLED", "0")
	t.Setenv("GOOS", "linux")
	t.Setenv("GOARCH", "amd64")
	t.Setenv("GOFLAGS", "-tags=goolm")
	root := strings.TrimSpace(mustRun(t, ".", "go", "env", "GOROOT"))
	all = append(all, goModule{Path: "std", Dir: root})
	out := mustRun(t, repository, "go", "list", "-deps", "-json=Module", "./cmd/catchword")
	for dec := json.NewDecoder(strings.NewReader(out)); ; {
		var p struct {
			Module *struct {
				goModule
				Main bool
			}
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if m := p.Module; m != nil && !m.Main && !slices.Contains(all, m.goModule) {
			all = append(all, m.goModule)
		}
	}
	slices.SortFunc(all, func(a, b goModule) int { return strings.Compare(a.Path, b.Path) })
	if len(all) < 20 {
		t.Fatalf("got %d modules, want all of them", len(all))
	}
	return all
}

// noticeText returns the text of NOTICE. A licence text that several modules share is in it once.
func noticeText(t *testing.T) string {
	t.Helper()
	var table, texts strings.Builder
	numbers := map[[32]byte]int{}
	for _, m := range linkedModules(t) {
		var kinds, refs []string
		files := moduleLicences(t, m)
		if len(files) == 0 {
			t.Fatalf("%s has no licence: it can't be used", m.Path)
		}
		for _, text := range files {
			kind := licenceKind(text)
			if kind == "" {
				t.Fatalf("the licence of %s is unknown to this test; read it first:\n%.500s", m.Path, text)
			}
			if kind != "NOTICE" && !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
			sum := sha256.Sum256([]byte(text))
			if numbers[sum] == 0 {
				numbers[sum] = len(numbers) + 1
				fmt.Fprintf(&texts, "\n[%d]\n\n%s\n", numbers[sum], text)
			}
			refs = append(refs, fmt.Sprintf("[%d]", numbers[sum]))
		}
		name, source := m.Path+" "+m.Version, "https://pkg.go.dev/"+m.Path+"@"+m.Version
		if m.Path == "std" {
			name, source = "The Go programming language", "https://go.dev"
		}
		fmt.Fprintf(&table, "%s\n    %s %s\n    %s\n", strings.TrimSpace(name), strings.Join(kinds, ", "), strings.Join(refs, " "), source)
	}
	return `catchword
Copyright the authors of catchword. Licensed under the Apache License, Version 2.0: see LICENSE.

The program contains code from the modules below, unchanged. The number after each module is that of its licence, at the end of
this file. The address below its name leads to its source.

` + table.String() + "\nThe licences\n" + texts.String()
}

var (
	licenceFile = regexp.MustCompile(`(?i)^(licen[sc]e|copying|notice|copyright)([-.].*)?$`)
	goSource    = regexp.MustCompile(`(?i)\.(go|s)$`)
	lineEnds    = regexp.MustCompile(`[ \t]*\r?\n`)
)

// moduleLicences reads the licences of a module, and normalises them. Some modules have them in a folder, one of which
// doesn't apply.
func moduleLicences(t *testing.T, m goModule) (texts []string) {
	t.Helper()
	for _, pattern := range []string{"*", "licenses/ftl.txt"} {
		files, err := filepath.Glob(filepath.Join(m.Dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			name := filepath.Base(file)
			info, err := os.Stat(file)
			if err != nil || !info.Mode().IsRegular() || goSource.MatchString(name) || pattern == "*" && !licenceFile.MatchString(name) {
				continue
			}
			text := strings.ToValidUTF8(readFile(t, file), "")
			texts = append(texts, strings.Trim(lineEnds.ReplaceAllString(text, "\n"), "\n\f"))
		}
	}
	return texts
}

// licenceKind returns the SPDX name of a licence, NOTICE for a notice that the Apache License requires to pass on, and
// "" for a text that a person has to read first.
func licenceKind(text string) string {
	plain := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	has := func(words ...string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(plain, w) })
	}
	switch {
	case strings.HasPrefix(plain, "# third-party licenses"): // of code that a module contains
		return "NOTICE"
	case has("gnu general public license", "terms and conditions"), has("gnu affero general public license", "terms and conditions"):
		return ""
	case has("apache license", "version 2.0", "terms and conditions"):
		return "Apache-2.0"
	case has("mozilla public license", "version 2.0"):
		return "MPL-2.0"
	case has("sil open font license"):
		return "OFL-1.1"
	case has("permission is hereby granted, free of charge"):
		return "MIT"
	case has("redistribution and use in source and binary forms", "nor the names of"), has("redistribution and use in source and binary forms", "neither the name"), has("redistribution and use in source and binary forms", "may not be used to endorse"):
		return "BSD-3-Clause"
	case has("redistribution and use in source and binary forms"):
		return "BSD-2-Clause"
	case has("permission to use, copy, modify, and/or distribute this software for any purpose"), has("permission to use, copy, modify, and distribute this software for any purpose"):
		return "ISC"
	case has("subject to your choice", "freetype license"), has("the freetype project license"):
		return "FTL" // our choice of two
	case has("creative commons attribution 4.0 international"):
		return "CC-BY-4.0"
	case has("public domain"):
		return "Public domain"
	case len(text) < 3000 && !has("license"), len(text) < 3000 && has("this product includes"), len(text) < 6000 && has("copyright"):
		return "NOTICE"
	}
	return ""
}
