package archive_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A axNode is a part of a page as a screen reader has it.
type axNode struct{ Role, Name, Level string }

// axTree is what Chromium tells screen readers of a page, in order.
func axTree(t *testing.T, b *browser) (all []axNode) {
	t.Helper()
	tree, err := chromedp.Run(b, func(ctx context.Context, target *chromedp.Target) (accessibility.GetFullAXTreeResult, error) {
		return cdp.Call(ctx, target, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range tree.Nodes {
		if n.Ignored || n.Role == nil {
			continue
		}
		s := axNode{Role: unquoteJSON(n.Role.Value)}
		if n.Name != nil {
			s.Name = unquoteJSON(n.Name.Value)
		}
		for _, p := range n.Properties {
			if p.Name == accessibility.PropertyNameLevel {
				s.Level = unquoteJSON(p.Value.Value)
			}
		}
		all = append(all, s)
	}
	return all
}

func unquoteJSON[T ~[]byte](json T) string { return strings.Trim(string(json), `"`) }

// Who hears a page instead of seeing it finds their way by landmarks and headings, and is told what each thing is.
func TestScreenReader(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	b := newBrowser(t)
	for kind, page := range writePages(t) {
		t.Run(kind, func(t *testing.T) {
			b.open(t, page, 1280, "light", true)
			all := axTree(t, b)
			count := map[string]int{}
			names := map[string][]string{}
			level := 0
			for _, s := range all {
				count[s.Role]++
				switch s.Role {
				case "navigation", "region", "search", "form", "table", "image", "figure", "textbox", "searchbox", "combobox", "link", "heading":
					if s.Name == "" && s.Role != "figure" {
						t.Errorf("got a %s without a name", s.Role)
					}
				}
				if s.Role == "navigation" || s.Role == "search" {
					if slices.Contains(names[s.Role], s.Name) {
						t.Errorf("got two of %s called %q, want names that tell them apart", s.Role, s.Name)
					}
					names[s.Role] = append(names[s.Role], s.Name)
				}
				if s.Role == "heading" {
					var now int
					if _, err := fmt.Sscan(s.Level, &now); err != nil || now > level+1 {
						t.Errorf("got the heading %q of level %s after one of %d, want none left out", s.Name, s.Level, level)
					}
					if level == 0 && now != 1 {
						t.Errorf("got %q of level %d first, want the title", s.Name, now)
					}
					level = now
				}
			}
			if count["main"] != 1 || count["banner"] != 1 || count["contentinfo"] != 1 {
				t.Errorf("got %d, %d and %d of main, banner and contentinfo, want one each", count["main"], count["banner"], count["contentinfo"])
			}
			titles := slices.DeleteFunc(slices.Clone(all), func(s axNode) bool { return s.Role != "heading" || s.Level != "1" })
			if len(titles) != 1 {
				t.Errorf("got the titles %v, want one", titles)
			}
			if kind == "index" {
				if !slices.ContainsFunc(all, func(s axNode) bool {
					return s.Role == "region" && strings.HasPrefix(s.Name, "Q1 Are you currently working")
				}) {
					t.Error("got no region by the name of the first question")
				}
				if count["listitem"] < 60 || count["search"] != 1 || count["status"] != 1 {
					// A place for what is found that only then appears is not listened to in time.
					t.Errorf("got %d list items, %d searches and %d places for what is found, want 60 or more, one and one", count["listitem"], count["search"], count["status"])
				}
			}
		})
	}
}

// The keyboard gets past what comes first, and sees where it is.
func TestKeyboard(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	b := newBrowser(t)
	pages := writePages(t)
	for kind, wanted := range map[string]string{"index": "answers", "time": "answers", "numbers": "numbers", "resources": "links", "recap": "recap", "series": "chats", "year": "chats"} {
		t.Run(kind, func(t *testing.T) {
			b.open(t, pages[kind], 1280, "light", true)
			if err := chromedp.Do(b, chromedp.KeyEvent(kb.Tab)); err != nil {
				t.Fatal(err)
			}
			seen := eval[string](t, b, `(() => {
				const a = document.activeElement, r = a.getBoundingClientRect(), s = getComputedStyle(a);
				return a.className + ' ' + (r.left >= 0 && r.top >= 0 && r.width > 0) + ' ' + s.outlineStyle + ' ' + s.outlineWidth;
			})()`)
			if seen != "skip true solid 3px" {
				t.Errorf("got %q first, want the link past the beginning, to be seen, with an outline", seen)
			}
			if err := chromedp.Do(b, chromedp.KeyEvent(kb.Enter)); err != nil {
				t.Fatal(err)
			}
			if got := eval[string](t, b, "document.activeElement.id"); got != wanted {
				t.Errorf("got the focus on %q behind it, want %q", got, wanted)
			}
		})
	}
}

// At twice the size nothing has to be read from side to side, nor where a reader sets lines, words and letters wider,
// as https://www.w3.org/TR/WCAG22/#text-spacing has it, and no words are cut off.
func TestPagesZoomed(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	b := newBrowser(t)
	for kind, page := range writePages(t) {
		t.Run(kind, func(t *testing.T) {
			b.open(t, page, 640, "light", true) // what a window of 1280 has at 200 %
			got := eval[string](t, b, `(() => {
				document.querySelectorAll('*').forEach((e) => {
					e.style.setProperty('line-height', '1.5', 'important');
					e.style.setProperty('letter-spacing', '.12em', 'important');
					e.style.setProperty('word-spacing', '.16em', 'important');
				});
				const cut = [...document.querySelectorAll('body *')].filter((e) => {
					const s = getComputedStyle(e);
					return s.overflowX === 'hidden' && e.scrollWidth > e.clientWidth || s.overflowY === 'hidden' && e.scrollHeight > e.clientHeight;
				}).filter((e) => !e.closest('svg')).map((e) => e.tagName + '.' + e.className);
				return document.documentElement.scrollWidth + ' ' + cut.join(' ');
			})()`)
			if got != "640 " {
				t.Errorf("got the width and what is cut off: %q, want 640 and nothing", got)
			}
		})
	}
}

// On paper there is the chat, black on white whatever the screen was, with the addresses of its links, and nothing to
// press.
func TestPagesPrinted(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	b := newBrowser(t)
	pages := writePages(t)
	for _, kind := range []string{"index", "long", "numbers", "series"} {
		t.Run(kind, func(t *testing.T) {
			b.open(t, pages[kind], 720, "dark", true)
			err := chromedp.Do(b, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
				_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
					Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
				})
				return err
			}))
			if err != nil {
				t.Fatal(err)
			}
			type paper struct {
				Ink, Paper, Link string
				Pressed, Hidden  int
				Wide             int
			}
			got := eval[paper](t, b, `(() => {
				const s = getComputedStyle(document.body), link = document.querySelector('.said a');
				const there = (e) => e.getClientRects().length > 0;
				return {
					Ink: s.color, Paper: s.backgroundColor, Link: link ? getComputedStyle(link, '::after').content : '',
					Pressed: [...document.querySelectorAll('.skip, .views, .turns, .filters, .elsewhere, input, select, summary')].filter(there).length,
					Hidden: [...document.querySelectorAll('.answer, li.chat, table.narrow:not(details table), figure')].filter((e) => !there(e)).length,
					Wide: document.documentElement.scrollWidth,
				};
			})()`)
			if got.Ink != "rgb(0, 0, 0)" || got.Paper != "rgb(255, 255, 255)" || got.Pressed != 0 || got.Hidden != 0 || got.Wide > 720 {
				t.Errorf("got %+v, want black on white, nothing to press, nothing hidden, and no wider than the sheet", got)
			}
			if got.Link != "" && !strings.Contains(got.Link, `" <" attr(href) ">"`) && !strings.Contains(got.Link, "http") {
				t.Errorf("got %s behind a link, want its address", got.Link)
			}
		})
	}
}
