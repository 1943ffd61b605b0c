package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/ukmedlibs/catchword/questions/announcement"
)

// asked are the fields that the short form asks for, in the order in which people think of them, and how to write each.
var asked = []struct{ field, label string }{
	{"date", "Date, like 2026-12-10"},
	{"start", "Start, like 20:00"},
	{"zone", "Time zone, like Europe/London"},
	{"title", "Title"},
	{"hashtag", "Hashtag"},
	{"leader", "Leader"},
}

// importTerminal tells whether a person sits at both ends.
func importTerminal(stdin io.Reader, stdout io.Writer) (io.Reader, io.Writer, bool) {
	in, inFile := stdin.(*os.File)
	out, outFile := stdout.(*os.File)
	return stdin, stdout, inFile && outFile && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
}

// settle asks a person about each doubt that one answer settles, and reads the announcement again with the answers. A
// number chooses, other text is the answer, and Enter leaves the doubt as it is.
func settle(in io.Reader, out io.Writer, src []byte, opts announcement.Options, reading announcement.Reading) (announcement.Reading, error) {
	typed := bufio.NewScanner(in)
	done := map[announcement.Code]bool{}
	fmt.Fprintln(out, "Some facts need your eye. Type a number or the right answer; Enter leaves it as read.")
	for {
		i := slices.IndexFunc(reading.Doubts, func(d announcement.Doubt) bool { return !done[d.Code] && askable(d) != "" })
		if i < 0 {
			return reading, nil
		}
		d := reading.Doubts[i]
		done[d.Code] = true
		if !askDoubt(typed, out, &opts, d) {
			continue
		}
		again, err := announcement.Read(src, opts)
		if err != nil {
			return reading, err
		}
		reading = again
	}
}

// askable is the field that one answer to a doubt settles, or "".
func askable(d announcement.Doubt) string {
	for _, a := range asked {
		if slices.Contains(d.Fields, a.field) && (a.field != "zone" || !slices.Contains(d.Fields, "date")) {
			if a.field == "start" && strings.HasPrefix(string(d.Code), "zone") {
				continue
			}
			return a.field
		}
	}
	return ""
}

// askDoubt puts one question, and tells whether it was answered.
func askDoubt(typed *bufio.Scanner, out io.Writer, opts *announcement.Options, d announcement.Doubt) bool {
	field := askable(d)
	label := ""
	for _, a := range asked {
		if a.field == field {
			label = a.label
		}
	}
	fmt.Fprintf(out, "\n%s", d.What)
	if d.Line > 0 {
		fmt.Fprintf(out, " (line %d)", d.Line)
	}
	fmt.Fprintln(out)
	for n, choice := range d.Choices {
		fmt.Fprintf(out, "  %d  %s\n", n+1, choice)
	}
	for {
		fmt.Fprintf(out, "%s: ", label)
		if !typed.Scan() {
			fmt.Fprintln(out)
			return false
		}
		answer := strings.TrimSpace(typed.Text())
		if answer == "" {
			return false
		}
		if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(d.Choices) {
			answer = d.Choices[n-1]
		}
		fault := ""
		if field == "zone" {
			zone, err := time.LoadLocation(answer)
			if err != nil || answer == "Local" {
				fault = "write a place, like Europe/London"
			} else {
				opts.Zone, opts.ZoneGiven = zone, true
			}
		} else {
			fault = giveField(&opts.Given, field, answer)
		}
		if fault == "" {
			return true
		}
		fmt.Fprintf(out, "Can't read that: %s.\n", fault)
	}
}
