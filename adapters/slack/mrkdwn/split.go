package mrkdwn

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// Split divides CommonMark into texts that each fit into one message, with at most so many characters of mrkdwn, and
// with other blocks below them. There is always at least one.
func Split(text string, maxChars int, below ...slackgo.Block) []string {
	return commonmark.Split(text, utf8.UTFMax*maxChars, func(p commonmark.Document) bool {
		if utf8.RuneCountInString(mrkdwn(p)) > maxChars {
			return false
		}
		all := append(blocks(p), below...)
		return len(all) <= maxBlocks && blocksSize(all) <= maxBlocksSize
	})
}

// blocksSize is the length of blocks as JSON, in characters.
func blocksSize(blocks []slackgo.Block) int {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // Slack counts what it read
	if err := e.Encode(blocks); err != nil {
		return maxBlocksSize + 1 // no block of ours
	}
	return utf8.RuneCount(b.Bytes())
}
