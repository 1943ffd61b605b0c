package archive

import (
	"io"

	"github.com/google/uuid"
	"github.com/gorilla/feeds"
)

// maxFeedEntries is how many of the newest chats the feed lists.
const maxFeedEntries = 50

// uuidNamespace makes the identifiers in feeds and calendars. They don't change when the archive moves to another
// address.
var uuidNamespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/ukmedlibs/catchword"))

// chatUUID is a chat's permanent identifier.
func chatUUID(slug string) string { return uuid.NewSHA1(uuidNamespace, []byte(slug)).String() }

// writeFeed writes the past chats as Atom, newest first: https://www.rfc-editor.org/rfc/rfc4287. If the archive's
// address isn't known, the links are relative to the feed.
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

// summaryLine describes a chat in a sentence or two.
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
