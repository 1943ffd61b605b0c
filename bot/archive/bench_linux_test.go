package archive_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/bot/archive"
	"github.com/ukmedlibs/catchword/questions"
)

// BenchmarkWriteInSeries writes the archive of an evening of 200 answers, each time with one more or one less, beside
// those of n others, as a program does that writes again and again; and that of a chat of 1,000 answers beside none.
// "beside-100" is the time to that beside a hundred, "alone-1000" is the time per answer to that of the chat of 1,000,
// and both should stay below 1.5. The time is the processor's: how long a disk takes depends on the disk. "wall" has
// the same by the clock, to alone-1000.
func BenchmarkWriteInSeries(b *testing.B) {
	var alone, beside, wall float64
	for _, of := range []struct{ answers, others int }{{1_000, 0}, {200, 0}, {200, 100}, {200, 1_000}} {
		b.Run(fmt.Sprintf("%d beside %d", of.answers, of.others), func(b *testing.B) {
			dir := b.TempDir()
			manySummaries(b, dir, of.others)
			root, evenings := openRoot(b, dir), [2]questions.Transcript{largeChat(b, of.answers), largeChat(b, of.answers+1)}
			n := 0
			write := func() {
				if err := archive.Write(b.Context(), root, evenings[n%2], archive.Options{}); err != nil {
					b.Fatal(err)
				}
				n++
			}
			write() // the first reads what the others needn't
			before := cpuTime(b)
			for b.Loop() {
				write()
			}
			each := (cpuTime(b) - before).Seconds() / float64(b.N)
			clock := b.Elapsed().Seconds() / float64(b.N) / float64(of.answers)
			switch of.others {
			case 0:
				if alone == 0 {
					alone, wall = each/float64(of.answers), clock
				}
			case 100:
				beside = each
			default:
				b.ReportMetric(each/beside, "beside-100")
			}
			b.ReportMetric(each/float64(of.answers)/alone, "alone-1000")
			b.ReportMetric(clock/wall, "wall")
		})
	}
}

// cpuTime is what this process has taken so far.
func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
