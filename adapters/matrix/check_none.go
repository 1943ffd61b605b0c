//go:build !goolm

package matrix

import (
	"context"

	"github.com/ukmedlibs/catchword/adapters"
)

// keys says that there are none.
func (c *checkup) keys(context.Context, *session, device) {
	c.add(adapters.Finding{What: "encryption", Verdict: adapters.Poor, Detail: "this catchword was built without it", Remedy: "build it with -tags goolm"})
}
