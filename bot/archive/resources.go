package archive

import (
	"bufio"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ukmedlibs/catchword/questions"
)

const (
	maxShownMentions = 10  // of one link, that are shown with their words; the others are counted
	maxContext       = 280 // characters of them
	maxPageLinks     = 250 // on one page
)

// resources are the links that were shared, each once, in the order of sections and their answers.
type resources struct {
	d    *stagingDir
	view *chatView
	seen map[string]*resource
	all  []*resource
}

// A resource is one link.
type resource struct {
	URL      string // as it was shared first
	Host     string
	Mentions []mention
	More     int // mentions beside those
	section  questions.Section
}

// A mention is an answer, or a text of the chat's own, that shared the link.
type mention struct {
	Href    string // the answer's
	Who     string
	Where   string // "Q3", where that isn't the heading
	Context string
}

func newResources(d *stagingDir, view *chatView) *resources {
	r := &resources{d: d, view: view, seen: map[string]*resource{}}
	r.add(parse(view.chat.Introduction), "", mention{Href: "index.html#introduction", Who: "The introduction"})
	for _, q := range view.chat.Questions {
		s := questions.QuestionSection(q.N)
		for _, words := range append([]string{q.Text}, q.Points...) {
			r.add(parse(words), s, mention{Href: "index.html#" + string(s), Who: "The question"})
		}
	}
	return r
}

func (r *resources) answer(a questions.Answer, words markdownText) error {
	if a.Withdrawn {
		return nil
	}
	r.add(words, a.Section, mention{Href: r.view.pageOf(a) + "#" + Anchor(a.Workspace, a.Room, a.Message), Who: authorName(a)})
	return nil
}

func (r *resources) add(words markdownText, s questions.Section, m mention) {
	for _, link := range words.links() {
		key := urlKey(link)
		if key == "" {
			continue
		}
		at := r.seen[key]
		if at == nil {
			u, _ := url.Parse(link) // comparable could
			at = &resource{URL: link, Host: singleLine(u.Hostname()), section: s}
			r.seen[key] = at
			r.all = append(r.all, at)
		}
		if len(at.Mentions) == maxShownMentions {
			at.More++
			continue
		}
		if slices.ContainsFunc(at.Mentions, func(other mention) bool { return other.Href == m.Href }) {
			continue // twice in one answer
		}
		if s != at.section {
			m.Where = r.view.label(s)
		}
		m.Context = truncate(words.PlainText(), maxContext)
		at.Mentions = append(at.Mentions, m)
	}
}

// urlKey is the same for two addresses of one page. It ignores tracking parameters, http or https, capitals in the
// host, and a slash at the end. It is "" for anything that isn't a web page.
func urlKey(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || strings.ContainsFunc(link, func(c rune) bool { return c <= ' ' }) {
		return ""
	}
	if scheme := strings.ToLower(u.Scheme); scheme != "http" && scheme != "https" {
		return ""
	}
	query := strings.Split(u.RawQuery, "&")
	query = slices.DeleteFunc(query, func(field string) bool {
		name, _, _ := strings.Cut(strings.ToLower(field), "=")
		return name == "" || strings.HasPrefix(name, "utm_") || slices.Contains(trackingParams, name)
	})
	fragment := u.EscapedFragment()
	if strings.HasPrefix(fragment, ":~:") || strings.HasPrefix(fragment, "utm_") {
		fragment = ""
	}
	host := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(u.Host), ":443"), ":80")
	return host + strings.TrimSuffix(u.EscapedPath(), "/") + "?" + strings.Join(query, "&") + "#" + fragment
}

// trackingParams are parameters that tell where a reader came from, and don't change the page.
var trackingParams = []string{
	"fbclid", "gclid", "dclid", "msclkid", "twclid", "igshid", "igsh", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "ref_src", "ref_url",
}

// truncate shortens a line of text.
func truncate(words string, maxN int) string {
	if utf8.RuneCountInString(words) <= maxN {
		return words
	}
	cut := string([]rune(words)[:maxN])
	if i := strings.LastIndexByte(cut, ' '); i > maxN/2 {
		cut = cut[:i]
	}
	return cut + "…"
}

// A resourceGroup is a heading on the page of resources, with its links.
type resourceGroup struct {
	ID, Label string
	Continued bool
	Text      template.HTML
	Resources []*resource
}

// end writes links.txt, which web archivers can read, the pages of resources, and the recap, which lists some of them.
func (r *resources) end() error {
	list, err := r.d.create("links.txt")
	if err != nil {
		return err
	}
	w := bufio.NewWriter(list)
	for _, one := range r.all {
		w.WriteString(one.URL + "\n") //nolint:errcheck // Flush tells
	}
	if err := w.Flush(); err != nil {
		return err
	}
	// The chat's own links come first, then those of its sections in order.
	order := append([]questions.Section{""}, r.view.sections...)
	slices.SortStableFunc(r.all, func(a, b *resource) int {
		return slices.Index(order, a.section) - slices.Index(order, b.section)
	})
	pages := max(1, (len(r.all)+maxPageLinks-1)/maxPageLinks)
	for n := 1; n <= pages; n++ {
		f, err := r.d.create(pageName("resources", n))
		if err != nil {
			return err
		}
		p := pageWriter{w: f, view: r.view}
		from := (n - 1) * maxPageLinks
		err = p.write("resources", struct {
			pageHead
			Groups []resourceGroup
			Links  int
		}{
			pageHead{chatView: r.view, Page: "resources", Heading: "Resources", Pager: newPager(n, pages, func(n int) string { return pageName("resources", n) })},
			r.groups(r.all[from:min(from+maxPageLinks, len(r.all))]), len(r.all),
		})
		if err != nil {
			return err
		}
		if err := r.d.finish(f); err != nil {
			return err
		}
	}
	return writeRecap(r.d, r.view, r)
}

func (r *resources) groups(some []*resource) (all []resourceGroup) {
	for i, one := range some {
		if i == 0 || one.section != some[i-1].section {
			g := resourceGroup{ID: "resources-" + string(one.section), Label: "Introduction"}
			if one.section != "" {
				g.Label = r.view.label(one.section)
				if q, ok := r.view.question(one.section); ok {
					if g.Text, ok = parse(q.Text).InlineHTML(); !ok {
						g.Text = template.HTML(template.HTMLEscapeString(truncate(parse(q.Text).PlainText(), maxContext))) //nolint:gosec // escaped
					}
				}
			}
			all = append(all, g)
		}
		at := &all[len(all)-1]
		at.Resources = append(at.Resources, one)
	}
	return all
}
