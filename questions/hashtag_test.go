package questions

import "testing"

func TestHasHashtag(t *testing.T) {
	for _, c := range []struct {
		text, hashtag string
		want          bool
	}{
		{"#ukmedlibs yes", "#ukmedlibs", true},
		{"yes, #UKMedLibs!", "#ukmedlibs", true},
		{"＃ukmedlibs yes", "#ukmedlibs", true},
		{"＃ｕｋｍｅｄｌｉｂｓ yes", "#ukmedlibs", true},
		{"#bibliothe\u0300que", "#bibliothèque", true},
		{"#bibliothèque", "#bibliothe\u0300que", true},
		{"#BIBLIOTHÈQUE", "#bibliotheque", false},
		{"#STRASSE", "#straße", true},
		{"#ukmedlibsother", "#ukmedlibs", false},
		{"#ukmedlibs_x", "#ukmedlibs", false},
		{"#bibliothe\u0300que", "#bibliothe", false},
		{"#ukmedlibsother #ukmedlibs", "#ukmedlibs", true},
		{"anything", "", false},
	} {
		if got := HasHashtag(c.text, c.hashtag); got != c.want {
			t.Errorf("got HasHashtag(%q, %q) %v, want %v", c.text, c.hashtag, got, c.want)
		}
	}
}

func TestParseTagAfterHashtag(t *testing.T) {
	for _, text := range []string{"#bibliothe\u0300que A2: oui", "＃bibliothèque A2: oui", "#BIBLIOTHÈQUE A2 oui"} {
		if n, _, ok := ParseTag(text, "#bibliothèque"); n != 2 || !ok {
			t.Errorf("got question %d, %v in %q, want 2", n, ok, text)
		}
	}
}
