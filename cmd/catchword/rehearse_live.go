package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

const (
	// rehearsalBanner is above every post of a live rehearsal, so that nobody thinks it is the chat.
	rehearsalBanner = "🎭 *This is a rehearsal, not the chat. Nothing from it is published.*"
	// liveLeadIn is the time before the first reminder, for joining the rooms; liveReminderGap is the time after each
	// reminder; maxLiveReminders is how many of them are rehearsed, the last ones.
	liveLeadIn       = 3 * time.Second
	liveReminderGap  = 5 * time.Second
	maxLiveReminders = 5
	// minQuestionTime is the least time for a question: chat files have whole seconds, and rooms allow one post per
	// second.
	minQuestionTime = 2 * time.Second
	// numbersTimeout limits how long to wait for the numbers after the end.
	numbersTimeout = 2 * time.Minute
)

// compressChat returns the chat as it runs from now on at a speed: the same texts at times that are closer together.
//
// The chat is made shorter, rather than the bot's clock faster, because people and platforms use the wall clock: a
// message's time tells which question it answers, a room allows one post per second, and a platform that rate-limits
// for half a minute means half a minute. That is also why the times in the texts are those of the rehearsal.
//
// Its slug differs from that of the chat and of any other rehearsal: the keys of posts contain it, and a post of a
// rehearsal must never be treated as one of the chat.
func compressChat(c questions.Chat, now time.Time, speed float64) questions.Chat {
	shorter := func(d, least time.Duration) time.Duration {
		return max(least, time.Duration(float64(d)/speed).Round(time.Second))
	}
	agenda := c.Agenda()
	reminders := 0
	for _, s := range agenda {
		if s.Kind == questions.KindReminder {
			reminders = min(reminders+1, maxLiveReminders)
		}
	}
	r := c
	r.Slug += now.UTC().Format("-rehearsal-20060102-150405")
	r.Announced, r.Series, r.PerQuestion = time.Time{}, questions.Series{}, 0
	r.Reminders, r.Questions = []questions.Reminder{}, slices.Clone(c.Questions)
	for n := reminders; n > 0; n-- {
		r.Reminders = append(r.Reminders, questions.Reminder{Before: time.Duration(n) * liveReminderGap})
	}
	r.Starts = now.Add(liveLeadIn + time.Duration(reminders)*liveReminderGap).Truncate(time.Second).Add(time.Second).In(c.Starts.Location())

	steps := slices.Collect(func(yield func(questions.Step) bool) {
		for _, s := range agenda {
			if s.Kind == questions.KindQuestion && !yield(s) {
				return
			}
		}
	})
	r.Ends = r.Starts.Add(shorter(c.Length(), minQuestionTime))
	for i, s := range steps {
		if i == 0 {
			r.LeadIn = shorter(s.At.Sub(c.Starts), minQuestionTime)
			r.Ends = r.Starts.Add(r.LeadIn)
		}
		until := c.Ends
		if i+1 < len(steps) {
			until = steps[i+1].At
		}
		r.Questions[i].Duration = shorter(until.Sub(s.At), minQuestionTime)
		r.Ends = r.Ends.Add(r.Questions[i].Duration)
	}
	return r
}

// runLive plays the chat in the configured rooms.
func (r rehearsal) runLive(ctx context.Context, stdout, stderr io.Writer) (err error) {
	c, workspaces, err := readWorkspaces()
	if err != nil {
		return err
	}
	if len(workspaces) == 0 {
		return errors.New("--live needs a workspace: list one in CATCHWORD_SLACK or CATCHWORD_MATRIX (catchword config lists the other variables); without --live, the rehearsal needs none")
	}
	chat, err := readChat(r.file, stderr)
	if err != nil {
		return err
	}
	for i := range workspaces {
		workspaces[i].rooms = liveRooms(chat, workspaces[i].name, workspaces[i].rooms)
	}
	workspaces = slices.DeleteFunc(workspaces, func(w workspaceConfig) bool { return len(w.rooms) == 0 })
	if len(workspaces) == 0 {
		return fmt.Errorf("none of the rooms in %s is configured: %s", r.file, strings.Join(chat.Rooms, ", "))
	}
	// The rehearsal has its own database, but a workspace has one device, and its keys are in the real one.
	var devices *store.DB
	if needsStore(workspaces) {
		if devices, err = store.Open(ctx, c.Database); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, devices.Close()) }()
	}
	connected, release, err := newWorkspaces(ctx, workspaces, devices, c.Log.logger(stderr))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	return c.Log.redactError(r.runChatLive(ctx, chat, c, connected, stdout, stderr))
}

// liveRooms returns the rooms of a workspace in which a chat runs: all, unless its file lists some.
func liveRooms(c questions.Chat, workspace string, rooms []bot.RoomConfig) (selected []bot.RoomConfig) {
	for _, r := range rooms {
		if len(c.Rooms) == 0 || slices.ContainsFunc(c.Rooms, func(room string) bool {
			prefix, name, _ := strings.Cut(room, "/")
			return prefix == workspace && strings.TrimPrefix(name, "#") == strings.TrimPrefix(r.Name, "#")
		}) {
			selected = append(selected, r)
		}
	}
	return selected
}

// readChat reads a chat file, and prints its faults.
func readChat(file string, stderr io.Writer) (questions.Chat, error) {
	chat, err := checkFile(file)
	if faults, faulty := errors.AsType[questions.Faults](err); faulty {
		for _, f := range faults {
			fmt.Fprintf(stderr, "%s:%s\n", file, f)
		}
		return chat, errReported
	}
	return chat, err
}

// runChatLive runs the compressed chat, with its own database and archive.
func (r rehearsal) runChatLive(ctx context.Context, chat questions.Chat, c config, connected []bot.Workspace, stdout, stderr io.Writer) (err error) {
	db, err := r.openDatabase(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	// It runs in the connected rooms. The chat's hosts are the rehearsal's hosts too.
	compressed := compressChat(chat, time.Now(), r.speedOf(chat))
	compressed.Rooms = nil
	b := bot.New(db, bot.Options{
		Archive: filepath.Join(r.out, "archive"), KeepFiles: c.KeepFiles, Grace: c.Grace, Log: c.Log.logger(stderr), Banner: rehearsalBanner,
	}, connected...)
	if err := b.Schedule(ctx, compressed); err != nil {
		return err
	}
	printLivePlan(stdout, compressed, connected)

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	botDone := make(chan error, 1)
	go func() {
		botDone <- b.Run(ctx)
		cancel() // if the bot fails, the rehearsal ends
	}()
	err = awaitNumbers(ctx, db, compressed)
	early := ctx.Err() != nil
	cancel()
	if early {
		fmt.Fprintln(stdout, "\nEnded early.")
	}
	// An interrupted chat is archived too.
	return errors.Join(err, <-botDone, writeReport(context.WithoutCancel(ctx), stdout, b, db, compressed))
}

// printLivePlan prints the rooms and the timetable.
func printLivePlan(w io.Writer, chat questions.Chat, connected []bot.Workspace) {
	fmt.Fprintf(w, "A live rehearsal of %s, marked as one, in\n", chat.Title)
	for _, ws := range connected {
		for _, r := range ws.Rooms {
			fmt.Fprintf(w, "  %s/%s\n", ws.Name, r.Name)
		}
	}
	for _, s := range chat.Agenda() {
		fmt.Fprintf(w, "  %s  %s\n", s.At.Format("15:04:05"), s.Name)
	}
	fmt.Fprintln(w, "Ctrl-C ends it early. Stop `catchword run` first: otherwise each process receives only some of the messages.")
}

// awaitNumbers waits until the numbers are posted in every room, with a limit, or ctx is done.
func awaitNumbers(ctx context.Context, db *store.DB, chat questions.Chat) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			done, err := numbersPosted(ctx, db, chat.Slug)
			if ctx.Err() != nil {
				return nil
			}
			if err != nil || done || now.After(chat.Ends.Add(numbersTimeout)) {
				return err
			}
		}
	}
}

func numbersPosted(ctx context.Context, db *store.DB, slug string) (bool, error) {
	rooms, err := db.Rooms(ctx)
	if err != nil {
		return false, err
	}
	numbers, err := db.StepPosts(ctx, slug, "numbers")
	if err != nil {
		return false, err
	}
	posted := 0
	for _, p := range numbers {
		if p.Message != "" || p.FailReason != "" {
			posted++
		}
	}
	return len(rooms) > 0 && posted >= len(rooms), nil
}
