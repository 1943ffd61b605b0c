// Package adapters is the contract between the bot and the platforms on which a chat runs. The bot knows nothing
// about a platform except what is written here; an adapter knows nothing about chats, questions or other platforms.
//
// # Text
//
// Text crosses the contract as CommonMark in both directions, with one addition. An instant is written as inline HTML:
//
//	<time datetime="2026-12-15T20:00:00Z">Tuesday 15 December, 20:00 GMT</time>
//
// A platform that can show each reader their own time uses the attribute; all others show the words inside. Any other
// HTML is text.
//
// # Keeping the promises
//
// The conformance suite in adapters/adaptertest checks the promises made here. Every adapter passes it.
package adapters

import (
	"cmp"
	"context"
	"io"
	"iter"
	"time"
)

// Identifiers mean something only to the adapter that made them. They are valid UTF-8 without spaces. The same thing
// always has the same identifier, across restarts too.
type (
	RoomID    string
	MessageID string // unique in its room
	UserID    string // unique in its workspace
)

// A Ref identifies one message of a workspace.
type Ref struct {
	Room RoomID
	ID   MessageID
}

// A Room is a Slack channel, a Matrix room, or whatever else a platform has for people to chat in.
type Room struct {
	ID   RoomID
	Name string // what people call it, for instance "#ukmedlibs"
	// MinInterval is the time to leave between two messages of the bot in this room when many are waiting, so that the
	// platform doesn't rate-limit them. Zero means that no limit is known.
	MinInterval time.Duration
}

// A User is a person in a workspace.
type User struct {
	ID      UserID
	Name    string // as shown in the room, from CleanName
	Picture string // an https address, an address that only the platform knows (mxc://…), or ""
}

// An Adapter is one workspace: a connection to one platform under one account. All methods may be called from several
// goroutines at once. The constructor of an adapter starts no goroutine and opens no connection.
type Adapter interface {
	// Join finds the room that an admin named, by name or ID, and enters it if it can. It may be called again for the
	// same room. The error tells the admin what to do. If it wraps *RetryError, trying again may help; otherwise it
	// won't.
	Join(ctx context.Context, name string) (Room, error)

	// Run receives: it hands every update of the joined rooms to sink and reconnects by itself. When ctx is done it
	// returns nil soon, and leaves no goroutine behind. If it returns for any other reason, its error is one that no
	// retry fixes. Run is called once.
	//
	// The adapter's own posts never arrive as messages, whatever name they were posted under. What happened while the
	// adapter was not running arrives later, if the platform still has it: of each person, first what they sent in
	// private, because it may be that they opt out.
	Run(ctx context.Context, sink Sink) error

	// Post posts p and returns the ID of the message, which is also the ID of the thread that replies to it form. If
	// the error wraps *RetryError, the bot tries the same post again with Retry set. If it wraps *ClosedError, nothing
	// was posted, and the bot tries again when the room may be open. Any other error is final: the post itself is
	// refused. The same goes for Editor, Deleter and Reactor.
	//
	// Immediately before it sends anything, Post calls CheckLease. If that fails, nothing is posted and the error wraps
	// *RetryError.
	Post(ctx context.Context, p Post) (MessageID, error)
}

// A Sink takes one update. When it returns nil the update is stored, and only then may the adapter acknowledge it to
// the platform or advance its own cursor. When it returns an error, the adapter delivers the update again, later or
// after a restart. The same update may be delivered twice, and updates of different messages may come in any order.
type Sink func(context.Context, Update) error

// An Update is something that happened in a joined room: a *Message, *Edit, *Deletion, *Reaction, *MemberJoined,
// *FileDeleted, *UserRedacted, *RoomRenamed, *RoomOpened, *Undecrypted or *Gap. A *Command may also come from
// elsewhere.
type Update interface{ update() }

// A Message was posted by a person. An adapter that knows the whole of an edited message sends a Message with
// EditedAt set, even if the platform calls it an edit: then it doesn't matter in which order they arrive, or whether
// the original was lost.
type Message struct {
	Ref
	Thread   MessageID // the first message of its thread; "" at the top level
	Author   User
	Text     string    // may be empty if there are Files
	At       time.Time // by the platform's clock, to the millisecond
	EditedAt time.Time // when Text last changed; zero if it never did
	Files    []File

	// ToBot is set if the message begins with the bot's name, as people mention it, or with "!catchword" in any case.
	// Command is what follows; ParseMention finds both. Whether it really is a command is for the bot to decide: it
	// may be an answer that happens to begin with the bot's name. Text holds the whole message.
	ToBot   bool
	Command string

	// Only a HistoryReader sets the fields below.
	FromBot    bool                // the bot posted it: only its reactions matter
	HasReplies bool                // it is the first message of a thread
	Reactions  map[string][]UserID // by emoji, who reacted, without the bot; nil if unknown
}

// A File is attached to a message.
type File struct {
	Name string // from CleanFileName
	Type string // the media type, such as "image/png"; "" if unknown
	Size int64  // in bytes; 0 if unknown
	URL  string // where the adapter, and nobody else, can get it; it may contain the key of an encrypted file
}

// An Edit gives a message a new text. It is for adapters that don't know the whole of an edited message. It has no
// effect if the message never arrived.
type Edit struct {
	Ref
	Text string    // as in Message.Text
	At   time.Time // an edit older than the latest one has no effect
}

// A Deletion removes a message for good. It may arrive before the message does. Without a Room, it deletes what
// somebody sent in a private conversation: its ID is then that of the Command.
type Deletion struct {
	Ref
	At time.Time
}

// A FileDeleted says that a file is gone from all the messages that it was attached to.
type FileDeleted struct {
	URLPart string // what the File.URL of this file contains, and no other's
	At      time.Time
}

// A UserRedacted says that a moderator has removed everything that somebody posted in a room until then, reactions
// included.
type UserRedacted struct {
	Room RoomID
	User UserID
	At   time.Time
}

// A Reaction adds one person's emoji to a message, or removes it.
type Reaction struct {
	Ref
	User  UserID
	Emoji string // the character, such as "👍", or a workspace's own emoji as ":name:"
	Added bool   // removed if not
	At    time.Time
}

// A Command is something that a person sent to the bot alone: a slash command, the press of a button, or a message in a
// private conversation. Nobody else has seen it. A message in a room is never a Command: see Message.ToBot.
//
// A message in a private conversation that is edited comes again, as a Command with the same ID.
type Command struct {
	ID   string // unique in its workspace; the same each time the command is delivered
	Room RoomID // the joined room in which it was given; "" for a private conversation and everywhere else
	User User
	Text string // CommonMark, without the bot's name and without white space at either end; may be ""
	At   time.Time

	EditedAt time.Time // when Text last changed; zero if it never did
}

// A MemberJoined says that somebody has joined a room. The bot itself doesn't count, nor do other programs on platforms
// that tell them from people. Matrix doesn't: people whom a bridge brings in are members like all others.
type MemberJoined struct {
	Room RoomID
	User User
	At   time.Time
}

// RoomOpened says that a room may take posts again, or may be joined: the bot was invited, the room was unarchived, or
// permissions have changed. It may come when nothing was wrong.
type RoomOpened struct {
	Room RoomID
}

// RoomRenamed says that a room has a new name.
type RoomRenamed struct {
	Room RoomID
	Name string
}

// An Undecrypted says that the adapter lacks the key to a message in a joined room. Readers of an archive are told how
// many of these there were. If the key comes later, the message arrives as a *Message with its own time, and then once
// more as an Undecrypted with Resolved set. Resolved counts, whichever of the two arrives last.
type Undecrypted struct {
	Ref
	At       time.Time // when the message was posted
	Resolved bool
}

// A Gap says that the adapter lost a connection and may have missed what happened in its rooms until now. The bot then
// backfills from their History, if the adapter is a HistoryReader. It does so at the start of Run without being told.
type Gap struct {
	Since time.Time // nothing was missed before; zero if unknown
}

func (*Message) update()      {}
func (*Edit) update()         {}
func (*Deletion) update()     {}
func (*FileDeleted) update()  {}
func (*UserRedacted) update() {}
func (*Undecrypted) update()  {}
func (*Reaction) update()     {}
func (*Command) update()      {}
func (*MemberJoined) update() {}
func (*RoomRenamed) update()  {}
func (*RoomOpened) update()   {}
func (*Gap) update()          {}

// A Post is one message for the bot to post in one room.
type Post struct {
	// Key identifies the post. It stays the same however often the post is tried and however many restarts come in
	// between, and no two posts share one. The adapter shows at most one message per Key.
	Key string
	// Retry means that an earlier attempt may have succeeded. The adapter looks for that message before it posts
	// again. If it finds one, it returns its ID and leaves its text as it is.
	Retry bool

	Room   RoomID
	Thread MessageID // the message to reply to; "" for the top level
	As     Persona   // whose name to show; zero for the bot's own

	// Text is CommonMark. Mentions of everybody in it ("@here", "@room") must not notify anybody. Text is empty only
	// together with Retry: the post was withdrawn while it was in doubt. Post then posts nothing, and returns the
	// message of the earlier attempt, or "" if there is none.
	Text string
	// Buttons appear below an ephemeral message, on platforms that have buttons. Text says the same in words for all
	// others. Pressing one arrives as a *Command with the button's Command as its Text.
	Buttons []Button
}

// A Button sends a command when it is pressed.
type Button struct {
	Label   string // a word or two, without markup
	Command string // as in Command.Text
}

// A Persona is the author of a relayed message. If a platform can't show another name and picture on a message of the
// bot's, the adapter puts the Byline before the text: see TextWithByline.
type Persona struct {
	Name      string
	Picture   string // as in User.Picture; a platform that can't show it leaves it out
	Workspace string // where the author is
}

// Byline is how a persona appears where there is only text: "Name · workspace". A name that is written from right to
// left is isolated, so that it doesn't change the order of what stands around it.
func (p Persona) Byline() string {
	if p.Workspace == "" {
		return isolate(p.Name)
	}
	return isolate(p.Name) + " · " + p.Workspace
}

// The abilities below are optional. The bot finds out once, by type assertion, which of them an adapter has. Where a
// permission is missing, a method may still return an error that wraps errors.ErrUnsupported: the bot then does
// without. Every call may be repeated, and repeating it changes nothing.
type (
	// An Editor changes the text of one of its own posts to p.Text. In everything else, p is the post as it was posted.
	Editor interface {
		Edit(ctx context.Context, id MessageID, p Post) error
	}
	// A Deleter deletes one of its own posts. It is not an error if the post is gone already.
	Deleter interface {
		Delete(ctx context.Context, ref Ref) error
	}
	// A Reactor adds the bot's own reaction to any message, or removes it. It is not an error if that was done before.
	Reactor interface {
		React(ctx context.Context, ref Ref, emoji string, on bool) error
	}
	// A Timestamper tells when one of its own posts appeared, by the clock of Message.At. The bot compares the two to
	// find out what was posted before a question and what after it.
	Timestamper interface {
		Timestamp(ctx context.Context, ref Ref) (time.Time, error)
	}
	// A Permalinker returns the web address of a message at the top level, for people who are in the room. It asks the
	// platform as little as possible, because a question can't be posted before it returns.
	Permalinker interface {
		Permalink(ctx context.Context, ref Ref) (string, error)
	}
	// A HistoryReader reads what a room still has: every message posted at or after since, oldest first. If thread is
	// "", these are the messages at the top level; otherwise they are the replies in that thread, without its first
	// message. Messages that the adapter ignores are left out.
	//
	// The sequence ends with an error if it can't be complete, so that the bot doesn't take a missing message for a
	// deleted one. The messages before the error are valid. While Run is catching up with what was sent in private,
	// History waits for it.
	HistoryReader interface {
		History(ctx context.Context, room RoomID, thread MessageID, since time.Time) iter.Seq2[*Message, error]
	}
	// An EphemeralPoster shows p to one user alone: in p.Room, or in a private conversation if p.Room is "" or has no
	// way to do that. The message may be lost; once PostEphemeral has returned nil, the bot doesn't try again. The
	// Thread and As of p have no effect.
	EphemeralPoster interface {
		PostEphemeral(ctx context.Context, to UserID, p Post) error
	}
	// A Checker finds out whether everything that a chat needs is in place in these rooms, named as an admin wrote
	// them, and for these hosts. It posts nothing, changes nothing and joins no room. It works while another process
	// runs the same workspace. If something can't be found out, for instance because the platform is down, that is a
	// finding too. Findings come in the order in which an admin should read them: the workspace and the hosts, then
	// each room.
	Checker interface {
		Check(ctx context.Context, rooms []string, hosts []UserID) []Finding
	}
	// A Reporter tells how receiving goes, for those who monitor catchword. It may be called at any time and returns at
	// once.
	Reporter interface {
		Report() Report
	}
	// A UserNamer tells what a workspace calls somebody; "" if it doesn't know them.
	UserNamer interface {
		UserName(ctx context.Context, who UserID) (string, error)
	}
	// A UserDataEraser erases what the adapter itself keeps about a person on this machine. It changes nothing on the
	// platform. What the adapter needs while the person is in a joined room stays until they leave. CountUserData
	// counts what EraseUserData would erase. Both work whether or not Run is running, here or in another process.
	UserDataEraser interface {
		CountUserData(ctx context.Context, who UserID) (int, error)
		EraseUserData(ctx context.Context, who UserID) error
	}
	// A Downloader opens a file that was attached to a message of its workspace, with the bot's own credentials. It
	// returns the media type that the platform gives, or "" if that is unknown. It works whether or not Run is running.
	// The caller closes the body, and limits how much of it to read.
	//
	// It fetches nothing from outside the platform: anybody may have written such an address, and the credentials
	// must go nowhere else. If it gets a sign-in page, it returns an error.
	Downloader interface {
		Download(ctx context.Context, f File) (body io.ReadCloser, mediaType string, err error)
	}
)

// A Finding is what a Checker has found out about one thing.
type Finding struct {
	Room    string // as the admin wrote it; "" for the workspace as a whole
	Check   string // what was checked, in a few words: "bot token", "membership"
	Verdict Verdict
	Detail  string // what was found, without secrets; may be ""
	Remedy  string // what an admin can do about it; "" if there is nothing to do
}

// A Verdict says what a Finding means for a chat.
type Verdict int

const (
	OK      Verdict = iota
	Warning         // the chat runs without it
	Failed          // the chat can't run
)

// A Report says how receiving goes in one workspace. It counts from when the adapter was made.
type Report struct {
	Receiving   bool   // updates arrive at the moment, as far as the adapter knows
	Reconnects  int    // lost connections; those that the platform renews as planned don't count
	Backfills   int    // stretches of updates that the platform left out and the adapter fetched by itself
	Undecrypted int    // messages that wait for their keys now
	BotName     string // what people call the bot; "" for unknown
	Unreadable  int    // events with something in them that couldn't be read; the rest of them was received
}

// A ClosedError is a refusal that lies in the state of a room or a workspace, and not in what was posted: the room is
// archived, the bot was removed from it or may not post there, the token was revoked. A refusal that an adapter can't
// place is of this kind, too, so that no post is lost for it.
type ClosedError struct {
	Err    error
	Remedy string // what is wrong and what to do, for hosts; "" for unknown
}

// Reason is what hosts are told: the remedy, or else the whole error.
func (e *ClosedError) Reason() string { return cmp.Or(e.Remedy, e.Err.Error()) }

func (e *ClosedError) Error() string { return e.Err.Error() }
func (e *ClosedError) Unwrap() error { return e.Err }

// A RetryError is a failure that may pass: a rate limit, a lost connection, a platform that is down.
type RetryError struct {
	After time.Duration // how long the platform asks the caller to wait; zero leaves it to the caller
	Err   error
}

func (e *RetryError) Error() string { return e.Err.Error() }
func (e *RetryError) Unwrap() error { return e.Err }
