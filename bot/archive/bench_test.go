package archive_test

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/bot/archive"
	"github.com/ukmedlibs/catchword/questions"
)

// manyAnswers is a chat of n answers which nobody holds in memory: each is made as it is read. Each is by another
// person, for counting people is what takes memory.
func manyAnswers(t testing.TB, n int) questions.Transcript {
	tr := foundingChat(t)
	texts := []string{
		"Yes, we have worked with our local public library for years, mostly on reading groups and on health collections.",
		"A2: I think so, but only if *both* sides get the time for it. See https://www.hee.nhs.uk/our-work/library-knowledge-services",
		"Not yet: nobody has asked us.\nWould a joint training day help?",
		"- a shared shelf\n- a joint **leaflet**\n- somebody to ring",
		"Agreed!",
	}
	// In time order the questions go round, so that every section has a share of the answers.
	answer := func(i int) questions.Answer {
		a := questions.Answer{
			Workspace: "nhs", Room: "C024BE91L", RoomName: "#ukmedlibs", Message: fmt.Sprintf("1439924470.%06d", i),
			Author: fmt.Sprintf("Participant %d", i), AuthorID: fmt.Sprintf("U%d", i),
			Section: questions.QuestionSection(i%5 + 1), MatchedBy: questions.ByThread, Text: texts[i%7%5],
			At: tr.Chat.Starts.Add(time.Duration(i) * time.Hour / time.Duration(n)),
		}
		if i%4 == 0 {
			a.Workspace, a.Room, a.RoomName = "public", "!lib:example.org", "#libraries:example.org"
		}
		if i%10 == 0 {
			a.Reactions = []questions.Reaction{{Emoji: "👍", Count: 1 + i%3}}
		}
		return a
	}
	tr.Answers = func(_ context.Context, order questions.Order) iter.Seq2[questions.Answer, error] {
		return func(yield func(questions.Answer, error) bool) {
			if order == questions.OrderByTime {
				for i := range n {
					if !yield(answer(i), nil) {
						return
					}
				}
				return
			}
			for q := range 5 {
				for i := q; i < n; i += 5 {
					if !yield(answer(i), nil) {
						return
					}
				}
			}
		}
	}
	return tr
}

// The work for an answer is the same in a long chat as in a short one: it is read three times, and takes as many
// allocations, which unlike seconds are the same on every machine. BenchmarkWrite measures the seconds.
func TestWriteCostIsLinear(t *testing.T) {
	each := func(n int) (allocations, bytes float64) {
		tr, root := manyAnswers(t, n), openRoot(t, t.TempDir())
		read, all := 0, tr.Answers
		tr.Answers = func(ctx context.Context, order questions.Order) iter.Seq2[questions.Answer, error] {
			return func(yield func(questions.Answer, error) bool) {
				for a, err := range all(ctx, order) {
					if read++; !yield(a, err) {
						return
					}
				}
			}
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := archive.Write(t.Context(), root, tr, archive.Options{}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if read != 3*n {
			t.Errorf("got %d readings of %d answers, want three of each", read, n)
		}
		return float64(after.Mallocs-before.Mallocs) / float64(n), float64(after.TotalAlloc-before.TotalAlloc) / float64(n)
	}
	each(10) // the first archive of a program prepares its templates
	fewAllocations, fewBytes := each(500)
	manyAllocations, manyBytes := each(3000)
	t.Logf("an answer of 500 takes %.0f allocations and %.0f bytes, one of 3,000 takes %.0f and %.0f", fewAllocations, fewBytes, manyAllocations, manyBytes)
	if manyAllocations > 1.25*fewAllocations || manyBytes > 1.25*fewBytes {
		t.Error("got more work for an answer of the longer chat, want as much")
	}
}

// BenchmarkWrite writes whole archives. The time for one answer must not grow with their number: "ratio" is that time
// beside the time in the smallest chat, and should stay below 1.5.
func BenchmarkWrite(b *testing.B) {
	// The first archive of a program prepares its templates.
	if err := archive.Write(b.Context(), openRoot(b, b.TempDir()), festiveChat(b), archive.Options{}); err != nil {
		b.Fatal(err)
	}
	var smallest float64
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			root := openRoot(b, b.TempDir())
			tr := manyAnswers(b, n)
			b.ReportAllocs()
			for b.Loop() {
				if err := archive.Write(b.Context(), root, tr, archive.Options{}); err != nil {
					b.Fatal(err)
				}
			}
			each := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / float64(n)
			if smallest == 0 {
				smallest = each
			}
			b.ReportMetric(each, "ns/answer")
			b.ReportMetric(each/smallest, "ratio")
		})
	}
}
