package announcement

import (
	"strings"
	"unicode"
)

// A lineWriter gathers the words of marked-up text into lines.
type lineWriter struct {
	lines  []line
	next   line // what the next line will be but for its words
	words  strings.Builder
	bold   int // bytes of words that are strong
	weight int // how many strong elements are open
	url    string
	from   int // where in words the open link begins
	items  int // list items begun so far
}

// write adds words that stand on a source line.
func (w *lineWriter) write(s string, n int) {
	if strings.TrimSpace(s) == "" {
		if w.words.Len() > 0 {
			w.words.WriteByte(' ')
		}
		return
	}
	if w.words.Len() == 0 {
		w.next.n = n
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
	}
	w.words.WriteString(s)
	if w.weight > 0 {
		w.bold += len(s)
	}
}

func (w *lineWriter) openLink(url string) { w.url, w.from = url, w.words.Len() }

func (w *lineWriter) closeLink() {
	if w.url != "" && w.words.Len() > w.from {
		w.next.links = append(w.next.links, link{w.from, w.words.Len(), w.url})
	}
	w.url = ""
}

// breakLine ends a line: softly where an editor wrapped it, or hard, where the writer did.
func (w *lineWriter) breakLine(soft bool) {
	url := w.url
	w.closeLink()
	raw := w.words.String()
	l := w.next
	if l.text = clean(raw); l.text != "" {
		for i := range l.links { // cleaning moves what stands behind it
			l.links[i].from = len(clean(raw[:l.links[i].from]+"|")) - 1
			l.links[i].to = len(clean(raw[:l.links[i].to]))
		}
		l.strong = w.bold*10 >= len(strings.TrimSpace(raw))*9
		w.lines = append(w.lines, l)
		w.next.gap, w.next.item, w.next.num, w.next.indent = 0, 0, 0, 0
	}
	w.next.links = nil
	w.words.Reset()
	w.bold = 0
	w.next.soft = soft
	if url != "" {
		w.openLink(url)
	}
}

// breakBlock ends a paragraph.
func (w *lineWriter) breakBlock(gap int) {
	w.breakLine(false)
	w.next.gap = max(w.next.gap, gap)
}

func (w *lineWriter) weigh(open bool) {
	if open {
		w.weight++
	} else {
		w.weight = max(w.weight-1, 0)
	}
}
