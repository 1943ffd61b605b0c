package main

import (
	_ "embed"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/questions"
	"github.com/ukmedlibs/catchword/questions/announcement"
)

// The announcement of the chat that this project was founded on, as it went out.
//
//go:embed announcements/ukmedlibs-2015-08-18.txt
var foundingAnnouncement []byte

// foundingChat reads the announcement as `catchword import` does.
func foundingChat() (questions.Chat, error) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		return questions.Chat{}, err
	}
	reading, err := announcement.Read(foundingAnnouncement, announcement.Options{
		Published: time.Date(2015, time.August, 4, 0, 0, 0, 0, london),
		Zone:      london,
	})
	if err != nil {
		return questions.Chat{}, fmt.Errorf("read the founding announcement: %w", err)
	}
	chat, err := reading.Chat()
	if err != nil {
		return questions.Chat{}, fmt.Errorf("read the founding announcement: %w", err)
	}
	// It says that chats are archived on Symplur, as they were. This time we keep our own.
	chat.ArchiveNote = ""
	return chat, nil
}
