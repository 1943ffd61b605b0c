package questions

import (
	"cmp"
	"slices"
	"testing"
)

func TestSectionOrder(t *testing.T) {
	c := Chat{}
	for n := range 12 {
		c.Questions = append(c.Questions, Question{N: n + 1})
	}
	byOrder := func(a, b Section) int { return cmp.Compare(a.Order(), b.Order()) }
	if all := c.Sections(); len(all) != 14 || !slices.IsSortedFunc(all, byOrder) {
		t.Errorf("got sections %v, want all 14 in the order of a transcript", all)
	}
	if byOrder("q1000000000", General) >= 0 {
		t.Error("got a question after the general discussion, want it before")
	}
}
