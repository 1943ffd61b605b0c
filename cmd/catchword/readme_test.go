package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ukmedlibs/catchword/questions"
)

// TestReadmeChatFile checks the chat file in the README, which people copy.
func TestReadmeChatFile(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(repository, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```markdown\n")
	file, _, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatal("the README has no chat file")
	}
	chat, err := questions.ParseChat("readme", []byte(file))
	if err != nil {
		t.Fatalf("the README's chat file: %v", err)
	}
	if len(chat.Questions) != 2 || len(chat.Questions[1].Points) != 2 || len(chat.Reminders) != 4 || chat.Licence == "" {
		t.Errorf("the README's chat file reads as %+v; want two questions, two points, four reminders and a licence", chat)
	}
}
