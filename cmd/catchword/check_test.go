package main

import (
	"strings"
	"testing"

	"github.com/ukmedlibs/catchword/questions"
)

// TestCheckHelp checks the chat file in the help of check.
func TestCheckHelp(t *testing.T) {
	help := checkCommand().Long
	from, to := strings.Index(help, "  ---\n"), strings.Index(help, "The exit status")
	if from < 0 || to < from {
		t.Fatalf("got no chat file in the help, want one:\n%s", help)
	}
	file := strings.ReplaceAll("\n"+help[from:to], "\n  ", "\n")[1:]
	chat, err := questions.ParseChat("example", []byte(file))
	if err != nil {
		t.Fatalf("%v\n%s", err, file)
	}
	if got, want := len(chat.Questions), 2; got != want {
		t.Errorf("got %d questions, want %d", got, want)
	}
	if got := chat.Warnings(chat.Announced, slackLimits); len(got) > 0 {
		t.Errorf("got warnings %v, want none", got)
	}
}
