package bot

import (
	"context"
	"fmt"
	"strings"

	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// editCommand carries out the edit of a command that was carried out, or with "" its deletion: a suggestion that waits
// for the hosts, and the words that `say` and `ask` have posted. All other commands are done once and for all.
func (b *Bot) editCommand(ctx context.Context, ws *workspace, id, text string) error {
	if err := b.editSuggestion(ctx, ws, id, text); err != nil {
		return err
	}
	key := store.CommandKey(ws.Name, id)
	done, ok, err := b.db.AuditEntryByKey(ctx, key)
	if err != nil || !ok {
		return err
	}
	o, _, _ := parseCommand(text)
	if done.Action == string(cmdSay) {
		words := ""
		if o.name == cmdSay && o.text != "" {
			words = announcement(o.text)
		}
		return b.db.RewordStep(ctx, done.Chat, announcementStep(key), words)
	}
	step, asked := strings.CutPrefix(done.Action, string(cmdAsk)+" ")
	if !asked {
		return nil
	}
	if o.name != cmdAsk {
		o.text = ""
	}
	return b.editQuestion(ctx, done.Chat, step, o.text)
}

// editQuestion gives a question that a host has asked a new text, or with "" takes it back. If somebody has answered it
// already, its place is kept for the answers, without its words.
func (b *Bot) editQuestion(ctx context.Context, slug, step, text string) error {
	if text == "" {
		counts, err := b.db.SectionCounts(ctx, slug)
		if err != nil {
			return err
		}
		for _, c := range counts {
			if c.Section == questions.StepSection(step) && c.Answers > 0 {
				text = "(This question was taken back.)"
			}
		}
	}
	if err := b.db.RewordQuestion(ctx, slug, questions.StepSection(step).QuestionNumber(), text); err != nil {
		return err
	}
	if text == "" {
		if err := b.db.RewordStep(ctx, slug, step, ""); err != nil {
			return err
		}
	}
	if err := b.replan(ctx, slug); err != nil {
		return err
	}
	return b.db.MarkChanged(ctx, slug)
}

// announcement is what `say` posts.
func announcement(text string) string { return "📣 " + text }

// announcementStep is the step of what a `say` posts.
func announcementStep(commandKey string) string { return fmt.Sprintf("say-%.12s", commandKey) }
