# Two commands do everything: `make run` and `make test`. The others are their parts.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
BIN := .venv/bin
HOST ?= 127.0.0.1
PORT ?= 8000
BENCH_ARGS ?= --rows 1000,100000 --clients 1,8 --json bench.json
PYTEST_ARGS ?= -n auto --dist loadfile
CATALOGUES := $(wildcard app/translations/*/*.po)

.DEFAULT_GOAL := help
.PHONY: help run test check lint types layers format migrations setup setup-production translations lock notices trace bench clean

help: ## list what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 \t\2/p' $(MAKEFILE_LIST) | expand -t 26

run: setup ## start it: database, demo body on the first start, web and jobs; Ctrl-C ends all
	@$(BIN)/python deploy/ensure.py run
	@HOST="$(HOST)" PORT="$(PORT)" exec $(BIN)/nenep run

# a fault in one part hides none in another: everything runs, the tests last, and any fault fails it all
test: setup ## everything the build runs: lint, types, layers, migrations, tests on both databases and in Chromium
	@$(BIN)/python deploy/ensure.py test
	@checked=0; $(MAKE) --no-print-directory --keep-going check migrations || checked=1; \
	$(BIN)/python deploy/postgres.py -- $(BIN)/pytest $(PYTEST_ARGS) && exit $$checked

check: lint types layers ## lint, format, types and the import contract, without the tests

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports

format: setup ## put the code in the one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

migrations: setup ## apply every migration to an empty database and compare it with the models
	@$(BIN)/python deploy/ensure.py test
	@$(BIN)/python deploy/postgres.py -- $(BIN)/python deploy/migrations.py

setup: .venv/.dev translations ## virtual environment with the locked dependencies

setup-production: .venv/.production translations ## the same without the tools, with PostgreSQL's driver

# a stamp per kind: nothing is installed again until a lock or the project file changes
.venv/.dev: requirements/dev.txt requirements/build.txt pyproject.toml deploy/install.py
	@$(if $(PYTHON),,echo "Python 3.11 or newer is needed and none was found: install it first (Debian: apt-get install python3 python3-venv)" >&2; exit 1)
	@$(PYTHON) deploy/ensure.py python
	@$(PYTHON) deploy/install.py requirements/dev.txt
	@rm -f .venv/.production && touch $@

.venv/.production: requirements/postgres.txt requirements/build.txt pyproject.toml deploy/install.py
	@$(if $(PYTHON),,echo "Python 3.11 or newer is needed and none was found: install it first (Debian: apt-get install python3 python3-venv)" >&2; exit 1)
	@$(PYTHON) deploy/ensure.py python
	@$(PYTHON) deploy/install.py requirements/postgres.txt
	@rm -f .venv/.dev && touch $@

# the environment is made by whichever stamp asked for it, so this only follows
translations: .venv/.translations ## compile the catalogues
.venv/.translations: $(CATALOGUES) deploy/translations.py | $(if $(filter setup-production,$(MAKECMDGOALS)),.venv/.production,.venv/.dev)
	@$(BIN)/python deploy/translations.py
	@touch $@

lock: ## write the locked requirements anew (needs uv)
	$(PYTHON) deploy/lock.py
	@$(MAKE) --no-print-directory notices

notices: setup ## write THIRD-PARTY-NOTICES.md anew
	$(BIN)/python deploy/notices.py

trace: setup ## which test proves which rule and feature, and what has none
	@$(BIN)/python -m tests.trace

bench: setup ## how fast it is, on both databases, beside the bare limit of the same run
	@$(BIN)/python deploy/ensure.py test
	@$(BIN)/python deploy/postgres.py --durable -- $(BIN)/python -m tests.bench $(BENCH_ARGS)

clean: ## remove what the tools made; data in var/ stays
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
