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

FUZZTIME ?= 5s
BENCH ?= .

.PHONY: help test setup lint race static fuzz bench build sbom clean slackfake-check

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

test: setup lint race static fuzz ## everything that a change must pass; under ten minutes from nothing, with two cores
	@echo "make test: all passed"

setup: ## install what the tests need (root on Debian), or say what is missing; build the homeserver they run
	@.ci/setup
	@# Ahead of all other tests, whose time it is not; with the flags of `race`, so that what is compiled serves twice.
	go test -race -timeout 20m -run '^TestBuild$$' ./adapters/matrix/matrixtest

lint: ## go mod tidy and verify, gofmt, gofumpt, go vet, staticcheck
	@unformatted=$$({ gofmt -l .; go tool gofumpt -l .; } | sort -u); \
	if [ -n "$$unformatted" ]; then echo "not formatted; run: go tool gofumpt -w ."; echo "$$unformatted"; exit 1; fi
	go mod tidy -diff
	go mod verify
	go vet ./...
	go tool staticcheck ./...

race: ## all tests, with the race detector
	go test -race -timeout 20m ./...
	CATCHWORD_TEST_DATABASE=postgres go test -race -timeout 20m ./bot ./bot/store
	@# The detector takes several times the memory that it watches, so that is measured without it.
	go test -run '^TestMemory$$' ./bot/archive

static: ## prove that the program builds without a C compiler
	$(BUILD) -buildvcs=false -o /dev/null ./cmd/catchword

fuzz: ## each fuzz target for FUZZTIME (5s)
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
