// Package adapters is the contract between the bot and the platforms on which a chat is held. The bot knows nothing of
// a platform but what stands here; an adapter knows nothing of chats, questions or other platforms.
//
// Text crosses the contract as CommonMark in both directions, with one addition: an instant is written as the inline
// HTML <time datetime="2026-12-15T20:00:00Z">Tuesday 15 December, 20:00 GMT</time>. A platform that can show each
// reader their own time uses the attribute; all others show the words inside. Any other HTML is text.
//
// The promises made here are kept by the conformance suite in adapters/adaptertest, which every adapter passes.
package adapters

import (
	"context"
	"io"
	"iter"
	"time"
)

// Identifiers are opaque to all but the adapter that made them. They are valid UTF-8 without spaces, and the same
// thing has the same identifier for ever, across restarts.
type (
	RoomID    string
	MessageID string // unique in its room
	UserID    string // unique in its workspace
)

// A Ref names one message of a workspace.
type Ref struct {
	Room RoomID
	ID   MessageID
}

// A Room is a channel or room of a workspace in which chats are held.
type Room struct {
	ID   RoomID
	Name string // as its people call it, for instance "#ukmedlibs"
	// Pace is the least time between two messages of the bot in this room that the platform bears for long. Zero
	// means that it knows no limit.
	MinInterval time.Duration
}

// A User is somebody in a workspace.
type User struct {
	ID      UserID
	Name    string // as shown in the room; never empty
	Picture string // an https address, one that its platform alone knows (mxc://…), or ""
}

// An Adapter is one workspace: a connection to one platform under one account. All methods may be called from several
// goroutines at once. Constructors of adapters start nothing and connect to nothing.
type Adapter interface {
	// Join finds a room by the name or ID that an admin wrote, and enters it if it can. It may be repeated. The error
	// says what the admin can do about it; one that wraps *RetryError may pass, any other won't.
	Join(ctx context.Context, name string) (Room, error)

	// Run hears: it hands every update of the joined rooms to sink, reconnects by itself, and returns nil soon after
	// ctx is done, with no goroutine left behind. Any other return is an error that no retry mends. Run is called once.
	//
	// The adapter's own posts are never heard as messages, whatever name they were said under. What happened while
	// the adapter was not running is heard later if the platform still has it.
	Run(ctx context.Context, sink Sink) error

	// Post says p and returns the ID of the message, which is also the ID of the thread that it may begin. An error
	// that wraps *RetryError may pass: the same post will be tried again with Again set. Any other error is final.
	// Without the Leave of ctx, which is the last thing to be asked for, nothing is said, and the error may pass.
	Post(ctx context.Context, p Post) (MessageID, error)
}

// A Sink takes one update. Nil means that the update is stored: only then may the adapter acknowledge it to the
// platform, or advance its own cursor. On an error the adapter delivers the update again, later or after a restart.
// The same update may come twice, and updates of different messages in any order.
type Sink func(context.Context, Update) error

// An Update is something that happened in a joined room: *Message, *Edit, *Deletion, *Reaction, *Arrival, *Renamed,
// *Undecrypted, or a *Gap. A *Command may come from elsewhere, too.
type Update interface{ update() }

// A Message was said by a person. Adapters that know all of an edited message send it as a Message with Edited set,
// even where the platform calls it an edit: then neither order nor a lost original matters.
type Message struct {
	Ref
	Thread   MessageID // the root of its thread; "" at the top level
	Author   User
	Text     string
	At       time.Time // the platform's time, to the millisecond
	EditedAt time.Time // when Text came to read so, if that was later; else zero
	Files    []File    // which do without a Text, too

	// ToBot says that the message begins with the bot's name as people mention it, or with "!catchword", in any case of
	// letters, and Command is what follows that, as Addressed finds it. Whether it is a command is for the bot to tell:
	// it may also be an answer that begins so. Text holds all of it.
	ToBot   bool
	Command string

	// The rest is known from a Historian only.
	FromBot    bool                // it is a post of the bot's: its reactions alone matter
	HasReplies bool                // there are replies in the thread that it began
	Reactions  map[string][]UserID // who put which emoji on it, without the bot; nil for unknown
}

// A File is attached to a message.
type File struct {
	Name string
	Type string // media type, such as "image/png"; "" for unknown
	Size int64  // in bytes; 0 for unknown
	URL  string // on the platform, for its adapter alone to open; it may hold the key of an encrypted file
}

// An Edit gives a message a new text. Of a message that was never heard, it is of no effect. Without a Room, it is what
// somebody said in a private conversation that reads otherwise now: the ID is that of its Command.
type Edit struct {
	Ref
	Text string    // as in a Message, or as in a Command
	At   time.Time // an edit older than one already taken is of no effect
}

// A Deletion takes a message back, for good. It may come before the message itself does. Without a Room, it is one of a
// private conversation, as in an Edit.
type Deletion struct {
	Ref
	At time.Time
}

// A Reaction puts one person's emoji on a message, or takes it off.
type Reaction struct {
	Ref
	User  UserID
	Emoji string // the character, such as "👍", or a workspace's own as ":name:"
	Added bool
	At    time.Time
}

// A Command is what a person said to the bot alone, and not to a room: a slash command, the press of a button, or a
// message in a private conversation with it. Nobody else has seen it. A message in a room is never a Command: see
// Message.ToBot.
type Command struct {
	ID   string // the same for the same command, however often it is delivered; unique in its workspace
	Room RoomID // the joined room in which it was given; "" for a private conversation, and for any other place
	User User
	Text string // what follows the bot's name, as CommonMark, without white space at either end; "" for nothing
	At   time.Time
}

// A MemberJoined says that somebody has come into a joined room, not counting the bot, nor other programs where the
// platform tells them from people. Matrix does not: somebody whom a bridge shows there is a person like all others.
type MemberJoined struct {
	Room RoomID
	User User
	At   time.Time
}

// RoomRenamed says that people call a room by another name now.
type RoomRenamed struct {
	Room RoomID
	Name string
}

// An Undecrypted says that there is a message in a joined room to which the adapter lacks the key: whoever reads an
// archive is told how many there were. Should the key come, the message is heard as a *Message with its own time, and
// then once more as an Undecrypted with Settled set. That it is settled is kept, whichever comes last.
type Undecrypted struct {
	Ref
	At       time.Time // when it was said
	Resolved bool
}

// A Gap says that the adapter may have missed what happened in its rooms until now, because a connection was lost. The
// bot then reads their History, if the adapter is a Historian. The start of Run is a gap that needs no saying.
type Gap struct {
	Since time.Time // until when nothing was missed; zero for unknown
}

func (*Message) update()      {}
func (*Edit) update()         {}
func (*Deletion) update()     {}
func (*Undecrypted) update()  {}
func (*Reaction) update()     {}
func (*Command) update()      {}
func (*MemberJoined) update() {}
func (*RoomRenamed) update()  {}
func (*Gap) update()          {}

// A Post is one thing to say in one room.
type Post struct {
	// Key is the same for the same post, however often and after however many restarts it is tried, and differs
	// between any two posts. One Key gives at most one visible message.
	Key string
	// Again means that an earlier try may have got through. The adapter looks for it before it says it twice, and
	// returns the ID of the message that is there, with the text it had.
	Retry bool

	Room   RoomID
	Thread MessageID // the root to answer under; "" for the top level
	As     Persona   // under whose name; zero for the bot's own

	// Text is CommonMark; mass mentions in it never go live. An empty Text, which comes with Again only, says nothing:
	// the post was taken back while it was in doubt, and Post returns the message of the earlier try, or "" if there is
	// none.
	Text string
	// Buttons are shown below what is whispered, where the platform has such a thing. Text says the same in words for
	// all others. A press is heard as a *Command with the button's command as its Text.
	Buttons []Button
}

// A Button gives a command at a press.
type Button struct {
	Label   string // a word or two, without markup
	Command string // as in Command.Text
}

// A Persona is the author of a passed-on message. A platform that cannot show another name and picture on a message of
// the bot's puts Line before the text instead.
type Persona struct {
	Name      string
	Picture   string // as of a User: a platform that can't show it leaves it out
	Workspace string // where the author is
}

// Byline is how a persona is shown where there is text alone: "Name · workspace".
func (p Persona) Byline() string {
	if p.Workspace == "" {
		return p.Name
	}
	return p.Name + " · " + p.Workspace
}

// The abilities below are optional. The bot asks for each once, by type assertion. A method may still return an error
// wrapping errors.ErrUnsupported, where a permission is missing: the bot then does without. All may be repeated.
type (
	// An Editor makes a post of its own read as p.Text; p is the post as it was said, but for the text.
	Editor interface {
		Edit(ctx context.Context, id MessageID, p Post) error
	}
	// A Deleter takes a post of its own back. That it is already gone is no error.
	Deleter interface {
		Delete(ctx context.Context, ref Ref) error
	}
	// A Reactor puts the bot's own reaction on any message, or takes it off. That it is so already is no error.
	Reactor interface {
		React(ctx context.Context, ref Ref, emoji string, on bool) error
	}
	// A Timestamper tells when a post of its own appeared, by the same clock as Message.At: what was said before and
	// after it is told apart by that.
	Timestamper interface {
		Timestamp(ctx context.Context, ref Ref) (time.Time, error)
	}
	// A Permalinker gives the address at which people who are in the room find a message of the top level. It asks the
	// platform as little as it can, for a question waits for it to be said.
	Permalinker interface {
		Permalink(ctx context.Context, ref Ref) (string, error)
	}
	// A HistoryReader reads what a room still has: every message that exists in a thread, or at the top level if thread
	// is "", that was said from since on, in the order in which they were said. Messages that the adapter ignores, and
	// the root of a thread, are left out. It ends with an error where it cannot be complete, for then what is missing
	// was not deleted; what came before the error is true all the same.
	HistoryReader interface {
		History(ctx context.Context, room RoomID, thread MessageID, since time.Time) iter.Seq2[*Message, error]
	}
	// An EphemeralPoster says p so that one user alone sees it: in p.Room, or in a private conversation if that is ""
	// or has no such way. It may be lost, and is not tried twice once it returned nil. Thread and As of p are of no
	// effect.
	EphemeralPoster interface {
		PostEphemeral(ctx context.Context, to UserID, p Post) error
	}
	// A Checker looks whether everything is there that a chat needs in these rooms, which are named as an admin wrote
	// them, with these hosts. It neither says nor changes anything, enters no room, and works while another process of
	// the same workspace runs. What cannot be found out, for instance because the platform can't be reached, is a
	// finding as well. It is for an admin who reads all of it, in order: first of the workspace and the hosts, then of
	// each room.
	Checker interface {
		Check(ctx context.Context, rooms []string, hosts []UserID) []Finding
	}
	// A Reporter tells how hearing goes, for those who watch over the program. It answers at once, at any time.
	Reporter interface {
		Report() Report
	}
	// An UserDataEraser erases what its adapter itself keeps of somebody, on this machine alone, and overwrites nothing
	// of theirs on the platform. What it can't do without while they are in a joined room stays until they have left.
	// Keeps counts what Forget would erase. Run need not be on its way, and may be in another process.
	UserDataEraser interface {
		CountUserData(ctx context.Context, who UserID) (int, error)
		EraseUserData(ctx context.Context, who UserID) error
	}
	// A Downloader opens a file that was attached to a message of its workspace, with the bot's own authorisation, and
	// says of what media type the platform takes it to be, "" for unknown. Run need not be on its way. The caller
	// closes what it gets, and bounds what it reads. What is not the platform's own is not fetched: its address is a
	// stranger's, and the authorisation goes to nobody else. A page to sign in is an error, not a file.
	Downloader interface {
		Download(ctx context.Context, f File) (body io.ReadCloser, mediaType string, err error)
	}
)

// A Finding is what a Checker has found out about one thing.
type Finding struct {
	Room    string // as the admin wrote it; "" for the workspace as a whole
	Check   string // what was looked at, in a few words: "bot token", "membership"
	Verdict Verdict
	Detail  string // what was found, without secrets; it may be ""
	Remedy  string // what an admin can do about it; "" where nothing has to be done
}

// A Verdict is what a Finding means for a chat.
type Verdict int

const (
	OK      Verdict = iota
	Warning         // the chat goes on without it
	Failed          // it does not
)

// A Report is how hearing goes in one workspace. What it counts, it counts since the adapter was made.
type Report struct {
	Receiving   bool // updates come in now, as far as is known
	Reconnects  int  // connections that were lost, not counting those that the platform renews by its own plan
	Backfills   int  // stretches of updates that the platform left out and the adapter fetched by itself
	Undecrypted int  // messages that wait for the keys to read them: as many as there are now
}

// A RetryError is a failure that may pass: a rate limit, a lost connection, a platform that is down.
type RetryError struct {
	After time.Duration // how long the platform asks to wait; zero leaves it to the caller
	Err   error
}

func (e *RetryError) Error() string { return e.Err.Error() }
func (e *RetryError) Unwrap() error { return e.Err }
