# Weir: `make help` lists what can be done here.
#
# Needed: Go 1.26 or newer, a C and C++ compiler (DuckDB is linked in), make and bash.

SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS   += --no-print-directory
.DEFAULT_GOAL := help

ROOT     := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -s -w -X main.version=$(VERSION)
PACKAGES ?= ./...
FUZZTIME ?= 20s

# Tests against large public data look here, and skip themselves where it is absent.
export WEIR_SHARED ?= $(abspath $(ROOT)/../shared)

.PHONY: help build demo test unit race lint fmt bench docs picture fuzz clean need

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: need ## bin/weir, one stripped file
	go build -trimpath -ldflags='$(LDFLAGS)' -o bin/weir ./cmd/weir

demo: build ## everything on an embedded warehouse and stand-ins, offline
	bin/weir demo

test: lint unit ## the linters, then every test; closes with how many passed

unit: need ## every test, without the linters
	@go build -o bin/testsum ./internal/testsum
	go test -json -count=1 $(PACKAGES) | bin/testsum

race: need ## every test under the race detector
	@go build -o bin/testsum ./internal/testsum
	go test -race -json -count=1 $(PACKAGES) | bin/testsum

lint: need ## formatting, vet and the linters of .golangci.yml
	@go tool -modfile=tools/go.mod golangci-lint run $(PACKAGES)

fmt: ## format what is written
	gofmt -w $$(git ls-files '*.go')

bench: need ## the workloads, each beside its floor
	go test -run='^$$' -bench=. -benchmem -count=1 ./bench/...

docs: build ## the reference, from the declarations
	bin/weir schema reference > docs/reference.md
	bin/weir schema > docs/weir.schema.json

picture: build ## the picture of the demo for the front page
	scripts/picture.sh bin/weir docs/picture.svg

fuzz: need ## each fuzz test for FUZZTIME (20s)
	scripts/fuzz.sh $(FUZZTIME)

clean: ## what was built or made here
	rm -rf bin weir-demo

need:
	@scripts/need.sh
