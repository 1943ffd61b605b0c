package archive

import "strings"

// citation suggests how to cite the chat.
func citation(view *chatView) string {
	by := view.Hashtag
	if by == "" {
		by = "Participants of the chat"
	}
	cited := by + ". (" + view.chat.Starts.Format("2 January 2006") + "). " + strings.TrimRight(view.Title, ".") + " [transcript of a chat"
	if view.Leader != "" {
		cited += " led by " + view.Leader
	}
	cited += "]."
	if at := permanentURL(view); at != "" {
		cited += " " + at
	}
	return cited
}

// permanentURL is where the archive can be found for as long as possible: by its DOI, or else at its address on the
// web. It is "" if there is neither.
func permanentURL(view *chatView) string {
	if view.chat.DOI != "" {
		return doiURL(singleLine(view.chat.DOI))
	}
	return chatURL(view.opts.URL, view.chat.Slug)
}

// doiURL is a DOI in the form that
// https://www.doi.org/the-identifier/resources/factsheets/doi-resolution-documentation asks for.
func doiURL(doi string) string {
	return "https://doi.org/" + strings.NewReplacer("%", "%25", "#", "%23", "?", "%3F", `"`, "%22", "<", "%3C", ">", "%3E", " ", "%20").Replace(doi)
}

// licence is the name and address of a licence with an SPDX identifier. Any other text is its own name, without an
// address.
func licence(id string) (name, address string) {
	if name, ok := creativeCommons[id]; ok {
		return name + " (" + id + ")", creativeCommonsURL(id)
	}
	if spdxPattern.MatchString(id) {
		return id, "https://spdx.org/licenses/" + id + ".html"
	}
	return id, ""
}

// creativeCommons are the licences that chats use, as https://spdx.org/licenses/ names them.
var creativeCommons = map[string]string{
	"CC0-1.0":         "Creative Commons Zero 1.0 Universal",
	"CC-BY-4.0":       "Creative Commons Attribution 4.0 International",
	"CC-BY-SA-4.0":    "Creative Commons Attribution Share Alike 4.0 International",
	"CC-BY-NC-4.0":    "Creative Commons Attribution Non Commercial 4.0 International",
	"CC-BY-ND-4.0":    "Creative Commons Attribution No Derivatives 4.0 International",
	"CC-BY-NC-SA-4.0": "Creative Commons Attribution Non Commercial Share Alike 4.0 International",
	"CC-BY-NC-ND-4.0": "Creative Commons Attribution Non Commercial No Derivatives 4.0 International",
	"CC-BY-3.0":       "Creative Commons Attribution 3.0 Unported",
	"CC-BY-SA-3.0":    "Creative Commons Attribution Share Alike 3.0 Unported",
}

// creativeCommonsURL is the licence's deed: CC-BY-SA-4.0 is at licenses/by-sa/4.0/.
func creativeCommonsURL(id string) string {
	if id == "CC0-1.0" {
		return "https://creativecommons.org/publicdomain/zero/1.0/"
	}
	kind, version := id[len("CC-"):strings.LastIndex(id, "-")], id[strings.LastIndex(id, "-")+1:]
	return "https://creativecommons.org/licenses/" + strings.ToLower(kind) + "/" + version + "/"
}
