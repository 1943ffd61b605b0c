package calls

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/ukmedlibs/catchword/adapters"
)

// An Error is a failure that no retry changes.
type Error struct {
	Code    string // of a call that the platform refused, as its documentation lists it; "" for other failures
	Problem string
	Remedy  string // what an admin can do about it; "" for nothing
	Err     error  // the cause; nil for none
}

func (e *Error) Error() string {
	if e.Remedy == "" {
		return e.Problem
	}
	return e.Problem + ": " + e.Remedy
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf is fmt.Errorf for a failure that no retry changes.
func Errorf(format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Problem: err.Error(), Err: err}
}

// Refused describes a call that the platform refused. op, room and detail may be "".
func Refused(platform, op, room, code, detail string) *Error {
	problem := platform
	if op != "" {
		problem += " " + op
	}
	if room != "" {
		problem += " in " + room
	}
	problem += ": " + code
	if detail != "" {
		problem += " (" + detail + ")"
	}
	return &Error{Code: code, Problem: problem}
}

// Code is the code with which the platform refused a call, or "".
func Code(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// HasCode reports whether the platform refused a call with one of these codes.
func HasCode(err error, codes ...string) bool {
	code := Code(err)
	return code != "" && slices.Contains(codes, code)
}

// IsFinal reports whether no retry changes err.
func IsFinal(err error) bool {
	_, ok := errors.AsType[*Error](err)
	return ok
}

// Retryable reports whether err may pass.
func Retryable(err error) bool {
	_, ok := errors.AsType[*adapters.RetryError](err)
	return ok
}

// Closed reports whether err lies in the state of a room or a workspace.
func Closed(err error) bool {
	_, ok := errors.AsType[*adapters.ClosedError](err)
	return ok
}

// Finding is what a Checker reports of an error. hint is the remedy for one that may pass.
func Finding(room, check string, err error, hint string) adapters.Finding {
	f := adapters.Finding{Room: room, Check: check, Verdict: adapters.Failed, Detail: err.Error(), Remedy: hint}
	if e, ok := errors.AsType[*Error](err); ok {
		f.Detail, f.Remedy = e.Problem, e.Remedy
	}
	return f
}

// Secrets are texts that no error may show. The zero Secrets are ready to use.
type Secrets struct {
	mu       sync.Mutex
	pairs    []string
	replacer *strings.Replacer
}

// Add adds secrets; "" is none.
func (s *Secrets) Add(texts ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, text := range texts {
		if text != "" {
			s.pairs = append(s.pairs, text, "(secret)")
		}
	}
	s.replacer = strings.NewReplacer(s.pairs...)
}

// Mask replaces the secrets in a text.
func (s *Secrets) Mask(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.replacer == nil {
		return text
	}
	return s.replacer.Replace(text)
}
