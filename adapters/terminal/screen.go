package terminal

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	clockCells     = 6  // "20:06 "
	minColumnCells = 44 // a narrower column is hard to read
	maxPageCells   = 96 // and so is a single column that is wider
	messageIndent  = 2  // of every line of a message except the first
)

// Options say how a Screen shows what happens.
type Options struct {
	Colour bool // whether w understands ANSI escape codes; plain lines never have any
	// Width is how many cells a line has. From 100 on, two workspaces are side by side. 0 is for pipes: plain lines
	// that begin with when and where something happened.
	Width int
	Now   func() time.Time // nil is time.Now; a rehearsal passes the time of its chat
	Zone  *time.Location   // of the clock on the screen; nil is the local one
}

// A Screen is one terminal on which one or more workspaces are shown. It may be used from several goroutines at once.
type Screen struct {
	opts     Options
	idPrefix string // makes message IDs unique among all screens

	mu           sync.Mutex
	w            io.Writer
	workspaces   []*Terminal
	messageCount int    // in all workspaces, to number messages
	day, clock   string // as shown last
}

// NewScreen returns a screen that writes to w, with one call of Write for each event.
func NewScreen(w io.Writer, opts Options) *Screen {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Zone == nil {
		opts.Zone = time.Local
	}
	opts.Colour = opts.Colour && opts.Width > 0
	return &Screen{opts: opts, w: w, idPrefix: strconv.FormatInt(time.Now().UnixMicro(), 36)}
}

// Workspace returns the workspace of that name with its rooms. Called again, it returns the same one with its
// messages, and adds the rooms that are new. Make all workspaces before anybody posts, because their number decides
// how many columns there are.
func (s *Screen) Workspace(name string, rooms ...string) *Terminal {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.workspaces, func(t *Terminal) bool { return t.name == name })
	if i < 0 {
		i = len(s.workspaces)
		s.workspaces = append(s.workspaces, newTerminal(s, name, workspaceColours[i%len(workspaceColours)]))
	}
	t := s.workspaces[i]
	for _, r := range rooms {
		t.addRoom(r)
	}
	return t
}

// Print shows CommonMark from the program itself, outside all workspaces: that the archive was written, for instance.
func (s *Screen) Print(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	s.dayLine(&b)
	if s.opts.Width == 0 {
		s.plainBlock(&b, "", layout(nil, text, style{}, 0))
	} else {
		for _, ln := range layout(nil, text, style{}, s.pageWidth()) {
			b.WriteString(concat(line{{s.clockMargin(), style{dim: true}}}, ln).paint(s.opts.Colour) + "\n")
		}
	}
	return s.flush(&b)
}

// A block is one event on the screen.
type block struct {
	room  string
	rule  bool   // a line above it
	bar   bool   // a bar beside it, which marks posts of the bot to the room
	head  []run  // before the text
	text  string // CommonMark
	style style  // of the text
}

// show shows a block in the column of its workspace. The caller holds the lock.
func (s *Screen) show(t *Terminal, b block) error {
	var out strings.Builder
	columns, cells := s.columns()
	if s.day == "" && columns > 1 {
		s.titles(&out, cells)
	}
	s.dayLine(&out)
	if s.opts.Width == 0 {
		s.plainBlock(&out, s.roomLabel(t, b.room), layout(b.head, b.text, style{}, 0))
		return s.flush(&out)
	}
	if columns == 1 && len(s.workspaces) > 1 {
		b.head = concat([]run{{oneLine(t.name) + " ", style{colour: t.colour}}}, b.head)
	}
	if len(t.rooms) > 1 {
		b.head = concat([]run{{oneLine(b.room) + " ", style{dim: true}}}, b.head)
	}
	column := 0
	if columns > 1 {
		column = slices.Index(s.workspaces, t)
	}
	for _, ln := range b.lines(t.colour, cells) {
		s.row(&out, ln, column, columns, cells)
	}
	return s.flush(&out)
}

func (b block) lines(colour uint8, cells int) (lines []line) {
	if b.rule {
		lines = append(lines, line{{strings.Repeat("─", cells), style{dim: true}}})
	}
	first, rest := line(nil), line{{strings.Repeat(" ", messageIndent), style{}}}
	if b.bar {
		first = line{{"▌ ", style{colour: colour}}}
		rest = first
	}
	for i, ln := range layout(b.head, b.text, b.style, cells-messageIndent) {
		if i == 0 {
			lines = append(lines, concat(first, ln))
		} else {
			lines = append(lines, concat(rest, ln))
		}
	}
	return lines
}

// row writes one line of a column, with the clock before it and the other columns blank.
func (s *Screen) row(out *strings.Builder, ln line, column, columns, cells int) {
	whole := line{{s.clockMargin(), style{dim: true}}}
	for c := range columns {
		if c > 0 {
			whole = append(whole, run{" │ ", style{dim: true}})
		}
		fill := cells
		if c == column {
			whole = append(whole, ln...)
			fill -= ln.width()
		}
		if c < columns-1 {
			whole = append(whole, run{strings.Repeat(" ", max(0, fill)), style{}})
		}
	}
	out.WriteString(strings.TrimRight(whole.paint(s.opts.Colour), " ") + "\n")
}

// titles writes the names of the columns.
func (s *Screen) titles(out *strings.Builder, cells int) {
	for c, t := range s.workspaces {
		title := t.name
		if len(t.rooms) == 1 {
			title += " " + t.rooms[0].name
		}
		if c == 0 {
			out.WriteString(strings.Repeat(" ", clockCells))
		} else {
			out.WriteString(line{{" │ ", style{dim: true}}}.paint(s.opts.Colour))
		}
		name := truncate(oneLine(title), cells)
		out.WriteString(line{{name, style{bold: true, colour: t.colour}}}.paint(s.opts.Colour))
		if c < len(s.workspaces)-1 {
			out.WriteString(strings.Repeat(" ", cells-width(name)))
		}
	}
	out.WriteByte('\n')
}

// columns is how many columns there are, and how many cells each has.
func (s *Screen) columns() (columns, cells int) {
	n := len(s.workspaces)
	if each := (s.opts.Width - clockCells - 3*(n-1)) / max(1, n); n > 1 && s.opts.Width >= 100 && each >= minColumnCells {
		return n, each
	}
	return 1, s.pageWidth()
}

func (s *Screen) pageWidth() int { return max(10, min(s.opts.Width-clockCells, maxPageCells)) }

// plainBlock writes lines for a pipe: when and where, then the text, with further lines indented.
func (s *Screen) plainBlock(out *strings.Builder, place string, lines []line) {
	before := s.now().Format(time.TimeOnly) + " " + place
	for _, ln := range lines {
		if len(ln) == 0 { // between paragraphs
			continue
		}
		out.WriteString(strings.TrimRight(before+ln.paint(false), " ") + "\n")
		before = strings.Repeat(" ", width(before))
	}
}

// roomLabel is "nhs/#ukmedlibs  ", as wide as the widest label.
func (s *Screen) roomLabel(t *Terminal, room string) string {
	widest := 0
	for _, w := range s.workspaces {
		for _, r := range w.rooms {
			widest = max(widest, width(oneLine(w.name+"/"+r.name)))
		}
	}
	here := oneLine(t.name + "/" + room)
	return here + strings.Repeat(" ", max(0, widest-width(here))+2)
}

// dayLine writes the date when a new day begins.
func (s *Screen) dayLine(out *strings.Builder) {
	day := s.now().Format("Monday 2 January 2006")
	if day == s.day {
		return
	}
	s.day, s.clock = day, ""
	ln := "── " + day + " ──"
	if s.opts.Width > 0 {
		across := s.opts.Width
		if columns, cells := s.columns(); columns == 1 {
			across = clockCells + cells
		}
		ln = truncate(ln, across) + strings.Repeat("─", max(0, across-width(ln)))
	}
	out.WriteString(line{{ln, style{dim: true}}}.paint(s.opts.Colour) + "\n")
}

// clockMargin is the time if it has changed, and otherwise blank.
func (s *Screen) clockMargin() string {
	clock := s.now().Format("15:04")
	if clock == s.clock {
		return strings.Repeat(" ", clockCells)
	}
	s.clock = clock
	return fmt.Sprintf("%-*s", clockCells, clock)
}

func (s *Screen) now() time.Time { return s.opts.Now().In(s.opts.Zone) }

func (s *Screen) flush(out *strings.Builder) error {
	if _, err := io.WriteString(s.w, out.String()); err != nil {
		return fmt.Errorf("write to the screen: %w", err)
	}
	return nil
}
