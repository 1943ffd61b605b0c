package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/questions"
	"github.com/ukmedlibs/catchword/questions/announcement"
)

// givenFlags are the flags that settle a fact, as they were written.
type givenFlags struct {
	title, hashtag, date, start, end, leader, questions, drop string
}

// read checks the flags, and reports all faults.
func (g givenFlags) read(changed func(string) bool) (given announcement.Given, drop map[int]bool, faults []string) {
	settle := func(flag, value string) {
		if changed(flag) {
			if fault := giveField(&given, flag, value); fault != "" {
				faults = append(faults, fmt.Sprintf("can't read --%s %q: %s", flag, value, fault))
			}
		}
	}
	settle("title", g.title)
	settle("hashtag", g.hashtag)
	settle("date", g.date)
	settle("start", g.start)
	settle("end", g.end)
	settle("leader", g.leader)
	if g.questions != "" {
		src, err := os.ReadFile(g.questions)
		if err != nil {
			faults = append(faults, "read the questions: "+err.Error())
		}
		given.Questions = announcement.ReadQuestions(string(src))
	}
	drop, err := lineNumbers(g.drop)
	if err != nil {
		faults = append(faults, err.Error())
	}
	return given, drop, faults
}

// giveField settles one field, and says how to write it if it can't be read.
func giveField(given *announcement.Given, field, value string) (fault string) {
	switch field {
	case "title":
		if strings.TrimSpace(value) == "" {
			return "a chat needs a title"
		}
		given.Title = &value
	case "hashtag":
		if value = strings.TrimSpace(value); value != "" && !strings.HasPrefix(value, "#") {
			value = "#" + value
		}
		given.Hashtag = &value
	case "leader":
		given.Leader = &value
	case "date":
		day, err := time.Parse(time.DateOnly, value)
		if err != nil {
			if day, err = time.Parse("Monday 2 January 2006", value); err != nil {
				if day, err = time.Parse("2 January 2006", value); err != nil {
					return "write it like 2026-12-10"
				}
			}
		}
		given.Date = announcement.Date{Weekday: day.Weekday().String(), Day: day.Day(), Month: int(day.Month()), Year: day.Year()}
	case "start", "end":
		at, err := time.Parse("15:04", value)
		if err != nil {
			return "write it like 20:00"
		}
		clock := announcement.Clock(at.Hour()*60 + at.Minute())
		if field == "start" {
			given.Start = &clock
		} else {
			given.End = &clock
		}
	}
	return ""
}

// lineNumbers reads "3,20-31".
func lineNumbers(s string) (map[int]bool, error) {
	all := map[int]bool{}
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		first, last, ranged := strings.Cut(part, "-")
		from, err := strconv.Atoi(strings.TrimSpace(first))
		to := from
		if ranged && err == nil {
			to, err = strconv.Atoi(strings.TrimSpace(last))
		}
		if err != nil || from < 1 || to < from || to > 1_000_000 {
			return nil, fmt.Errorf("can't read --drop %q: write line numbers like 3,20-31", s)
		}
		for n := from; n <= to; n++ {
			all[n] = true
		}
	}
	return all, nil
}

// pastChats are the chats of a folder that are over.
func pastChats(folder string, now time.Time) []questions.Chat {
	return slices.DeleteFunc(chatsIn(folder), func(c questions.Chat) bool { return !c.Ends.Before(now) })
}

// chatsIn reads the good chat files of a folder.
func chatsIn(folder string) (chats []questions.Chat) {
	files, err := filepath.Glob(filepath.Join(folder, "*.md"))
	if err != nil {
		return nil
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if c, err := questions.ParseChat(strings.TrimSuffix(filepath.Base(file), ".md"), src); err == nil {
			chats = append(chats, c)
		}
	}
	return chats
}

// usual is what all chats have in common: what one of them does otherwise is no custom.
func usual(past []questions.Chat) announcement.Series {
	s := announcement.Series{Chats: len(past)}
	for i, c := range past {
		start := announcement.Clock(c.Starts.Hour()*60 + c.Starts.Minute())
		if i == 0 {
			s.Hashtag, s.Weekday, s.Start, s.Zone = c.Hashtag, c.Starts.Weekday().String(), start, c.Starts.Location().String()
			continue
		}
		if !strings.EqualFold(c.Hashtag, s.Hashtag) {
			s.Hashtag = ""
		}
		if c.Starts.Weekday().String() != s.Weekday {
			s.Weekday = ""
		}
		if start != s.Start {
			s.Start = -1
		}
		if c.Starts.Location().String() != s.Zone {
			s.Zone = ""
		}
	}
	return s
}
