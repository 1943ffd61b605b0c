package bot

import "fmt"

// hostHelp and participantHelp are the replies to `help`.
const (
	hostHelp = "**You host this chat.** Send me these commands here, in a room after `!catchword`, or in a direct message:\n\n" +
		"- `next`, `skip`, `back`: move through the questions · `repeat`: post the question again\n" +
		"- `pause`, `resume`: take a break · `extend 3m`: more time · `end` (or `cancel`): close the chat now\n" +
		"- `ask TEXT`: ask one more question · `say TEXT`: post in every room\n" +
		"- `accept 1`, `decline 1`: decide about a suggestion · `status`: see how things stand\n\n" +
		"And, like everyone: `where`, `suggest TEXT`, `anon TEXT`, `pseudonym NAME`, `optout`, `optin`."
	participantHelp = "I share this chat between its rooms, and keep its archive. Send me these commands here, in a room after `!catchword`, " +
		"or in a direct message:\n\n" +
		"- `where`: see which question we are on\n" +
		"- `suggest TEXT`: suggest a question to the hosts\n" +
		"- `anon TEXT`, in a direct message: share something without your name, if a host agrees\n" +
		"- `pseudonym NAME`: appear under another name\n" +
		"- `optout`, `optin`: stay out of the other rooms and the archive, or come back. To leave out one message, react to it with 🚫."
)

// hostsOnly is the reply to a host's command from anybody else.
const hostsOnly = "Only hosts can do that. To propose a question, send `suggest TEXT`. To see which question we are on, send `where`."

func helpText(host bool) string {
	if host {
		return hostHelp
	}
	return participantHelp
}

// usage says how to send a command whose rest made no sense.
var usage = map[commandName]string{
	cmdNext:      "To go on to the next question, send `next`.",
	cmdPause:     "To take a break, send `pause`; to go on afterwards, `resume`.",
	cmdResume:    "To go on after a break, send `resume`.",
	cmdExtend:    "To give the live question more time, send `extend 3m`, for example. It can be 30 seconds (`extend 30s`) up to an hour (`extend 60m`) at once.",
	cmdSkip:      "To leave out the next question, send `skip`; to leave out another, `skip 4`, for example.",
	cmdBack:      "To ask the question before again, or one that was just skipped, send `back`.",
	cmdRepeat:    "To post the live question again, send `repeat`.",
	cmdAsk:       "To ask one more question, send `ask` and the question.",
	cmdSay:       "To post something in every room, send `say` and the words.",
	cmdEnd:       "To close the chat now, send `end`. To go on to the next question, send `next`.",
	cmdStatus:    "To see how things stand, send `status`.",
	cmdAccept:    "To ask a suggestion, send `accept` and its number; to ask it without a name, `accept 1 unnamed`. To see what is waiting, send `status`.",
	cmdDecline:   "To decline a suggestion, send `decline` and its number. To see what is waiting, send `status`.",
	cmdWhere:     "To see which question we are on, send `where`.",
	cmdSuggest:   "To suggest a question to the hosts, send `suggest` and the question.",
	cmdAnon:      "To share something without your name, send `anon` and the words to me in a direct message.",
	cmdOptOut:    "To stay out of the other rooms and the archive, send `optout`. To leave out one message, react to it with 🚫.",
	cmdOptIn:     "To be shared and archived again, send `optin`.",
	cmdPseudonym: fmt.Sprintf("To appear under another name, send `pseudonym` and the name, which can have %d characters; to use your own again, `pseudonym off`.", maxPseudonymLength),
}
