package bot

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/bot/store"
)

// TestShutdownFinishesInFlightPosts stops the bot while a question is on its way to a slow platform.
func TestShutdownFinishesInFlightPosts(t *testing.T) {
	for _, test := range []struct {
		name     string
		slowness time.Duration
		most     time.Duration
		doubt    bool
	}{
		{"slow", 5 * time.Second, 5 * time.Second, false},
		{"too slow", time.Hour, shutdownGrace, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubbleOnBoth(t, []string{"nhs"}, func(n *harness) {
				n.run()
				n.schedule(testChat())
				n.at(5 * time.Minute)
				n.platforms["nhs"].SetFaults(func(f *adaptertest.Faults) { f.ResponseLatency = test.slowness })
				n.at(6 * time.Minute)
				stopped := time.Now()
				n.stop()
				if took := time.Since(stopped); took > test.most {
					t.Errorf("got %v until it had stopped, want %v at most", took, test.most)
				}
				n.platforms["nhs"].SetFaults(func(f *adaptertest.Faults) { f.ResponseLatency = 0 })
				n.find("nhs", "## Q1")
				if got := inDoubt(n); got != test.doubt {
					t.Errorf("got a post in doubt: %v, want %v", got, test.doubt)
				}
				n.run()
				n.at(7 * time.Minute)
				n.find("nhs", "## Q1")
			})
		})
	}
}

// inDoubt tells whether the stopped bot has left a post that may or may not have been sent.
func inDoubt(n *harness) bool {
	n.Helper()
	db, err := store.Open(n.Context(), n.address)
	if err != nil {
		n.Fatal(err)
	}
	defer db.Close()
	steps, err := db.AgendaPosts(n.Context(), testChat().Slug)
	if err != nil {
		n.Fatal(err)
	}
	return slices.ContainsFunc(steps, func(p store.Post) bool { return p.TriedText != "" && p.Message == "" })
}

func TestNoShutdownGraceAfterLeaseLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			cause error
			want  time.Duration
		}{{nil, shutdownGrace}, {store.ErrLeaseLost, 0}} {
			ctx, cancel := context.WithCancelCause(t.Context())
			graceCtx, done := graceContext(ctx)
			began := time.Now()
			cancel(test.cause)
			<-graceCtx.Done()
			if got := time.Since(began); got != test.want {
				t.Errorf("cancelled for %v: got %v more, want %v", test.cause, got, test.want)
			}
			done()
			synctest.Wait()
		}
	})
}
