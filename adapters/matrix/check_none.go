//go:build !goolm

package matrix

import (
	"context"

	"github.com/ukmedlibs/catchword/adapters"
)

// checkKeys reports that this build has no encryption.
func (c *checkup) checkKeys(context.Context, *session, device) {
	c.add(adapters.Finding{Check: "encryption", Verdict: adapters.Warning, Detail: "this catchword was built without it", Remedy: "build it with -tags goolm"})
}
