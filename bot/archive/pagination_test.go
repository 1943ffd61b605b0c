package archive

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

func answerAt(s questions.Section, at time.Duration) questions.Answer {
	return questions.Answer{Section: s, At: time.Date(2015, 8, 18, 19, 0, 0, 0, time.UTC).Add(at)}
}

func TestPagination(t *testing.T) {
	d := newPagination(nil, false)
	count := map[int]int{}
	for i := range maxIndexAnswers + maxPageAnswers + 10 {
		a := answerAt("q1", time.Duration(i)*time.Second)
		page := d.add(a)
		count[page]++
		if i%2 == 0 {
			d.add(answerAt("q2", time.Duration(i)*time.Second))
		}
		if got := d.pageAt("q1", a.At); got != page+1 {
			t.Fatalf("answer %d: got page %d by its time, want %d", i, got, page+1)
		}
	}
	if count[0] != maxIndexAnswers || count[1] != maxPageAnswers || count[2] != 10 || d.pageCount("q1") != 3 || d.pageCount("q2") != 2 || d.pageCount("q3") != 1 {
		t.Errorf("got %v answers on the pages of q1 and %d, %d, %d pages, want %d, %d and 10 on 3, 2 and 1", count, d.pageCount("q1"), d.pageCount("q2"), d.pageCount("q3"), maxIndexAnswers, maxPageAnswers)
	}
}

// Those of one moment are not told apart by time, so no page begins between them.
func TestSameTimeStaysOnOnePage(t *testing.T) {
	d := newPagination(nil, false)
	for i := range 2 * maxIndexAnswers {
		if page := d.add(answerAt("q1", 0)); page != 0 {
			t.Fatalf("answer %d of one moment: got page %d, want the first", i, page)
		}
	}
	if page := d.add(answerAt("q1", time.Millisecond)); page != 1 {
		t.Errorf("the moment after: got page %d, want the next", page)
	}
}

func TestLongAnswersCountMore(t *testing.T) {
	d := newPagination(nil, false)
	long := answerAt("q1", 0)
	long.Text = strings.Repeat("x", maxIndexAnswers*answerUnit)
	if first, second := d.add(long), d.add(answerAt("q1", time.Second)); first != 0 || second != 1 {
		t.Errorf("got pages %d and %d, want the page full with the first", first, second)
	}
}

// However answers come to be known between archives, each stays on the page on which it was first shown, in both views,
// and those of a view are in order.
func TestAnswersKeepTheirPage(t *testing.T) {
	seed := uint64(time.Now().UnixNano()) //nolint:gosec // any will do
	r := rand.New(rand.NewPCG(seed, 1))
	var known []questions.Page
	var answers []questions.Answer
	shown := map[time.Duration][2]int{}
	for export := range 40 {
		for range r.IntN(300) {
			at := time.Duration(r.IntN(1_000_000)) * time.Millisecond
			if r.IntN(4) > 0 { // most come in order
				at = time.Duration(export)*time.Minute + time.Duration(r.IntN(60_000))*time.Millisecond
			}
			a := answerAt(questions.QuestionSection(1+r.IntN(2)), at)
			a.Text = strings.Repeat("x", r.IntN(2*answerUnit))
			answers = append(answers, a)
		}
		slices.SortStableFunc(answers, func(a, b questions.Answer) int { return a.At.Compare(b.At) })
		d := newPagination(known, false)
		for _, a := range answers {
			page := d.add(a)
			if again := d.pageAt(a.Section, a.At); again != page+1 {
				t.Fatalf("seed %d, archive %d: got page %d by its time, want %d", seed, export, again, page+1)
			}
		}
		for _, a := range answers {
			key := a.At.Sub(answerAt("", 0).At)*10 + time.Duration(a.Section.QuestionNumber())
			now := [2]int{d.pageAt(a.Section, a.At), d.pageAt("", a.At)}
			if before, ok := shown[key]; ok && before != now {
				t.Fatalf("seed %d, archive %d: got an answer on pages %v that was on %v", seed, export, now, before)
			}
			shown[key] = now
		}
		known = d.allPages()
		if again := newPagination(known, true); !slices.Equal(again.allPages(), known) {
			t.Fatalf("seed %d, archive %d: got %+v read again, want %+v", seed, export, again.allPages(), known)
		}
		r.Shuffle(len(known), func(i, j int) { known[i], known[j] = known[j], known[i] })
	}
	if len(known) < 10 {
		t.Errorf("seed %d: got %d pages, which proves little", seed, len(known))
	}
}
