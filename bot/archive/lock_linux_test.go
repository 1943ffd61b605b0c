package archive_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ukmedlibs/catchword/bot/archive"
)

// Of two that want to write the same archive, the second waits for the first, and says so once.
func TestLockWaits(t *testing.T) {
	dir := t.TempDir()
	root := openRoot(t, dir)
	synctest.Test(t, func(t *testing.T) {
		release, err := archive.Lock(t.Context(), root, "chat", func() { t.Error("got told to wait for nobody") })
		if err != nil {
			t.Fatal(err)
		}
		other, err := archive.Lock(t.Context(), root, "index", nil)
		if err != nil {
			t.Fatalf("got %v, want the archive of another chat at once", err)
		}
		if err := archive.WriteSeries(t.Context(), root, archive.Options{}); err != nil {
			t.Errorf("got %v, want what is of all chats written meanwhile", err)
		}
		other()
		var told atomic.Int32
		got := make(chan func(), 1)
		go func() {
			second, err := archive.Lock(t.Context(), root, "chat", func() { told.Add(1) })
			if err != nil {
				t.Error(err)
			}
			got <- second
		}()
		time.Sleep(time.Minute)
		select {
		case <-got:
			t.Fatal("got it while another has it")
		default:
		}
		release()
		second := <-got
		if told.Load() != 1 {
			t.Errorf("got told %d times that it waits, want once", told.Load())
		}
		second()
	})
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".lock") {
			t.Errorf("got %s left behind", e.Name())
		}
	}
}

// Nobody is waited for for ever.
func TestLockTimesOut(t *testing.T) {
	root := openRoot(t, t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		release, err := archive.Lock(t.Context(), root, "chat", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		began := time.Now()
		_, err = archive.Lock(t.Context(), root, "chat", nil)
		if err == nil || !strings.Contains(err.Error(), `"chat"`) || !strings.Contains(err.Error(), "3m0s") || time.Since(began) < 3*time.Minute {
			t.Errorf("got %v after %v, want it to give up after three minutes and to say so", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err = archive.Lock(ctx, root, "chat", nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want its context's end", err)
		}
	})
	if _, err := archive.Lock(t.Context(), root, "../chat", nil); err == nil {
		t.Error("got no error for a name that leads elsewhere")
	}
}
