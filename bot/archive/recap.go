package archive

import (
	"bufio"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// maxRecapLinks is how many links a recap lists; the page of resources has all.
const maxRecapLinks = 40

// A recap is a draft for the organisers' blog: thanks, the leader, the numbers, the links, the transcript and the next
// date. recap.html is for pasting from a browser, recap.md for Markdown.
type recap struct {
	pageHead
	Thanks, Counts string // sentences
	Questions      []recapQuestion
	Links          []recapLink
	MoreLinks      int
	Base           string // of the chat's pages on the web, with a slash at its end; "" for beside the recap
	Next           string // a sentence
}

// A recapQuestion is one question, in short.
type recapQuestion struct{ ID, Label, Text, Count string }

// A recapLink is a link and who shared it first.
type recapLink struct{ URL, Who string }

func newRecap(view *chatView, r *resources) recap {
	v := recap{pageHead: pageHead{chatView: view, Page: "recap", Heading: "Recap (a draft)"}, Base: chatURL(view.opts.URL, view.chat.Slug)}
	v.Thanks = "Thank you to everybody who took part in " + orDefault(view.Hashtag, "our chat") + " on " + view.chat.Starts.Format("Monday 2 January 2006")
	if view.Leader != "" {
		v.Thanks += ", and to " + view.Leader + ", who led it"
	}
	v.Thanks += "."
	n := view.stats
	v.Counts = fmt.Sprintf("%s gave %s in %s", plural(n.People, "person", "people"), plural(n.Answers, "answer", "answers"),
		plural(len(view.Workspaces), "workspace", "workspaces"))
	if n.FirstTimes > 0 {
		v.Counts += "; " + plural(n.FirstTimes, "of them was here", "of them were here") + " for the first time"
	}
	v.Counts += "."
	for _, q := range view.chat.Questions {
		s := questions.QuestionSection(q.N)
		v.Questions = append(v.Questions, recapQuestion{string(s), view.label(s), parse(q.Text).PlainText(), plural(n.Sections[s].Answers, "answer", "answers")})
	}
	for _, one := range r.all {
		if len(v.Links) == maxRecapLinks {
			v.MoreLinks++
			continue
		}
		link := recapLink{URL: one.URL}
		if one.section != "" && len(one.Mentions) > 0 {
			link.Who = one.Mentions[0].Who
		}
		v.Links = append(v.Links, link)
	}
	v.Next = view.nextChatText()
	return v
}

func orDefault(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// chatURL is the web address of a chat's pages, with a slash at its end; "" if it isn't known.
func chatURL(base, slug string) string {
	if base == "" {
		return ""
	}
	return strings.TrimSuffix(base, "/") + "/" + url.PathEscape(slug) + "/"
}

// findNextChat is the next planned chat after this one; nil for none.
func findNextChat(c questions.Chat, o Options) *recordNext {
	var next questions.Chat
	for _, other := range o.Chats {
		if other.Starts.After(c.Starts) && (next.Slug == "" || other.Starts.Before(next.Starts)) {
			next = other
		}
	}
	if next.Slug == "" {
		return nil
	}
	next = normaliseTranscript(questions.Transcript{Chat: next}).Chat
	return &recordNext{next.Title, next.Leader, next.Starts.UTC(), next.Starts.Location().String()}
}

// nextChatText names the next planned chat, or else its date by the rule of the series.
func (view *chatView) nextChatText() string {
	const form = "Monday 2 January 2006, 15:04 MST"
	switch {
	case view.next != nil:
		starts := view.next.Starts
		if zone, err := time.LoadLocation(view.next.Zone); err == nil { // else it stays UTC, and says so
			starts = starts.In(zone)
		}
		s := "Next: " + singleLine(view.next.Title) + ", " + starts.Format(form)
		if leader := singleLine(view.next.Leader); leader != "" {
			s += ", led by " + leader
		}
		return s + "."
	case !view.chat.Series.IsZero():
		at := view.chat.Series.Next(view.chat.Ends)
		return "The next chat is on " + at.Format(form) + " (" + view.chat.Series.String() + ")."
	default:
		return "The next date will follow."
	}
}

func writeRecap(d *stagingDir, view *chatView, r *resources) error {
	v := newRecap(view, r)
	f, err := d.create("recap.html")
	if err != nil {
		return err
	}
	if err := (&pageWriter{w: f, view: view}).write("recap", v); err != nil {
		return err
	}
	if err := d.finish(f); err != nil {
		return err
	}
	if f, err = d.create("recap.md"); err != nil {
		return err
	}
	if err := v.markdown(f); err != nil {
		return err
	}
	return d.finish(f)
}

func (v recap) markdown(f *stagedFile) error {
	w := bufio.NewWriter(f)
	print := func(format string, args ...any) { fmt.Fprintf(w, format, args...) }
	print("# %s\n\n%s\n\n%s\n", escapeMarkdown(v.Title), escapeMarkdown(v.Thanks), escapeMarkdown(v.Counts))
	if len(v.Questions) > 0 {
		print("\n## What we talked about\n\n")
		for _, q := range v.Questions {
			print("- **%s** %s ([%s](%sindex.html#%s))\n", q.Label, escapeMarkdown(q.Text), q.Count, v.Base, q.ID)
		}
	}
	if len(v.Links) > 0 {
		print("\n## Links people shared\n\n")
		for _, link := range v.Links {
			print("- %s", linkMarkdown(link.URL))
			if link.Who != "" {
				print(", from %s", escapeMarkdown(link.Who))
			}
			print("\n")
		}
		if v.MoreLinks > 0 {
			print("- [and %s more](%sresources.html)\n", formatNumber(v.MoreLinks), v.Base)
		}
	}
	print("\n## Read the transcript\n\nYou can read the whole chat [by question](%sindex.html) and [in time order](%stime.html).\n\n%s\n\n", v.Base, v.Base, escapeMarkdown(v.Next))
	print("Would you like to lead a chat? Please get in touch.\n")
	return w.Flush()
}
