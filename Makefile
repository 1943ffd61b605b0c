# `make test` is the one command that proves a change. On Debian as root it installs what it needs; elsewhere it says
# what is missing. `make help` lists the rest.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:

# One set of tags for everything, so that the build cache is shared: goolm is end-to-end encryption in pure Go.
export GOFLAGS := $(strip $(GOFLAGS) -tags=goolm)

# What others run: without a C compiler, and the same bytes wherever it is built.
BUILD := CGO_ENABLED=0 go build -trimpath -ldflags='-s -w'
PROGRAM ?= bin/catchword

CYCLONEDX := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.9.0

FUZZTIME ?= 30
BENCH ?= .

# Many tests mostly wait, so more of them, and of their packages, run at once than there are cores.
TEST := go test -timeout 20m -parallel 4 -p 4

# Packages that start no goroutines, in which the race detector would only take eight times as long.
SEQUENTIAL := ./questions/... ./adapters/commonmark ./adapters/slack/mrkdwn ./adapters/matrix/html ./bot/archive/... ./deploy
CONCURRENT := $$(go list ./... | grep -vxF "$$(go list $(SEQUENTIAL))")

# Tests of the whole program, and one that kills it at each call. What they run is under the race detector in the tests of
# its packages.
WHOLE := ^(TestKillNine|TestScripts|TestRunScripts|TestMatrixScripts|TestOnDatabases)$$

# SQLite, translated from C, is not what we look for races in, and takes most of the time when it is watched.
RACE := $(TEST) -race -gcflags=modernc.org/...=-race=false

.PHONY: help test quick times setup lint race plain static fuzz bench build sbom clean slackfake-check

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

test: ## everything that a change must pass; under eight minutes from a warm cache, with two cores
	@total=$$SECONDS; \
	for step in setup lint race plain static fuzz; do \
		began=$$SECONDS; $(MAKE) --no-print-directory $$step; times+=("$$step $$((SECONDS - began)) s"); \
	done; \
	printf 'make %s\n' "$${times[@]}"; echo "make test: all passed, in $$((SECONDS - total)) s"

quick: ## build, vet and the short tests, for the machine that you work on; under a minute from a warm cache
	go build ./...
	go vet ./...
	$(TEST) -short ./...

times: ## the slowest tests; TESTS are the flags and packages of go test (./...)
	@set +e; $(TEST) -count=1 -v $(or $(TESTS),./...) 2>&1 | tee .times | grep -E '^(FAIL|ok)'; \
	sed -nE 's/^ *--- [A-Z]+: (\S+) \(([0-9.]+)s\)/\2 s \1/p' .times | sort -rn | head -40; rm -f .times

setup: ## install what the tests need (root on Debian), or say what is missing; build the homeserver they run
	@.ci/setup
	@# Ahead of all other tests, so that none of them waits for it; with the flags of `race`, so that what is compiled serves twice.
	$(RACE) -run '^TestBuild$$' ./adapters/matrix/matrixtest

lint: ## go mod tidy and verify, gofmt, gofumpt, go vet, staticcheck
	@unformatted=$$({ gofmt -l .; go tool gofumpt -l .; } | sort -u); \
	if [ -n "$$unformatted" ]; then echo "not formatted; run: go tool gofumpt -w ."; echo "$$unformatted"; exit 1; fi
	go mod tidy -diff
	go mod verify
	go vet ./...
	go tool staticcheck ./...

race: ## the tests of the packages that start goroutines, with the race detector
	$(RACE) -skip '$(WHOLE)' $(CONCURRENT)

plain: ## the other packages, and once more what touches the database, on PostgreSQL, without the race detector
	CATCHWORD_TEST_DATABASE=postgres $(TEST) $(SEQUENTIAL) ./bot ./bot/store
	$(TEST) -run '$(WHOLE)' ./bot ./cmd/catchword

static: ## prove that the program builds without a C compiler
	$(BUILD) -buildvcs=false -o /dev/null ./cmd/catchword

fuzz: ## all fuzz targets, for FUZZTIME seconds in all (30)
	.ci/fuzz $(FUZZTIME)

slackfake-check: ## the fake Slack, tried by Slack's own Node packages (needs node 20 and npm)
	cd adapters/slack/slackfake/testdata/nodecheck && npm ci --no-audit --no-fund
	SLACKFAKE_NODE=1 go test -count=1 -v -run '^TestNode$$' ./adapters/slack/slackfake

bench: ## the benchmarks, or those that match BENCH
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./...

build: ## the program, as bin/catchword
	$(BUILD) -o $(PROGRAM) ./cmd/catchword

sbom: build ## the program, and the list of its modules (CycloneDX) beside it: bin/catchword.cdx.json
	go run $(CYCLONEDX) bin -json -std -output $(PROGRAM).cdx.json $(PROGRAM)

clean: ## what builds and rehearsals leave behind
	rm -rf bin rehearsal
