package bot

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
