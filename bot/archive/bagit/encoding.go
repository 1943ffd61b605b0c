package bagit

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// tagEncodings are those in which a bag's tag files may be, beside UTF-8, by their names in lower case. All others that
// there are would make the program larger by a megabyte; BagIt itself advises against them.
// https://www.rfc-editor.org/rfc/rfc8493#section-2.1.1
var tagEncodings = map[string]encoding.Encoding{
	"us-ascii":     charmap.ISO8859_1,
	"iso-8859-1":   charmap.ISO8859_1,
	"iso-8859-2":   charmap.ISO8859_2,
	"iso-8859-5":   charmap.ISO8859_5,
	"iso-8859-7":   charmap.ISO8859_7,
	"iso-8859-9":   charmap.ISO8859_9,
	"iso-8859-15":  charmap.ISO8859_15,
	"windows-1250": charmap.Windows1250,
	"windows-1251": charmap.Windows1251,
	"windows-1252": charmap.Windows1252,
	"macintosh":    charmap.Macintosh,
	"utf-16":       unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"utf-16be":     unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	"utf-16le":     unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
}

// tagEncoding finds an encoding by its name.
func tagEncoding(name string) (encoding.Encoding, bool) {
	e, ok := tagEncodings[strings.ToLower(name)]
	return e, ok
}
