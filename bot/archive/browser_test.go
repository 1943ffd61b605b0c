package archive_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/ukmedlibs/catchword/bot/archive"
	"github.com/ukmedlibs/catchword/questions"
)

// These tests open the pages in Chromium, as files. They are skipped where neither it nor npm is installed, but never
// where CI is set.

var hasAnswer = regexp.MustCompile(`<li class="answer`)

// skipMissing skips a test for want of a program, or fails it where nothing may be skipped.
func skipMissing(t *testing.T, program string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed", program)
	}
	t.Skipf("%s is not installed", program)
}

// axe is the source of axe-core, see https://github.com/dequelabs/axe-core. It is fetched once.
func axe(t *testing.T) string {
	t.Helper()
	npm, err := exec.LookPath("npm")
	if err != nil {
		skipMissing(t, "npm")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "catchword-browser-test")
	script := filepath.Join(dir, "node_modules", "axe-core", "axe.min.js")
	if source, err := os.ReadFile(script); err == nil {
		return string(source)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"package.json", "package-lock.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(readFile(t, "testdata", "browser", name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	install := exec.CommandContext(t.Context(), npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return readFile(t, script)
}

// A browser is Chromium, and what its pages have asked for and complained of.
type browser struct {
	context.Context
	mu     sync.Mutex
	faults []string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	found := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			found = p
			break
		}
	}
	if found == "" {
		skipMissing(t, "chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(found), chromedp.NoSandbox)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{Context: ctx}
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, "file:") {
				b.fault("asked for " + e.Request.URL)
			}
		case *runtime.EventExceptionThrown:
			b.fault("threw " + e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			b.fault("said " + e.Entry.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *browser) fault(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, what)
}

// sectionOpen opens a page on a screen of some width, without script if so asked.
func (b *browser) open(t *testing.T, page string, width int64, scheme string, script bool) {
	t.Helper()
	err := chromedp.Do(b, viewport(width, scheme), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !script})
		return err
	}), chromedp.Navigate(page))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, fault := range b.faults {
			t.Errorf("the page %s", fault)
		}
		b.faults = nil
	})
}

func viewport(width int64, scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1})
		if err != nil {
			return err
		}
		_, err = cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

// eval is what a page says an expression is.
func eval[T any](t *testing.T, b *browser, expression string) T {
	t.Helper()
	v, err := chromedp.Run(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// writePages writes a series with every kind of page, and returns the kinds' addresses.
func writePages(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	root := openRoot(t, dir)
	manySummaries(t, dir, 120)
	busy, long := largeChat(t, 60), largeChat(t, 600)
	long.Chat.Slug = "2015-08-25-long"
	o := archive.Options{SeriesTitle: "#ukmedlibs", Chats: twoUpcomingChats(t), Leaderboard: true}
	all := []questions.Transcript{busy, long, festiveChat(t)}
	for n := range 6 {
		all = append(all, seriesTestChat(t, n, 1, n))
	}
	for _, tr := range all {
		if err := archive.Write(t.Context(), root, tr, o); err != nil {
			t.Fatal(err)
		}
	}
	pages := map[string]string{"series": "index.html", "year": "year-2013.html", "festive": festiveChat(t).Chat.Slug + "/index.html", "long": "2015-08-25-long/index.html", "section": "2015-08-25-long/q3-page-2.html", "time 2": "2015-08-25-long/time-page-2.html"}
	for _, kind := range []string{"index", "time", "numbers", "resources", "recap"} {
		pages[kind] = busy.Chat.Slug + "/" + kind + ".html"
	}
	for kind, page := range pages {
		if _, err := os.Stat(filepath.Join(dir, page)); errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("there is no %s", page)
		}
		pages[kind] = "file://" + filepath.ToSlash(filepath.Join(dir, page))
	}
	return pages
}

// Every kind of page satisfies WCAG 2.2 AA as far as a program can tell, in light and dark, on a phone and on a desk;
// nothing is wider than the narrowest screen, which is also what remains of a desk's at 400 % zoom.
func TestPagesAreAccessible(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	source := axe(t)
	b := newBrowser(t)
	type violation struct{ ID, Help, Where string }
	for kind, page := range writePages(t) {
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{360, 1280} {
				// The pages of a long chat are made of the same pieces as the others, and take long.
				if kind == "long" || slices.Contains([]string{"section", "time 2"}, kind) && (scheme == "dark" || width > 360) {
					continue
				}
				t.Run(fmt.Sprint(kind, " ", scheme, " ", width), func(t *testing.T) {
					b.open(t, page, width, scheme, true)
					// axe would read the style sheet again for itself, which the page's policy refuses.
					found := eval[[]violation](t, b, source+`;
						axe.run({preload: false, runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}})
							.then((r) => r.violations.flatMap((v) => v.nodes.map((n) => ({ID: v.id, Help: v.help, Where: n.html.slice(0, 200)}))))`)
					if err := chromedp.Do(b, viewport(320, scheme)); err != nil {
						t.Fatal(err)
					}
					wide := eval[int](t, b, "document.documentElement.scrollWidth")
					for _, v := range found {
						t.Errorf("%s: %s: %s", v.ID, v.Help, v.Where)
					}
					if wide > 320 {
						t.Errorf("got a page of %d pixels on a screen of 320", wide)
					}
				})
			}
		}
	}
}

func TestSearchAndFilters(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	b := newBrowser(t)
	pages := writePages(t)
	const shown = `[...document.querySelectorAll('.answer, li.chat')].filter((a) => a.offsetHeight > 0).length`
	const choose = `(label, value) => {
		const field = [...document.querySelectorAll('.filters label')].find((l) => l.firstChild.data === label).querySelector('input, select');
		field.value = [...(field.options || [])].find((o) => o.label === value)?.value ?? value;
		field.dispatchEvent(new Event('input', {bubbles: true}));
		return document.querySelector('.found').textContent;
	}`
	for _, tt := range []struct{ page, label, value, want string }{
		{"index", "Words", "paperwork", " of 60 answers on this page"},
		{"index", "Words", "PÁPERWORK reading", " of 60 answers on this page"},
		{"index", "Person", "Siân Ellis", " of 60 answers on this page"},
		{"index", "Workspace", "public", " of 60 answers on this page"},
		{"index", "Part", "Q2", " of 60 answers on this page"},
		{"time", "Words", "nobody said this", "0 of 60 answers on this page"},
		{"series", "Words", "festive", "1 of 87 chats on this page"},
	} {
		t.Run(tt.page+" "+tt.label, func(t *testing.T) {
			b.open(t, pages[tt.page], 1280, "light", true)
			all := eval[int](t, b, shown)
			said := eval[string](t, b, fmt.Sprintf("(%s)(%q, %q)", choose, tt.label, tt.value))
			some := eval[int](t, b, shown)
			eval[string](t, b, fmt.Sprintf("(%s)(%q, %q)", choose, tt.label, ""))
			again := eval[int](t, b, shown)
			if !strings.HasSuffix(said, tt.want) || !strings.HasPrefix(said, fmt.Sprint(some, " of ")) || some >= all || again != all {
				t.Errorf("got %q with %d of %d shown, and %d afterwards, want %q and as many shown, then all", said, some, all, again, tt.want)
			}
			if some == 0 && !strings.HasPrefix(tt.want, "0") {
				t.Error("got nothing found")
			}
		})
	}
}

// What a page says itself of how it looks or what runs in it is refused by its policy, and the browser tells of it: so
// that a fault of ours would be seen by every other test here.
func TestContentSecurityPolicy(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	b := newBrowser(t)
	pages := writePages(t)
	b.open(t, pages["index"], 1280, "light", true)
	got := eval[[]string](t, b, `new Promise((done) => {
		const refused = [];
		document.addEventListener('securitypolicyviolation', (e) => {
			refused.push(e.effectiveDirective);
			if (refused.length === 4) done(refused.sort());
		});
		const main = document.querySelector('main');
		const add = (parent, name, fields) => parent.append(Object.assign(document.createElement(name), fields));
		add(document.head, 'style', {textContent: 'main { display: none }'});
		add(document.head, 'script', {textContent: 'document.title = "run"'});
		main.setAttribute('style', 'display: none');
		main.setAttribute('onclick', 'document.title = "clicked"');
		main.click();
	})`)
	if want := []string{"script-src-attr", "script-src-elem", "style-src-attr", "style-src-elem"}; !slices.Equal(got, want) {
		t.Errorf("got the refusals %q, want %q", got, want)
	}
	looks := eval[string](t, b, "getComputedStyle(document.querySelector('main')).display + ' ' + document.title.startsWith('Health') + ' ' + document.styleSheets.length")
	if looks != "block true 1" {
		t.Errorf("got the page's look, title and style sheets %q, want none of what was refused", looks)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.faults) != 4 {
		t.Errorf("got the complaints %q, want one for each refusal", b.faults)
	}
	b.faults = nil
}

// Without script everything is there, and the keyboard leads past what comes before the answers.
func TestPagesWithoutScript(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	b := newBrowser(t)
	pages := writePages(t)
	b.open(t, pages["index"], 360, "light", false)
	if err := chromedp.Do(b, chromedp.KeyEvent(kb.Tab)); err != nil {
		t.Fatal(err)
	}
	all := eval[int](t, b, "document.querySelectorAll('.answer').length")
	hidden := eval[int](t, b, "[...document.querySelectorAll('.answer')].filter((a) => a.offsetHeight === 0).length")
	filters := eval[int](t, b, "document.querySelectorAll('.filters').length")
	focused := eval[string](t, b, "document.activeElement.className + document.activeElement.getAttribute('href')")
	if all != 60 || hidden != 0 || filters != 0 || focused != "skip#answers" {
		t.Errorf("got %d answers, %d of them hidden, %d forms, and the focus on %q, want 60, 0, 0 and the link past the beginning", all, hidden, filters, focused)
	}
}

// The search of any page of a long chat finds what is on its others, and leads there.
func TestSearchAcrossPages(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	b := newBrowser(t)
	pages := writePages(t)
	files := readDir(t, filepath.Dir(strings.TrimPrefix(pages["section"], "file://")))
	want := 0
	for l := range strings.Lines(files["answers.jsonl"]) {
		if strings.Contains(l, "paperwork") {
			want++
		}
	}
	for _, from := range []string{"long", "section", "time 2"} {
		t.Run(from, func(t *testing.T) {
			b.open(t, pages[from], 360, "light", true)
			type result struct {
				Status, First string
				Here, Listed  int
				Options       int
			}
			got := eval[result](t, b, `new Promise((done) => {
				const [words, person] = document.querySelectorAll('.filters input, .filters select');
				words.focus();
				words.value = 'PAPERWORK';
				words.dispatchEvent(new Event('input', {bubbles: true}));
				let tries = 0;
				const wait = () => {
					const status = document.querySelector('.found').textContent;
					if (status.endsWith('so far') && tries++ < 500) return setTimeout(wait, 20);
					done({
						Status: status, First: document.querySelector('.elsewhere a')?.getAttribute('href') ?? '',
						Here: [...document.querySelectorAll('.answer')].filter((a) => a.offsetHeight > 0).length,
						Listed: document.querySelectorAll('.elsewhere li').length, Options: person.options.length,
					});
				};
				wait();
			})`)
			all := len(hasAnswer.FindAllString(files[filepath.Base(pages[from])], -1))
			wanted := fmt.Sprintf("%d of %d answers on this page, %d on other pages", got.Here, all, want-got.Here)
			if want-got.Here > 50 {
				wanted += ", of which the first 50 are listed"
			}
			if got.Status != wanted || got.Listed != min(50, want-got.Here) || got.Listed == 0 || got.Options != 13 {
				t.Errorf("got %+v, want %q, as many listed, and all twelve people to choose from", got, wanted)
			}
			page, id, _ := strings.Cut(got.First, "#")
			if !strings.Contains(files[page], `id="`+id+`"`) {
				t.Errorf("the first result leads to %q, which isn't there", got.First)
			}
			wide := eval[int](t, b, "document.documentElement.scrollWidth")
			if wide > 360 {
				t.Errorf("got a page of %d pixels with results, on a screen of 360", wide)
			}
		})
	}
}
