package mrkdwn

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// Split splits CommonMark into texts that fit into one message each, with at most maxChars characters of mrkdwn and
// with the blocks below. It returns at least one text.
func Split(text string, maxChars int, below ...slackgo.Block) []string {
	return commonmark.Split(text, utf8.UTFMax*maxChars, func(p commonmark.Document) bool {
		if utf8.RuneCountInString(mrkdwn(p)) > maxChars {
			return false
		}
		all := append(blocks(p), below...)
		return len(all) <= maxBlocks && blocksSize(all) <= maxBlocksSize
	})
}

// blocksSize is how many characters blocks have as JSON.
func blocksSize(blocks []slackgo.Block) int {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // Slack counts characters after it has decoded them
	if err := e.Encode(blocks); err != nil {
		return maxBlocksSize + 1 // never happens: our blocks can be encoded
	}
	return utf8.RuneCount(b.Bytes())
}
