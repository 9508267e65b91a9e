# Thin on purpose: what needs more than a line stands in scripts/ or xtask/.
SHELL := /bin/bash
.PHONY: run test lint bench build setup-build setup-test

run: build ## Builds, starts the panel with the demo provider's papers, prints the address and the logins
	scripts/run

build: setup-build ## target/release/hostler with the islands in it
	scripts/islands
	cargo build --release --package hostler

test: setup-test ## Everything: formatting, lints, unit, property, Postgres, real servers, browser
	scripts/test

lint: setup-build ## Formatting, clippy, queries, licences and advisories
	scripts/lint

bench: build setup-test ## The figures, each beside its reference
	scripts/bench

setup-build:
	scripts/setup build

setup-test:
	scripts/setup test
