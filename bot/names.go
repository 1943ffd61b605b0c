package bot

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/mtibben/confusables"
	"golang.org/x/text/unicode/norm"

	"github.com/ukmedlibs/catchword/adapters"
)

// reservedNames are what people may take for the bot, or for nobody.
var reservedNames = []string{"catchword", "anonymous", "someone", "somebody", "host", "the host", "bot", "admin"}

// nameSeparators are what may stand between several leaders, and between their names and more about them.
var nameSeparators = regexp.MustCompile(`[,;/&@()|]| and | with | – | - `)

// takenName tells whether a pseudonym belongs to somebody else, or looks as if it did: another person in any workspace,
// a chat's leader, or the bot.
func (b *Bot) takenName(ctx context.Context, r request, name string) (bool, error) {
	taken, err := b.db.NamesExcept(ctx, r.ws.Name, r.user.ID)
	if err != nil {
		return false, err
	}
	taken = append(taken, reservedNames...)
	for _, ws := range b.workspaces {
		taken = append(taken, ws.names.except(ws == r.ws, r.user.ID)...)
		if ws.reporter != nil {
			taken = append(taken, ws.reporter.Report().BotName)
		}
	}
	chats, err := b.db.Chats(ctx)
	for _, c := range chats {
		taken = append(taken, c.Leader)
		taken = append(taken, nameSeparators.Split(c.Leader, -1)...)
	}
	for _, other := range taken {
		if looksLike(name, other) {
			return true, err
		}
	}
	return false, err
}

// nameTimeout is how long looking up names may take before somebody's choice of a name is stored.
const nameTimeout = 2 * time.Second

// learnNames looks up the names of the hosts and of those who lead chats, if an update chooses a pseudonym. It comes
// before the update's transaction, which must not wait for platforms. A name that can't be had in time stays unknown.
func (b *Bot) learnNames(ctx context.Context, u adapters.Update) {
	text := ""
	switch u := u.(type) {
	case *adapters.Message:
		text = u.Command
	case *adapters.Command:
		text = u.Text
	}
	if text == "" {
		return // as nearly always
	}
	if c, named, _ := parseCommand(text); !named || c.name != cmdPseudonym {
		return
	}
	chats, err := b.db.Chats(ctx)
	if err != nil {
		return // storing the choice will say so
	}
	ctx, cancel := context.WithTimeout(ctx, nameTimeout)
	defer cancel()
	for _, ws := range b.workspaces {
		if ws.userNamer == nil {
			continue
		}
		people := slices.Clone(ws.Hosts)
		for _, c := range chats {
			people = slices.Concat(people, accountsIn(c.Hosts, ws), accountsIn(c.LeaderAccounts, ws))
		}
		slices.Sort(people)
		for _, who := range slices.Compact(people) {
			if name, err := ws.userNamer.UserName(ctx, who); err == nil && name != "" {
				ws.names.set(adapters.User{ID: who, Name: name})
			}
		}
	}
}

// looksLike tells whether two names look the same to a reader who doesn't look closely: whatever their case, spaces and
// punctuation, and with letters that look like others.
func looksLike(a, b string) bool {
	if a, b = letters(a), letters(b); a == "" || b == "" {
		return false
	}
	// A capital I looks like a small l, and a capital O like a zero; in lower case, they don't.
	return strings.EqualFold(confusables.Skeleton(a), confusables.Skeleton(b)) ||
		confusables.Skeleton(strings.ToLower(a)) == confusables.Skeleton(strings.ToLower(b))
}

// letters is the letters and digits of a name, without accents on top of each other.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.M, r) {
			return r
		}
		return -1
	}, norm.NFKC.String(name))
}

// A nameList remembers the names of the people whom a workspace has shown since the start. The zero list is ready to
// use.
type nameList struct {
	mu    sync.Mutex
	names map[adapters.UserID]string
}

// note remembers the name of whoever an update is from.
func (l *nameList) note(u adapters.Update) {
	var user adapters.User
	switch u := u.(type) {
	case *adapters.Message:
		user = u.Author
	case *adapters.Command:
		user = u.User
	case *adapters.MemberJoined:
		user = u.User
	default:
		return
	}
	l.set(user)
}

func (l *nameList) set(user adapters.User) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.names == nil {
		l.names = map[adapters.UserID]string{}
	}
	l.names[user.ID] = user.Name
}

// except lists all names, without one person's own if they are of this workspace.
func (l *nameList) except(same bool, who adapters.UserID) (names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, name := range l.names {
		if !same || id != who {
			names = append(names, name)
		}
	}
	return names
}
