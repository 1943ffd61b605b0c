//go:build goolm && linux

package matrixtest

import (
	"bytes"
	"context"
	"fmt"
	"html"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/attachment"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// SendText sends a message at the top level of a room.
func (p *Person) SendText(room id.RoomID, text string) id.EventID {
	p.t.Helper()
	return p.Send(room, event.EventMessage, textContent(text))
}

// SendHTML sends a formatted message at the top level, or in the thread of root.
func (p *Person) SendHTML(room id.RoomID, root id.EventID, text, formatted string) id.EventID {
	p.t.Helper()
	c := textContent(text)
	c.Format, c.FormattedBody = event.FormatHTML, formatted
	return p.sendTo(room, root, c)
}

// SendInThread sends a message in the thread of root, as the next after what the person has seen there.
func (p *Person) SendInThread(room id.RoomID, root id.EventID, text string) id.EventID {
	p.t.Helper()
	return p.sendTo(room, root, textContent(text))
}

// Reply replies to a message outside of any thread, as clients without threads do.
func (p *Person) Reply(room id.RoomID, to id.EventID, text string) id.EventID {
	p.t.Helper()
	c := textContent(text)
	c.RelatesTo = (&event.RelatesTo{}).SetReplyTo(to)
	return p.Send(room, event.EventMessage, c)
}

// ReplyQuoting is Reply as clients did it before 2025, with the other message quoted before the text.
func (p *Person) ReplyQuoting(room id.RoomID, to id.EventID, text string) id.EventID {
	p.t.Helper()
	of, _ := p.Message(room, to)
	c := textContent(fmt.Sprintf("> <%s> %s\n\n%s", of.Sender, of.Text, text))
	c.Format = event.FormatHTML
	c.FormattedBody = fmt.Sprintf(`<mx-reply><blockquote><a href="https://matrix.to/#/%s/%s">In reply to</a> <a href="https://matrix.to/#/%s">%s</a><br>%s</blockquote></mx-reply>%s`,
		room, to, of.Sender, of.Sender, html.EscapeString(of.Text), html.EscapeString(text))
	c.RelatesTo = (&event.RelatesTo{}).SetReplyTo(to)
	return p.Send(room, event.EventMessage, c)
}

// ReplyInThread replies to one message of the thread of root.
func (p *Person) ReplyInThread(room id.RoomID, root, to id.EventID, text string) id.EventID {
	p.t.Helper()
	c := textContent(text)
	c.RelatesTo = (&event.RelatesTo{Type: event.RelThread, EventID: root}).SetReplyTo(to)
	return p.Send(room, event.EventMessage, c)
}

// Mention sends a message to somebody, whose name comes first, at the top level or in the thread of root.
func (p *Person) Mention(room id.RoomID, root id.EventID, who id.UserID, name, text string) id.EventID {
	p.t.Helper()
	c := textContent(name + ": " + text)
	c.Format = event.FormatHTML
	c.FormattedBody = fmt.Sprintf(`<a href="https://matrix.to/#/%s">%s</a>: %s`, who, html.EscapeString(name), html.EscapeString(text))
	c.Mentions.UserIDs = []id.UserID{who}
	return p.sendTo(room, root, c)
}

// Edit changes one of the person's own messages to another plain text.
func (p *Person) Edit(room id.RoomID, message id.EventID, text string) id.EventID {
	p.t.Helper()
	c := textContent("* " + text)
	c.NewContent = textContent(text)
	c.RelatesTo = (&event.RelatesTo{}).SetReplace(message)
	return p.Send(room, event.EventMessage, c)
}

// Redact redacts a message or a reaction.
func (p *Person) Redact(room id.RoomID, message id.EventID) {
	p.t.Helper()
	_, err := p.client.RedactEvent(context.Background(), room, message)
	p.must(err, "redact "+message.String())
}

// React puts an emoji on a message, and returns the event that does so.
func (p *Person) React(room id.RoomID, to id.EventID, emoji string) id.EventID {
	p.t.Helper()
	e := p.Send(room, event.EventReaction, &event.ReactionEventContent{
		RelatesTo: event.RelatesTo{Type: event.RelAnnotation, EventID: to, Key: emoji},
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reactionEvents[reaction{to, emoji}] = e
	return e
}

// Unreact takes the person's own emoji off a message.
func (p *Person) Unreact(room id.RoomID, to id.EventID, emoji string) {
	p.t.Helper()
	p.mu.Lock()
	e, ok := p.reactionEvents[reaction{to, emoji}]
	delete(p.reactionEvents, reaction{to, emoji})
	p.mu.Unlock()
	if !ok {
		p.t.Fatalf("%s has not put %s on %s", p.name, emoji, to)
	}
	p.Redact(room, e)
}

// A reaction is an emoji on a message.
type reaction struct {
	to    id.EventID
	emoji string
}

// SendFile uploads a file and sends it, at the top level or in the thread of root, with a caption if that is not "".
func (p *Person) SendFile(room id.RoomID, root id.EventID, name, mediaType string, data []byte, caption string) id.EventID {
	p.t.Helper()
	ctx := context.Background()
	c := textContent(name)
	c.MsgType, c.FileName = event.MsgFile, name
	if mediaType == "image/png" || mediaType == "image/jpeg" {
		c.MsgType = event.MsgImage
	}
	if caption != "" {
		c.Body = caption
	}
	c.Info = &event.FileInfo{MimeType: mediaType, Size: len(data)}
	p.mu.Lock()
	p.sync(ctx)
	encrypted, _ := p.client.StateStore.IsEncrypted(ctx, room)
	p.mu.Unlock()
	upload := mautrix.ReqUploadMedia{ContentBytes: data, ContentType: mediaType, FileName: name}
	var file *attachment.EncryptedFile
	if encrypted {
		file = attachment.NewEncryptedFile()
		data = bytes.Clone(data)
		file.EncryptInPlace(data)
		upload = mautrix.ReqUploadMedia{ContentBytes: data, ContentType: "application/octet-stream"}
	}
	resp, err := p.client.UploadMedia(ctx, upload)
	p.must(err, "upload "+name)
	if encrypted {
		c.File = &event.EncryptedFileInfo{EncryptedFile: *file, URL: resp.ContentURI.CUString()}
	} else {
		c.URL = resp.ContentURI.CUString()
	}
	return p.sendTo(room, root, c)
}

// Repost sends a message's formatted text at the top level, as if it was copied and pasted.
func (p *Person) Repost(room id.RoomID, message id.EventID) id.EventID {
	p.t.Helper()
	of, ok := p.Message(room, message)
	if !ok || of.Content == nil {
		p.t.Fatalf("%s can't see %s", p.name, message)
	}
	c := textContent(of.Content.Body)
	c.Format, c.FormattedBody = of.Content.Format, of.Content.FormattedBody
	return p.Send(room, event.EventMessage, c)
}

func textContent(text string) *event.MessageEventContent {
	return &event.MessageEventContent{MsgType: event.MsgText, Body: text, Mentions: &event.Mentions{}}
}

func (p *Person) sendTo(room id.RoomID, root id.EventID, c *event.MessageEventContent) id.EventID {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if root != "" {
		c.RelatesTo = (&event.RelatesTo{}).SetThread(root, p.room(room).last(root))
	}
	return p.send(room, event.EventMessage, c)
}
