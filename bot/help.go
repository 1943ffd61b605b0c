package bot

// hostHelp and participantHelp are the help that fits a person.
const (
	hostHelp = "**You host this chat.** Say these to me here, in a room after `!catchword`, or privately:\n\n" +
		"- `next` · `skip` · `back` · `repeat` the question\n" +
		"- `hold` and `resume` · `extend 3m` · `end`\n" +
		"- `ask TEXT`, one more question · `say TEXT`, in every room\n" +
		"- `accept 1` · `decline 1`, of what was suggested · `status`\n\n" +
		"And, like everybody: `where`, `suggest TEXT`, `anon TEXT`, `pseudonym NAME`, `optout`, `optin`."
	participantHelp = "I pass this chat on between its rooms, and keep its archive. Say these to me here, in a room after `!catchword`, or privately:\n\n" +
		"- `where`: which question we are on\n" +
		"- `suggest TEXT`: a question for the hosts to ask\n" +
		"- `anon TEXT`, privately: to be passed on without your name, if a host agrees\n" +
		"- `optout`, `optin`: stay out of the other rooms and of the archive · `pseudonym NAME`: under another name · 🚫 on a message of yours keeps that one out"
)

// hostsOnly is the polite no to somebody who is not a host.
const hostsOnly = "That is for the hosts of the chat. `suggest TEXT` brings a wish before them, and `where` tells you which question we are on."

func helpText(host bool) string {
	if host {
		return hostHelp
	}
	return participantHelp
}
