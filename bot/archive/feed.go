package archive

import (
	"io"

	"github.com/google/uuid"
	"github.com/gorilla/feeds"
)

// maxFeedEntries is how many chats the feed tells of: the newest.
const maxFeedEntries = 50

// uuidNamespace is the space of names from which feeds and calendars have their identifiers: a chat keeps its own wherever the
// archive moves, which an address would not.
var uuidNamespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/ukmedlibs/catchword"))

// chatUUID is a chat's name for ever, for programs.
func chatUUID(slug string) string { return uuid.NewSHA1(uuidNamespace, []byte(slug)).String() }

// writeFeed writes the chats that were held as Atom, see https://www.rfc-editor.org/rfc/rfc4287, newest first. Where
// nobody knows the archive's address its links are relative to the feed's own.
func (s *series) writeFeed(w io.Writer) error {
	feed := &feeds.Feed{
		Title: s.Title, Link: &feeds.Link{Href: orDefault(s.opts.URL, "index.html"), Rel: "alternate"},
		Author: &feeds.Author{Name: s.Title},
	}
	for i := len(s.chats) - 1; i >= 0 && len(feed.Items) < maxFeedEntries; i-- {
		c := s.chats[i]
		if c.Changed.After(feed.Updated) {
			feed.Updated = c.Changed
		}
		feed.Add(&feeds.Item{
			Id: "urn:uuid:" + chatUUID(c.Slug), Title: c.Title,
			Link:        &feeds.Link{Href: orDefault(chatURL(s.opts.URL, c.Slug), chatURL(".", c.Slug)+"index.html"), Rel: "alternate", Type: "text/html"},
			Description: summaryLine(c), Created: c.Starts.UTC(), Updated: c.Changed.UTC(),
		})
	}
	atom := (&feeds.Atom{Feed: feed}).AtomFeed()
	first := ""
	if len(s.chats) > 0 {
		first = s.chats[0].Slug
	}
	atom.Id = "urn:uuid:" + chatUUID("all chats since "+first)
	if feed.Updated.IsZero() {
		atom.Updated = "1970-01-01T00:00:00Z" // required, and there is nothing yet
	}
	for _, e := range atom.Entries {
		e.Summary.Type = "text" // feeds takes every summary for HTML
	}
	return feeds.WriteXML(atom, w)
}

// summaryLine is a chat in one sentence or two.
func summaryLine(c *seriesChat) string {
	words := c.Starts.Format("Monday 2 January 2006, 15:04 MST")
	if c.Leader != "" {
		words += ", led by " + c.Leader
	}
	words += ": " + answersBy(c.Answers, c.People) + "."
	if c.Words != "" {
		words += " " + singleLine(c.Words)
	}
	return words
}
