package archive

import "time"

// The types below are the format of chat.json. FORMAT.md explains each key, and schema/chat.schema.json checks them.
// record.go writes them, rebuild.go reads them.
type (
	recordHead struct {
		Version      int                `json:"version"`
		Chat         recordChat         `json:"chat"`
		Rooms        []recordRoom       `json:"rooms"`
		Posted       []recordPosted     `json:"said"`
		Pages        *[]recordPage      `json:"pages,omitempty"` // nil in records of before there were pages
		Next         *recordNext        `json:"next,omitempty"`
		Citation     string             `json:"citation"`
		Completeness recordCompleteness `json:"completeness"`
		Tally        recordTally        `json:"tally"`
		Answers      []recordAnswer     `json:"-"` // written one by one
	}
	recordChat struct {
		Slug         string           `json:"slug"`
		Title        string           `json:"title"`
		Hashtag      string           `json:"hashtag,omitempty"`
		Starts       time.Time        `json:"starts"`
		Ends         time.Time        `json:"ends"`
		Zone         string           `json:"zone"`
		Announced    time.Time        `json:"announced,omitzero"`
		Leader       string           `json:"leader,omitempty"`
		Series       string           `json:"series,omitempty"`
		Archive      string           `json:"archive,omitempty"`
		Licence      string           `json:"licence,omitempty"`
		DOI          string           `json:"doi,omitempty"`
		Introduction string           `json:"introduction,omitempty"`
		Questions    []recordQuestion `json:"questions"`
	}
	recordQuestion struct {
		Number int      `json:"number"`
		Text   string   `json:"text"`
		Points []string `json:"points,omitempty"`
	}
	recordRoom struct {
		Workspace string `json:"workspace"`
		Room      string `json:"room"`
		Name      string `json:"name"`
	}
	recordPosted struct {
		Step string    `json:"step"`
		At   time.Time `json:"at"`
	}
	recordPage struct {
		Section string    `json:"section,omitempty"` // "" for all in time order
		From    time.Time `json:"from"`
	}
	recordNext struct {
		Title  string    `json:"title"`
		Leader string    `json:"leader,omitempty"`
		Starts time.Time `json:"starts"`
		Zone   string    `json:"zone"`
	}
	recordCompleteness struct {
		Collected   string      `json:"collected"`
		First       time.Time   `json:"first,omitzero"`
		Last        time.Time   `json:"last,omitzero"`
		Zone        string      `json:"zone"`
		Gaps        []recordGap `json:"gaps"`
		TakenBack   int         `json:"taken_back"`
		Undecrypted int         `json:"undecrypted"`
		OptedOut    int         `json:"opted_out"`
		Files       int         `json:"files"`
		FilesKept   int         `json:"files_kept"`
		Program     string      `json:"program"`
		Statement   []string    `json:"statement"`
	}
	recordGap struct {
		Workspace string    `json:"workspace"`
		Room      string    `json:"room"`
		From      time.Time `json:"from"`
		To        time.Time `json:"to"`
		Filled    bool      `json:"filled"`
	}
	recordTally struct {
		Answers    int                    `json:"answers"`
		People     int                    `json:"people"`
		Late       int                    `json:"late"`
		Edited     int                    `json:"edited"`
		Reactions  int                    `json:"reactions"`
		Gone       int                    `json:"gone"`
		Sections   map[string]recordCount `json:"sections"`
		Workspaces map[string]recordCount `json:"workspaces"`
		How        map[string]int         `json:"how"`
	}
	recordCount struct {
		Answers int `json:"answers"`
		People  int `json:"people"`
	}
	recordAnswer struct {
		ID        string           `json:"id"`
		At        time.Time        `json:"at"`
		Section   string           `json:"section"`
		Workspace string           `json:"workspace"`
		Room      string           `json:"room"`
		RoomName  *string          `json:"room_name,omitempty"`
		Message   string           `json:"message"`
		Author    string           `json:"author,omitempty"`
		Person    string           `json:"person,omitempty"`
		Newcomer  bool             `json:"newcomer,omitempty"`
		How       string           `json:"how,omitempty"`
		ReplyTo   *recordID        `json:"reply_to,omitempty"`
		Text      string           `json:"text,omitempty"`
		Files     []recordFile     `json:"files,omitempty"`
		Edited    time.Time        `json:"edited,omitzero"`
		Late      bool             `json:"late,omitempty"`
		Gone      bool             `json:"gone,omitempty"`
		Reactions []recordReaction `json:"reactions,omitempty"`
	}
	recordID struct {
		ID        string `json:"id"`
		Workspace string `json:"workspace"`
		Room      string `json:"room"`
		Message   string `json:"message"`
	}
	recordFile struct {
		Name   string      `json:"name"`
		Type   string      `json:"type,omitempty"`
		Size   int64       `json:"size,omitempty"`
		Source string      `json:"source"`
		Kept   *recordKept `json:"kept,omitempty"`
		Lost   string      `json:"lost,omitempty"`
	}
	recordKept struct {
		Path   string `json:"path"`
		Type   string `json:"type"`
		Size   int64  `json:"size"`
		SHA256 string `json:"sha256"`
	}
	recordReaction struct {
		Emoji string `json:"emoji"`
		Count int    `json:"count"`
	}
)
