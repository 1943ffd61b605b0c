package announcement

import (
	"regexp"
	"strings"
)

var leadsSelf = regexp.MustCompile(`\bI(?:[’']m| am|[’']ll be| will be| shall be) (?:leading|hosting|chairing|moderating|facilitating)\b`)

var (
	signature  = regexp.MustCompile(`^[–—-]?\s*([\p{Lu}][\p{L}’'-]+(?:\s[\p{Lu}][\p{L}’'-]+){0,3})\s*,?\s*\(?@\w+\)?\.?$`)
	loneHandle = regexp.MustCompile(`^\(?@\w+\)?$`)
	signsOff   = regexp.MustCompile(`(?i)^(?:best wishes|kind regards|regards|all the best|many thanks|thanks|cheers|yours|warm wishes|with best wishes|best|see you (?:there|then|online|on tuesday))[,!.]?$`)
	postedBy   = regexp.MustCompile(`(?:^[Bb]y|[Pp]osted by|[Ww]ritten by|[Aa] post by|[Gg]uest post by|[Bb]log(?:ged)? by)\s+`)
)

// findAuthor reads the signature: "Rhona @rhona_leaf", or the name under "Best wishes".
func (p *reader) findAuthor() {
	for i, b := range p.blocks {
		if m := signature.FindStringSubmatch(b.source); m != nil && !b.isItem() {
			if _, n := personName(m[1]); n == len(m[1]) {
				p.r.Author = Found[string]{m[1], b.whole()}
				return
			}
		}
		if signsOff.MatchString(b.source) && i+1 < len(p.blocks) {
			if name, n := personName(p.blocks[i+1].source); n > 0 && len(p.blocks[i+1].source) < 60 {
				p.r.Author = Found[string]{name, p.blocks[i+1].whole()}
				for _, o := range p.blocks[i+2 : min(i+4, len(p.blocks))] { // "Jan", and below it "Jan Pilkington"
					if full, n := personName(o.source); n > 0 && strings.HasPrefix(full, name+" ") {
						p.r.Author = Found[string]{full, o.whole()}
						break
					}
				}
				return
			}
		}
		if isName(b.source) && i > 0 && i+1 < len(p.blocks) && loneHandle.MatchString(p.blocks[i+1].source) {
			p.r.Author = Found[string]{b.source, b.whole()}
			return
		}
		if m := postedBy.FindStringIndex(b.source); m != nil && len(b.source) < 120 {
			if text, _, n := people(b.source[m[1]:]); n > 0 {
				p.r.Author = Found[string]{text, b.evidence(m[1], m[1]+n)}
				return
			}
		}
	}
}
