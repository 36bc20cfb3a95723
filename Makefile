# Every target works on a fresh clone: what it needs is set up first (.venv, pinned packages, bubblewrap where it may).
# PYTHON=… names the Python to build .venv from; without it, the system's own is taken, or the first of 3.13, 3.12, 3.11.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
bin := .venv/bin

# Modules that thousands of processes load are compiled once, also where a person has Python leave that.
unexport PYTHONDONTWRITEBYTECODE

# What a person gives reaches commands through the environment, letter for letter: neither make nor the shell reads it.
override REPO := $(value REPO)
override TASK := $(value TASK)
export PYTHON REPO TASK

# Packages whose sdists carry their tests, pinned so that a figure can be had again.
STRANGERS := humanize==4.17.0 inflection==0.5.1 iniconfig==2.3.1 python-slugify==9.2.0 pluggy==1.7.0 boltons==26.2.0

# Stamps lie in .venv, named after the folder: a copied checkout doesn't run the code of the one it was copied from.
place := $(shell pwd | cksum | tr -cd '0-9')
run_ready := .venv/ready-run-$(place)
dev_ready := .venv/ready-dev-$(place)
docs_ready := .venv/ready-docs-$(place)

.PHONY: help demo run test check prove bench docs screenshots escapes strangers setup lock clean

help: ## What there is to make
	@awk -F ":.*## " '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

demo: $(run_ready) ## An agent does a real task on a sample project; REPO=path TASK="…" on a copy of yours
	@args=(); \
	[ -z "$${REPO:-}" ] || args+=(--repo "$$REPO"); \
	[ -z "$${TASK:-}" ] || args+=(--task "$$TASK"); \
	$(bin)/maquette demo "$${args[@]}"

run: $(run_ready) ## Start the base here, in the foreground, and open its page
	@$(bin)/maquette serve --open

test: $(dev_ready) ## Every test
	@$(bin)/pytest -n $$(( $$(nproc) < 4 ? $$(nproc) + 1 : 4 )) --dist worksteal

check: $(dev_ready) ## Lint, formatting, types, the import contract, the shape of the house
	@$(bin)/ruff check
	@$(bin)/ruff format --check
	@$(bin)/pyright
	@$(bin)/lint-imports
	@$(bin)/pytest tests/shape

prove: $(dev_ready) ## What takes many minutes: kills everywhere, and what came of them in docs/reference/proof.md
	@$(bin)/python -m maquette.testing.proof --page docs/reference/proof.md
	@$(bin)/python -m maquette.testing.proof --on postgres --page docs/reference/proof-postgres.md
	@$(bin)/python -m maquette.testing.proof.slots --page docs/reference/proof-slots.md
	@$(bin)/pytest -m prove -n auto --maxprocesses 4 -o faulthandler_timeout=1800

bench: $(dev_ready) ## Measure what a step, a session, an event costs, and a peer's beside it; in bench/results.json
	@$(bin)/python -m maquette.testing.bench

screenshots: $(dev_ready) ## The pictures in docs/pictures, taken anew of a real base at work
	@PYTHONPATH=tests $(bin)/python tests/browser/screenshots.py

escapes: $(run_ready) ## Try to get out of each sandbox here (and of codex's, if installed), and print what came of it
	@$(bin)/python -m maquette.testing.escapes

strangers: $(dev_ready) ## Plant dead code and decoys in packages of others, fetched now; what dead-code makes of them
	@$(bin)/python -m maquette.testing.strangers $(STRANGERS)

docs: $(docs_ready) ## Put the documents together as pages, in build/docs; a broken link is an error
	@rm -rf build/docs
	@$(bin)/sphinx-build --quiet --fresh-env --fail-on-warning --keep-going --nitpicky -c docs -d build/doctrees . build/docs
	@echo "build/docs/index.html"

setup: $(dev_ready) ## Only set up
	@:

lock: $(dev_ready) ## Renew requirements/ after a change of pyproject.toml
	@scripts/lock

clean: ## Remove .venv and every cache
	rm -rf .venv build dist .pytest_cache .ruff_cache .import_linter_cache .grimp_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(run_ready): scripts/setup requirements/setup.txt requirements/run.txt pyproject.toml
	@scripts/setup run
	@touch $@

$(dev_ready): $(run_ready) requirements/dev.txt
	@scripts/setup dev
	@touch $@

$(docs_ready): $(run_ready) requirements/docs.txt
	@scripts/setup docs
	@touch $@
