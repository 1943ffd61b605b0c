package archive

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// metadata describe the chat to catalogues: as Dublin Core in dublin-core.xml and in the pages, as schema.org in
// chat.jsonld and in the pages.
type metadata struct {
	*chatView
	Description string // the introduction without its Markdown
	Date        string
	Period      string // https://www.dublincore.org/specifications/dublin-core/dcmi-period/
	Identifier  string // the DOI or the address on the web; the slug, where there is neither
}

func newMetadata(view *chatView) metadata {
	return metadata{
		chatView: view, Description: parse(view.chat.Introduction).PlainText(), Date: view.chat.Starts.Format(time.DateOnly),
		Period:     "start=" + rfc3339(view.chat.Starts.UTC()) + "; end=" + rfc3339(view.chat.Ends.UTC()) + "; scheme=W3C-DTF;",
		Identifier: orDefault(permanentURL(view), view.chat.Slug),
	}
}

// A dublinCore is a record as OAI-PMH carries it, https://www.openarchives.org/OAI/2.0/oai_dc.xsd, with the fifteen
// elements of https://www.dublincore.org/specifications/dublin-core/dces/ and no others.
type dublinCore struct {
	XMLName        xml.Name `xml:"oai_dc:dc"`
	OAI            string   `xml:"xmlns:oai_dc,attr"`
	DC             string   `xml:"xmlns:dc,attr"`
	XSI            string   `xml:"xmlns:xsi,attr"`
	SchemaLocation string   `xml:"xsi:schemaLocation,attr"`
	Title          string   `xml:"dc:title"`
	Creator        string   `xml:"dc:creator,omitempty"`
	Subject        string   `xml:"dc:subject,omitempty"`
	Description    []string `xml:"dc:description,omitempty"`
	Contributor    string   `xml:"dc:contributor,omitempty"`
	Date           string   `xml:"dc:date"`
	Type           []string `xml:"dc:type"`
	Format         []string `xml:"dc:format"`
	Identifier     []string `xml:"dc:identifier"`
	Coverage       string   `xml:"dc:coverage"`
	Rights         []string `xml:"dc:rights,omitempty"`
}

func (m *metadata) dublinCore() (string, error) {
	v := dublinCore{
		OAI: "http://www.openarchives.org/OAI/2.0/oai_dc/", DC: "http://purl.org/dc/elements/1.1/",
		XSI:            "http://www.w3.org/2001/XMLSchema-instance",
		SchemaLocation: "http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
		Title:          m.Title, Creator: m.Leader, Subject: m.Hashtag, Contributor: "Participants of the chat",
		Date: m.Date, Type: []string{"Text", "Transcript of an online chat"},
		Format:     []string{"text/html", "application/json", "text/csv", "text/markdown", "text/plain"},
		Identifier: []string{m.Identifier}, Coverage: m.Period,
	}
	if m.Description != "" {
		v.Description = append(v.Description, m.Description)
	}
	if m.Identifier != m.chat.Slug {
		v.Identifier = append(v.Identifier, m.chat.Slug)
	}
	for _, right := range []string{m.Licence, m.LicenceURL} {
		if right != "" && (len(v.Rights) == 0 || right != v.Rights[0]) {
			v.Rights = append(v.Rights, right)
		}
	}
	b, err := xml.MarshalIndent(v, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write the Dublin Core: %w", err)
	}
	return xml.Header + string(b) + "\n", nil
}

// The types below are the parts of https://schema.org/Conversation that describe a chat.
type (
	jsonldChat struct {
		Context      string           `json:"@context"`
		Type         string           `json:"@type"`
		Name         string           `json:"name"`
		Keywords     string           `json:"keywords,omitempty"`
		Description  string           `json:"description,omitempty"`
		Identifier   string           `json:"identifier"`
		URL          string           `json:"url"`
		DateCreated  string           `json:"dateCreated"`
		Temporal     string           `json:"temporalCoverage"`
		Licence      string           `json:"license,omitempty"`
		Contributor  *jsonldPerson    `json:"contributor,omitempty"`
		CreditText   string           `json:"creditText"`
		Free         bool             `json:"isAccessibleForFree"`
		CommentCount int              `json:"commentCount"`
		RecordedAt   jsonldEvent      `json:"recordedAt"`
		HasPart      []jsonldQuestion `json:"hasPart,omitempty"`
		Encoding     []jsonldFile     `json:"encoding"`
	}
	jsonldPerson struct {
		Type string `json:"@type"`
		Name string `json:"name"`
	}
	jsonldEvent struct {
		Type   string `json:"@type"`
		Name   string `json:"name"`
		Starts string `json:"startDate"`
		Ends   string `json:"endDate"`
		Mode   string `json:"eventAttendanceMode"`
	}
	jsonldQuestion struct {
		Type    string `json:"@type"`
		Name    string `json:"name"`
		Text    string `json:"text,omitempty"`
		URL     string `json:"url"`
		Answers int    `json:"answerCount"`
	}
	jsonldFile struct {
		Type   string `json:"@type"`
		Format string `json:"encodingFormat"`
		URL    string `json:"contentUrl"`
	}
)

// jsonLD is the chat as JSON-LD. Its addresses are relative, because nobody knows beforehand where it will be. Escapes
// keep HTML from ending the script that holds it.
func (m *metadata) jsonLD() ([]byte, error) {
	c := m.chat
	v := jsonldChat{
		Context: "https://schema.org", Type: "Conversation", Name: m.Title, Keywords: m.Hashtag, Description: m.Description,
		Identifier: m.Identifier, URL: "index.html", DateCreated: m.Date, Temporal: rfc3339(c.Starts.UTC()) + "/" + rfc3339(c.Ends.UTC()),
		Licence: m.LicenceURL, CreditText: m.Citation, Free: true, CommentCount: m.stats.Answers,
		RecordedAt: jsonldEvent{
			Type: "Event", Name: m.Title, Starts: rfc3339(c.Starts), Ends: rfc3339(c.Ends.In(c.Starts.Location())),
			Mode: "https://schema.org/OnlineEventAttendanceMode",
		},
	}
	if m.Leader != "" {
		v.Contributor = &jsonldPerson{"Person", m.Leader}
	}
	for _, q := range c.Questions {
		s := questions.QuestionSection(q.N)
		v.HasPart = append(v.HasPart, jsonldQuestion{
			"Question", questions.Label(q.N), parse(q.Text).PlainText(), "index.html#" + string(s), m.stats.Sections[s].Answers,
		})
	}
	for _, f := range [][2]string{
		{"application/json", "chat.json"},
		{"text/csv", "answers.csv"},
		{"application/jsonl", "answers.jsonl"},
		{"text/markdown", "transcript.md"},
		{"text/plain", "transcript.txt"},
		{"application/zip", bagName(c.Slug)},
	} {
		v.Encoding = append(v.Encoding, jsonldFile{"MediaObject", f[0], f[1]})
	}
	b, err := json.MarshalIndent(v, "", "  ")
	return escapeInvisible(b), err
}

// metadataTemplate is for the head of a page. Browsers neither fetch the link, which names a vocabulary, nor run the
// script, which is data.
var metadataTemplate = template.Must(template.New("metadata").Parse(`<link rel="schema.DCTERMS" href="http://purl.org/dc/terms/">
<meta name="DCTERMS.title" content="{{.Title}}">
{{- if .Leader}}
<meta name="DCTERMS.creator" content="{{.Leader}}">
{{- end}}
{{- if .Hashtag}}
<meta name="DCTERMS.subject" content="{{.Hashtag}}">
{{- end}}
<meta name="DCTERMS.issued" content="{{.Date}}">
<meta name="DCTERMS.temporal" content="{{.Period}}">
<meta name="DCTERMS.type" content="Text">
<meta name="DCTERMS.identifier" content="{{.Identifier}}">
{{- with .Licence}}
<meta name="DCTERMS.license" content="{{.}}">
{{- end}}
<meta name="DCTERMS.bibliographicCitation" content="{{.Citation}}">
<script type="application/ld+json">
{{.LinkedData}}
</script>
`))

// htmlHead is the metadata as elements for the head of every page.
func (m *metadata) htmlHead() (template.HTML, error) {
	data, err := m.jsonLD()
	if err != nil {
		return "", fmt.Errorf("describe the chat: %w", err)
	}
	var b strings.Builder
	err = metadataTemplate.Execute(&b, struct {
		*metadata
		LinkedData template.JS
	}{m, template.JS(data)}) //nolint:gosec // JSON, in which <, > and & are escapes
	return template.HTML(b.String()), err //nolint:gosec // of a template that escapes
}

// Bag is the link to the chat's bag.
func (view *chatView) Bag() string { return "./" + url.PathEscape(bagName(view.chat.Slug)) }
