//go:build goolm && linux

package matrix_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix"
	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

// TestLateKeys receives messages whose keys come late, with their own text and time.
func TestLateKeys(t *testing.T) {
	t.Parallel()
	for name, restarts := range map[string]bool{"running": false, "after a restart": true} {
		t.Run(name, func(t *testing.T) {
			c := newEnv(t, true)
			l := c.startReceiver(c.config(), nil)
			root := l.post(adapters.Post{Text: "Q1"})
			l.waitMessage(c.amy.SendText(c.room, "before"))
			c.amy.HoldKeys(c.bot.ID)
			late := c.amy.SendInThread(c.room, root, "late")
			gone := c.amy.SendInThread(c.room, root, "late, and taken back")
			c.amy.Redact(c.room, gone)
			other := c.Person("Ben")
			other.Join(c.room.String())
			after := l.waitMessage(other.SendText(c.room, "after"))
			l.until("it is known that something can't be read", func() bool {
				for _, u := range updates[*adapters.Undecrypted](l) {
					if u.ID == adapters.MessageID(late) && !u.Resolved {
						return true
					}
				}
				return false
			})
			if n := l.Report().Undecrypted; n < 1 {
				t.Errorf("got %d waiting for keys, want 1 or 2", n)
			}
			for _, m := range l.messages() {
				if m.ID == adapters.MessageID(late) || m.ID == adapters.MessageID(gone) {
					t.Errorf("received %+v without its key", *m)
				}
			}
			if restarts {
				l.stop()
				c.amy.ReleaseKeys()
				l = c.startReceiver(c.config(), nil)
			} else {
				c.amy.ReleaseKeys()
			}
			m := l.waitMessage(late)
			shown, _ := c.amy.Message(c.room, late)
			if m.Text != "late" || m.Thread != adapters.MessageID(root) || !m.At.Equal(shown.At) || !m.At.Before(after.At) {
				t.Errorf("received %+v, want its text, at %v, before %v", *m, shown.At, after.At)
			}
			l.until("nothing waits any more", func() bool { return l.Report().Undecrypted == 0 })
			l.waitMessage(c.amy.SendText(c.room, "and on"))
			for _, m := range l.messages() {
				if m.ID == adapters.MessageID(gone) && m.Text != "" {
					t.Errorf("received %+v, which was taken back", *m)
				}
			}
		})
	}
}

// TestLostDatabase checks that a device without its keys is refused, and that the remedy in the error works.
func TestLostDatabase(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*env, *matrix.Config){
		"token": func(*env, *matrix.Config) {},
		"password": func(c *env, o *matrix.Config) {
			o.AccessToken, o.User, o.Password = "", string(c.bot.ID), c.bot.Password
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newEnv(t, true)
			config := c.config()
			change(c, &config)
			l := c.startReceiver(config, nil)
			l.waitMessage(c.amy.SendText(c.room, "before"))
			l.stop()
			config.Database = newDatabase(t)
			if config.Password != "" {
				// A password makes a new device, which can't read earlier messages.
				l = c.startReceiver(config, nil)
				l.waitMessage(c.amy.SendText(c.room, "after"))
				return
			}
			_, err := matrix.New(config).Join(t.Context(), matrixtest.Alias("ukmedlibs"))
			if err == nil || isRetry(err) || !strings.Contains(err.Error(), "database") || strings.Contains(err.Error(), c.bot.Token) {
				t.Fatalf("Join with an empty database: got %v, want an error that names the database and the remedy", err)
			}
			t.Log(err)
			// The remedy for a token is a new one.
			config.AccessToken = c.Login(c.bot).Token
			l = c.startReceiver(config, nil)
			l.waitMessage(c.amy.SendText(c.room, "after"))
		})
	}
}

// TestRecoveryKey has the bot's device signed with the recovery key. A wrong key is logged, and the bot goes on without
// one.
func TestRecoveryKey(t *testing.T) {
	t.Parallel()
	c := newEnv(t, true)
	right := c.SetUpCrossSigning(c.bot)
	strict := c.Person("Strict")
	strict.Join(c.room.String())
	strict.RequireVerified()
	for name, key := range map[string]string{"right": right, "another's": c.SetUpCrossSigning(c.Register("other")), "none": "EsTc not a key at all"} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			config, bot := c.config(), c.Login(c.bot)
			config.AccessToken, config.Database, config.RecoveryKey = bot.Token, newDatabase(t), key
			config.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			l := c.startReceiver(config, nil)
			l.waitMessage(c.amy.SendText(c.room, "for everybody"))
			if trusted := strict.TrustsDevice(c.bot.ID, bot.Device); trusted != (name == "right") {
				t.Errorf("the bot's device is trusted: %v, want it only with the right key", trusted)
			}
			signed := strict.SendText(c.room, "for signed devices")
			if name == "right" {
				l.waitMessage(signed)
			} else {
				l.until("it is known that something can't be read", func() bool { return l.Report().Undecrypted > 0 })
			}
			l.stop()
			warned := strings.Contains(log.String(), "recovery key does not fit")
			if warned == (name == "right") {
				t.Errorf("the log says that the key is wrong: %v; log:\n%s", warned, log.String())
			}
			if strings.Contains(log.String(), key) || strings.Contains(log.String(), bot.Token) {
				t.Errorf("the log shows a secret:\n%s", log.String())
			}
		})
	}
}
