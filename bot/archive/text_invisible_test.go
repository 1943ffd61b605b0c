package archive

import "testing"

func TestStripInvisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                              "plain",
		"Ho\u200blly\u200d Case\ufeff":       "Holly Case",
		"\u202etext\u202c \u2066in\u2069":    "text in",
		"soft\u00adhyphen \u200e\u200f":      "softhyphen ",
		"👩\u200d💻 and ❤\ufe0f\u200d🔥":        "👩\u200d💻 and ❤\ufe0f\u200d🔥",
		"می\u200cخواهم":                      "می\u200cخواهم",
		"и\u200dмя":                          "имя",
		"a\u200d":                            "a",
		"🏴\U000E0067\U000E0062\U000E007F ok": "🏴\U000E0067\U000E0062\U000E007F ok",
		"ok\U000E0068\U000E0069\U000E007F":   "ok",
		"🏴\U000E0067\U000E007F\U000E0068":    "🏴\U000E0067\U000E007F",
		"\u3164":                             "",
		"\u0600\u0661":                       "\u0600\u0661",
	} {
		if got := stripInvisible(in); got != want {
			t.Errorf("%+q: got %+q, want %+q", in, got, want)
		}
		if got := stripInvisible(stripInvisible(in)); got != want {
			t.Errorf("%+q twice: got %+q, want %+q", in, got, want)
		}
	}
}
