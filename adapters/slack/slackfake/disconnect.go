package slackfake

import (
	"slices"
	"time"
)

// SocketCount is how many Socket Mode connections are open.
func (w *Workspace) SocketCount() int {
	defer w.lockForRead()()
	return len(w.sockets)
}

// Cut ends up to n sockets, the oldest first, without a close frame; n < 0 is all. It returns how many it was.
func (w *Workspace) Cut(n int) int {
	return w.eachSocket(n, func(k *socket) { k.cut() })
}

// Disconnect announces the end to up to n sockets, with the reason that Slack gives: "warning", "refresh_requested",
// "link_disabled" or "too_many_websockets". They are closed with a close frame when ShutdownGrace is over. After a
// warning, a request to refresh comes in between.
func (w *Workspace) Disconnect(n int, reason string, grace time.Duration) int {
	return w.eachSocket(n, func(k *socket) { k.disconnect(reason, grace) })
}

// Silence keeps up to n sockets open, but sends no events on them and, without pings, no pings or pongs. Events that
// are routed to them are lost until they are retried.
func (w *Workspace) Silence(n int, pings bool) int {
	return w.eachSocket(n, func(k *socket) {
		k.dropEvents = true
		k.silent = !pings
	})
}

func (w *Workspace) eachSocket(n int, do func(*socket)) (count int) {
	defer w.lockForWrite()()
	for _, k := range slices.Clone(w.sockets) {
		if n >= 0 && count == n {
			break
		}
		if !k.isDone() {
			do(k)
			count++
		}
	}
	return count
}

// cut ends the socket without a close frame. It may be repeated.
func (k *socket) cut() {
	k.once.Do(func() {
		close(k.done)
		_ = k.conn.Close()
	})
}

// remove takes the socket from the list.
func (k *socket) remove() {
	k.cut()
	defer k.w.lockForWrite()()
	k.w.sockets = slices.DeleteFunc(k.w.sockets, func(o *socket) bool { return o == k })
}

// disconnect announces the end, and closes the socket after a while. It is called under the lock.
func (k *socket) disconnect(reason string, grace time.Duration) {
	k.send(obj{"type": "disconnect", "reason": reason, "debug_info": obj{"host": "applink-fake"}})
	if reason == "warning" {
		time.AfterFunc(grace, func() {
			defer k.w.lockForWrite()()
			k.disconnect("refresh_requested", 0)
		})
		return
	}
	k.closing = true
	time.AfterFunc(grace, func() {
		defer k.w.lockForWrite()()
		k.push(frame{close: true})
	})
}
