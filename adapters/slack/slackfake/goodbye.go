package slackfake

import (
	"slices"
	"time"
)

// Sockets is how many Socket Mode connections are open.
func (w *Workspace) Sockets() int {
	defer w.look()()
	return len(w.sockets)
}

// Cut ends up to n sockets, the oldest first, without a close frame; n < 0 is all. It returns how many it was.
func (w *Workspace) Cut(n int) int {
	return w.each(n, func(k *socket) { k.cut() })
}

// Disconnect says goodbye to up to n sockets, for the reason that Slack gives: "warning", "refresh_requested",
// "link_disabled" or "too_many_websockets". They are closed with a close frame when farewell is over, a warning with a
// request to refresh in between.
func (w *Workspace) Disconnect(n int, reason string, farewell time.Duration) int {
	return w.each(n, func(k *socket) { k.dismiss(reason, farewell) })
}

// Silence lets up to n sockets stay open, while no event comes any more, nor, without pings, any ping or pong. Events
// go to them all the same, and are lost until they are sent again.
func (w *Workspace) Silence(n int, pings bool) int {
	return w.each(n, func(k *socket) {
		k.deaf = true
		k.silent = !pings
	})
}

func (w *Workspace) each(n int, do func(*socket)) (count int) {
	defer w.lock()()
	for _, k := range slices.Clone(w.sockets) {
		if n >= 0 && count == n {
			break
		}
		if !k.isGone() {
			do(k)
			count++
		}
	}
	return count
}

// cut ends the socket without a close frame. It may be repeated.
func (k *socket) cut() {
	k.once.Do(func() {
		close(k.gone)
		_ = k.conn.Close()
	})
}

// forget takes the socket from the list.
func (k *socket) forget() {
	k.cut()
	defer k.w.lock()()
	k.w.sockets = slices.DeleteFunc(k.w.sockets, func(o *socket) bool { return o == k })
}

// dismiss says goodbye, and closes the socket a while later. It is called under the lock.
func (k *socket) dismiss(reason string, farewell time.Duration) {
	k.send(obj{"type": "disconnect", "reason": reason, "debug_info": obj{"host": "applink-fake"}})
	if reason == "warning" {
		time.AfterFunc(farewell, func() {
			defer k.w.lock()()
			k.dismiss("refresh_requested", 0)
		})
		return
	}
	k.leaving = true
	time.AfterFunc(farewell, func() {
		defer k.w.lock()()
		k.push(frame{close: true})
	})
}
