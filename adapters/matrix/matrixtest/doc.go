// Package matrixtest runs a real Matrix homeserver for tests, and people who use it. It is Dendrite, of which each
// Server is one of its own: on loopback, with SQLite, thrown away after the test. A Person is a participant with a
// client of their own, end-to-end encryption included, who sends what Element sends. A Proxy stands between a
// homeserver and the adapter that is tried, and loses, refuses and delays what it is told to.
//
// Dendrite is built from adapters/matrix/testdata/dendrite, a module of its own, so that neither its licence nor its
// dependencies are catchword's. That takes minutes, once for each version of it and of Go: `make setup` does it ahead.
//
// The package exists on Linux only. It needs the build tag goolm, as everything that encrypts does; without it there is
// only RunTagged.
package matrixtest
