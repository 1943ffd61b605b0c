package slackfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// A socket is one Socket Mode connection.
type socket struct {
	w    *Workspace
	conn *websocket.Conn
	wake chan struct{} // holds one token when there is something in out
	done chan struct{} // closed when the socket ends
	once sync.Once     // for gone

	// These are used under the server's lock.
	queue      []frame
	silent     bool // nothing is sent any more, and nothing received has an effect
	dropEvents bool // pings pass, envelopes don't
	closing    bool
}

// A frame is something to send: a message, or the end.
type frame struct {
	data  []byte
	close bool
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

func (s *Server) serveSocket(rw http.ResponseWriter, r *http.Request) {
	w := s.redeemTicket(r.URL.Query().Get("ticket"))
	if w == nil {
		http.Error(rw, "invalid ticket", http.StatusUnauthorized)
		return
	}
	defer s.wg.Done()
	if w.refuseDial() {
		htmlError(rw, http.StatusServiceUnavailable)
		return
	}
	conn, err := upgrader.Upgrade(rw, r, nil)
	if err != nil {
		return
	}
	k := &socket{w: w, conn: conn, wake: make(chan struct{}, 1), done: make(chan struct{})}
	conn.SetPingHandler(func(data string) error {
		if k.isSilent() {
			return nil
		}
		_ = conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
		return nil
	})
	var writer sync.WaitGroup
	writer.Go(k.write)
	k.open(r.URL.Query().Get("debug_reconnects") == "true")
	k.read()
	k.remove()
	writer.Wait()
}

// enter takes a ticket, and has Close wait for the socket.
func (s *Server) redeemTicket(ticket string) *Workspace {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		return nil
	}
	for _, w := range s.workspaces {
		if w.tickets[ticket] {
			delete(w.tickets, ticket)
			s.wg.Add(1)
			return w
		}
	}
	return nil
}

func (w *Workspace) refuseDial() bool {
	defer w.lockForWrite()()
	if w.faults.RefuseDials == 0 {
		return false
	}
	w.faults.RefuseDials--
	return true
}

// open sends hello. If there are too many sockets, one of them, perhaps this one, is told to disconnect.
func (k *socket) open(short bool) {
	w := k.w
	defer w.lockForWrite()()
	if w.server.isClosed() {
		k.cut()
		return
	}
	w.sockets = append(w.sockets, k)
	k.send(obj{
		"type": "hello", "num_connections": len(w.sockets), "connection_info": obj{"app_id": w.appID},
		"debug_info": obj{"host": "applink-fake", "build_number": 10, "approximate_connection_time": 18060},
	})
	if len(w.sockets) > w.server.options.MaxSockets {
		w.sockets[w.rand.IntN(len(w.sockets))].disconnect("too_many_websockets", 0)
	}
	life := w.server.options.ConnectionTime
	if short && (life == 0 || life > 360*time.Second) {
		life = 360 * time.Second
	}
	if life > 0 {
		time.AfterFunc(life, func() {
			defer w.lockForWrite()()
			k.disconnect("warning", w.server.options.ShutdownGrace)
		})
	}
}

func (k *socket) read() {
	for {
		_, data, err := k.conn.ReadMessage()
		if err != nil {
			return
		}
		var ack struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		if json.Unmarshal(data, &ack) != nil || k.isSilent() || len(data) >= 20<<10 {
			continue // Slack silently drops responses of 20 KB and more.
		}
		k.acknowledge(ack.EnvelopeID, ack.Payload)
	}
}

func (k *socket) acknowledge(envelope string, payload json.RawMessage) {
	defer k.w.lockForWrite()()
	if waiting, ok := k.w.awaitingAck[envelope]; ok {
		delete(k.w.awaitingAck, envelope)
		waiting <- payload
		return
	}
	k.w.acknowledge(envelope)
}

func (k *socket) write() {
	defer k.cut()
	pings := time.NewTicker(k.w.server.options.PingEvery)
	defer pings.Stop()
	k.ping() // so that clients that count from the first ping have one
	for {
		select {
		case <-k.done:
			return
		case <-pings.C:
			k.ping()
		case <-k.wake:
			for _, f := range k.takeQueue() {
				if f.close {
					_ = k.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
					k.awaitClose()
					return
				}
				if k.conn.WriteMessage(websocket.TextMessage, f.data) != nil {
					return
				}
			}
		}
	}
}

func (k *socket) ping() {
	if !k.isSilent() {
		_ = k.conn.WriteControl(websocket.PingMessage, []byte("Ping from applink-fake"), time.Now().Add(time.Second))
	}
}

// awaitClose gives the other side a moment to answer a close frame.
func (k *socket) awaitClose() {
	select {
	case <-k.done:
	case <-time.After(time.Second):
	}
}

func (k *socket) takeQueue() []frame {
	defer k.w.lockForRead()()
	out := k.queue
	k.queue = nil
	return out
}

func (k *socket) isSilent() bool {
	defer k.w.lockForRead()()
	return k.silent
}

// send is called under the lock.
func (k *socket) send(v obj) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("slackfake: %v", err))
	}
	k.push(frame{data: b})
}

// sendEvent is called under the lock. Some sockets lose what is sent to them.
func (k *socket) sendEvent(v obj) {
	if k.dropEvents {
		return
	}
	if f := &k.w.faults; f.CutNext > 0 || f.chance(k.w, f.CutChance) {
		f.CutNext = max(f.CutNext-1, 0)
		k.cut()
		return
	}
	k.send(v)
}

func (k *socket) push(f frame) {
	if k.silent {
		return
	}
	k.queue = append(k.queue, f)
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// pickSocket is one of the open sockets, any of them.
func (w *Workspace) pickSocket() *socket {
	open := slices.DeleteFunc(slices.Clone(w.sockets), func(k *socket) bool { return k.closing || k.isDone() })
	if len(open) == 0 {
		return nil
	}
	return open[w.rand.IntN(len(open))]
}

func (k *socket) isDone() bool {
	select {
	case <-k.done:
		return true
	default:
		return false
	}
}
