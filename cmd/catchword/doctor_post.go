package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot"
)

// testMessage is posted by doctor --say.
const testMessage = "🩺 *This is a test of catchword. It disappears by itself.*"

// postTestMessages posts a test message in each room of a workspace, and deletes it.
func postTestMessages(ctx context.Context, w bot.Workspace) (findings []adapters.Finding) {
	for _, r := range w.Rooms {
		f := adapters.Finding{Room: r.Name, Check: "test message", Detail: "posted and deleted"}
		if err := postTestMessage(ctx, w.Adapter, w.Name, r.Name); err != nil {
			f.Verdict, f.Detail = adapters.Failed, err.Error()
		}
		findings = append(findings, f)
	}
	return findings
}

func postTestMessage(ctx context.Context, a adapters.Adapter, workspace, name string) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	var room adapters.Room
	var id adapters.MessageID
	err := retryTemporary(ctx, func() (err error) {
		room, err = a.Join(ctx, name)
		return err
	})
	if err != nil {
		return err
	}
	p := adapters.Post{Key: fmt.Sprintf("doctor-%d@%s/%s", time.Now().UnixNano(), workspace, room.ID), Room: room.ID, Text: testMessage}
	err = retryTemporary(ctx, func() (err error) {
		id, err = a.Post(ctx, p)
		p.Retry = true
		return err
	})
	if err != nil {
		return err
	}
	deleter, ok := a.(adapters.Deleter)
	if !ok {
		return errors.New("posted, but the platform can't delete messages")
	}
	err = retryTemporary(ctx, func() error { return deleter.Delete(ctx, adapters.Ref{Room: room.ID, ID: id}) })
	if err != nil {
		return fmt.Errorf("posted, but not deleted: %w", err)
	}
	return nil
}

// retryTemporary retries f while its error is temporary.
func retryTemporary(ctx context.Context, f func() error) error {
	for {
		err := f()
		retry, temporary := errors.AsType[*adapters.RetryError](err)
		if !temporary {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(max(retry.After, time.Second)):
		}
	}
}
