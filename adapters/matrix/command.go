package matrix

import (
	"strings"

	"github.com/ukmedlibs/catchword/adapters"
)

// parseCommand returns what follows one of the bot's names, or the prefix, at the beginning of a CommonMark text. A
// name without "@" needs a colon or comma: otherwise people may be talking about the bot.
func parseCommand(text string, names []string) (command string, toBot bool) {
	var mentions []string
	for _, name := range names {
		if name = strings.TrimPrefix(name, "@"); name != "" {
			mentions = append(mentions, "@"+name, name+":", name+",")
		}
	}
	toBot, command = adapters.ParseMention(text, mentions...)
	return command, toBot
}
