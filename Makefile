# The commands of a person and of the gate. Needs Python 3.11+; everything else is installed into .venv by hash.

PYTHON ?= python3
PY = .venv/bin/python
WORKERS ?= 2
JUNIT ?= var/test/junit.xml
TESTS ?= tests

.DEFAULT_GOAL := help
.PHONY: help demo test check fmt drills bench messages lock css env-demo env-dev clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 22

demo: env-demo ## the whole product on this machine, with both desks and their history (PORT=8000, VAR_DIR=var)
	@exec $(PY) -m helpdesk.demo --end-with-parent

test: env-dev ## the tests, browser journeys included (TESTS=tests/tickets for a part)
	@sh scripts/chromium.sh
	@mkdir -p var/test
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal --junitxml=$(JUNIT) $(TESTS)

check: env-dev ## style, types, layers, templates, migrations, production settings, messages
	@PY=$(PY) sh scripts/check.sh

fmt: env-dev ## write code and templates the way `check` wants them
	@$(PY) -m ruff check --quiet --fix . ; $(PY) -m ruff format --quiet .
	@git ls-files -z '*.html' | xargs -0 .venv/bin/djade --target-version 5.2

drills: env-dev ## kills, races and outages of real processes; minutes, outside the gate
	@$(PY) -m pytest -m drill -p no:xdist tests

bench: env-dev ## CPU of the main actions, against a hello-world view of the same server
	@$(PY) -m bench

messages: env-dev ## the Spanish of the screens: build the catalogue and say what is missing
	@$(PY) -m helpdesk.messages build && $(PY) -m helpdesk.messages check

css: env-dev ## static/css/helpdesk.css from the files beside it
	@$(PY) manage.py build_css

lock: env-dev ## write the lock files of requirements/ (UPGRADE=1 for newer versions)
	@sh scripts/lock.sh

env-demo:
	@$(PYTHON) scripts/environment.py demo

env-dev:
	@$(PYTHON) scripts/environment.py dev

clean: ## throw away the environment and what tools wrote; the demo's data in var/ stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis var/test
