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
	// rehearsalBanner stands above every post of a live rehearsal, so that nobody takes it for the chat.
	rehearsalBanner = "🎭 *A rehearsal: this is not the chat, and nothing said here is published.*"
	// liveLeadIn is the time to the first reminder, in which the rooms are joined, liveReminderGap that from each to what
	// follows it, and maxLiveReminders how many of them are rehearsed: the last ones.
	liveLeadIn       = 3 * time.Second
	liveReminderGap  = 5 * time.Second
	maxLiveReminders = 5
	// minQuestionTime is the least time for a question: chat files know whole seconds, and rooms bear one post in each.
	minQuestionTime = 2 * time.Second
	// numbersTimeout is for how long the numbers are waited for once they could be there.
	numbersTimeout = 2 * time.Minute
)

// compressChat is a chat as it is held from now on at a speed: the same words at times that lie closer together.
//
// The chat is made shorter, rather than the bot's clock faster, because people and platforms live by the wall clock: a
// message's time tells which question it answers, a room bears one post in a second of its own, and a platform that asks
// for half a minute's rest means half a minute. For the same reason the times in the texts are those of the rehearsal.
//
// Its name differs from the chat's, and from that of any other rehearsal: the names of posts are made of it, and what was
// said in a rehearsal must never pass for what is to be said in the chat.
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

	asked := slices.Collect(func(yield func(questions.Step) bool) {
		for _, s := range agenda {
			if s.Kind == questions.KindQuestion && !yield(s) {
				return
			}
		}
	})
	r.Ends = r.Starts.Add(shorter(c.Length(), minQuestionTime))
	for i, s := range asked {
		if i == 0 {
			r.LeadIn = shorter(s.At.Sub(c.Starts), minQuestionTime)
			r.Ends = r.Starts.Add(r.LeadIn)
		}
		until := c.Ends
		if i+1 < len(asked) {
			until = asked[i+1].At
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
		return errors.New("--live needs rooms of a workspace: CATCHWORD_SLACK and CATCHWORD_MATRIX name the workspaces, and catchword config lists the rest; without --live, the rehearsal needs none")
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
		return fmt.Errorf("%s names rooms, and none of them is configured: %s", r.file, strings.Join(chat.Rooms, ", "))
	}
	// The rehearsal has a database of its own, but a workspace has one device, whose keys are in the chats'.
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

// liveRooms is those of a workspace's rooms in which a chat is held: all, unless its file names some.
func liveRooms(c questions.Chat, workspace string, rooms []bot.RoomConfig) (held []bot.RoomConfig) {
	for _, r := range rooms {
		if len(c.Rooms) == 0 || slices.ContainsFunc(c.Rooms, func(room string) bool {
			in, name, _ := strings.Cut(room, "/")
			return in == workspace && strings.TrimPrefix(name, "#") == strings.TrimPrefix(r.Name, "#")
		}) {
			held = append(held, r)
		}
	}
	return held
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

// runChatLive holds the chat at speed, in a database and an archive of its own.
func (r rehearsal) runChatLive(ctx context.Context, chat questions.Chat, c config, connected []bot.Workspace, stdout, stderr io.Writer) (err error) {
	db, err := r.openDatabase(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	// Its rooms are those that were connected; whoever is a host of the chat commands the rehearsal, too.
	play := compressChat(chat, time.Now(), r.speedOf(chat))
	play.Rooms = nil
	b := bot.New(db, bot.Options{
		Archive: filepath.Join(r.out, "archive"), KeepFiles: c.KeepFiles, Grace: c.Grace, Log: c.Log.logger(stderr), Banner: rehearsalBanner,
	}, connected...)
	if err := b.Schedule(ctx, play); err != nil {
		return err
	}
	printLivePlan(stdout, play, connected)

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	held := make(chan error, 1)
	go func() {
		held <- b.Run(ctx)
		cancel() // a bot that gave up ends the rehearsal
	}()
	waited := awaitNumbers(ctx, db, play)
	early := ctx.Err() != nil
	cancel()
	if early {
		fmt.Fprintln(stdout, "\nEnded early.")
	}
	// Whoever ended it still wants what was said.
	return errors.Join(waited, <-held, writeReport(context.WithoutCancel(ctx), stdout, b, db, play))
}

// printLivePlan says what is about to happen, and how long it takes.
func printLivePlan(w io.Writer, play questions.Chat, connected []bot.Workspace) {
	fmt.Fprintf(w, "A live rehearsal of %s, marked as one, in\n", play.Title)
	for _, ws := range connected {
		for _, r := range ws.Rooms {
			fmt.Fprintf(w, "  %s/%s\n", ws.Name, r.Name)
		}
	}
	for _, s := range play.Agenda() {
		fmt.Fprintf(w, "  %s  %s\n", s.At.Format("15:04:05"), s.Name)
	}
	fmt.Fprintln(w, "Ctrl-C ends it early. Stop `catchword run` for as long: else each of the two would hear but some of what people say.")
}

// awaitNumbers waits until the numbers stand in every room, or could long have stood there, or ctx is done.
func awaitNumbers(ctx context.Context, db *store.DB, play questions.Chat) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			done, err := numbersPosted(ctx, db, play.Slug)
			if ctx.Err() != nil {
				return nil
			}
			if err != nil || done || now.After(play.Ends.Add(numbersTimeout)) {
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
	said := 0
	for _, p := range numbers {
		if p.Message != "" || p.FailReason != "" {
			said++
		}
	}
	return len(rooms) > 0 && said >= len(rooms), nil
}
