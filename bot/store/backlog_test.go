package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/adapters"
)

func TestBacklogs(t *testing.T) {
	db := newStoreWithChat(t)
	check := func(what string, now time.Time, want ...Backlog) {
		t.Helper()
		got, err := db.Backlogs(t.Context(), now)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: error %v (-want +got):\n%s", what, err, diff)
		}
	}
	check("before anything is due", noon.Add(-time.Second))
	must(t, db.PlanPost(t.Context(), newRelayPost(public, "a", noon.Add(time.Minute))))
	must(t, db.PlanPost(t.Context(), newRelayPost(public, "b", noon.Add(2*time.Minute))))
	check("an hour later, with nothing said", noon.Add(time.Hour),
		Backlog{"nhs", StepLane, 1, noon}, Backlog{"public", StepLane, 1, noon}, Backlog{"public", RelayLane, 2, noon.Add(time.Minute)})

	p := mustNextPost(t, db, nhs, noon)
	must(t, db.MarkTrying(t.Context(), p, noon))
	must(t, db.MarkPosted(t.Context(), p, adapters.MessageID("m"), noon, ""))
	must(t, db.FailPost(t.Context(), mustNextPost(t, db, public, noon), "refused"))
	check("what was said or given up", noon.Add(time.Hour), Backlog{"public", RelayLane, 2, noon.Add(time.Minute)})
	must(t, db.DeactivateRoom(t.Context(), public))
	check("in a room that is no longer configured", noon.Add(time.Hour))
}
