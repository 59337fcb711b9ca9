# `make help` says what there is. Needs Python 3.11 or newer and the package registry, nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# What `make run` simulates: so many events of the site example.com, up to the day that they are
# scored as of.
EVENTS := 200000
SIMULATED := data/simulated
AS_OF := 2026-06-30
SITE := example.com

# A worker a core and one more, since tests wait for servers and disks a third of their time; a
# file on one worker, since its fixtures are costly. Not loadgroup: pytest 9.2 takes no notice of
# the groups that pytest-xdist 3.8 writes into a test's id.
WORKERS = $(shell $(BIN)/python -c 'import os; print((os.cpu_count() or 1) + 1)')
SIDE_BY_SIDE = -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# What `make test` runs, as pytest's -m: CI adds the browser's.
TESTS := not slow and not browser and not bench

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test test-all test-browser lint bench ui clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## the command line, in .venv

run: $(VENV)/.installed $(SIMULATED)/.simulated ## simulate a log, score it, print who is hot and where to look
	INTENT_SITE_DOMAINS=$(SITE) $(BIN)/intent refresh $(SIMULATED) --as-of $(AS_OF)

test: $(VENV)/.installed-dev ## the fast tests (-m slow, -m browser and -m bench are the others)
	$(BIN)/pytest -m "$(TESTS)" $(SIDE_BY_SIDE)

test-all: $(VENV)/.installed-dev ## the fast, the slow and the browser tests
	$(BIN)/pytest -m "not bench" $(SIDE_BY_SIDE)

test-browser: $(VENV)/.installed-dev ## the tests that drive a Chromium
	$(BIN)/pytest -m "browser and not slow" $(SIDE_BY_SIDE)

lint: $(VENV)/.installed-dev ## ruff, mypy --strict, sqlfluff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar dbt_project tests/dbt

# make bench BENCH="--bench-events 200000 --bench-rounds 5" measures another log, more often
bench: $(VENV)/.installed-dev ## measure, as ratios in one run (docs/benchmarks.md)
	$(BIN)/pytest -q -m bench tests/benchmarks $(BENCH)

ui: $(VENV)/.installed ## the Dagster UI, with its daemon
	$(BIN)/intent ui

clean: ## remove the environment, caches and the simulated log; other data stay
	rm -rf $(VENV) $(SIMULATED) *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: the second time costs nothing, a changed dependency installs again.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "$(PYTHON) is older than Python 3.11; say which to use: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) --upgrade pip

# Before all, a pip of today: that of Python 3.11 took 100 s to find all packages, it takes 35 s.
# pip compiles on one core what is compiled below on all: that took 54 of 170 s.
# Warnings of what builds a package are for who packs it: an editable install is what is meant here.
PIP_INSTALL = PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt

# Once: where PYTHONDONTWRITEBYTECODE is set, as it is in many images, each command would else compile
# all that it imports again, which is four of thirty seconds of a refresh. A file that some package
# brings for another Python cannot be compiled, and need not.
COMPILE = $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib ingestion orchestration || true

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP_INSTALL) -e .
	$(COMPILE)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP_INSTALL) -e '.[dev]'
	$(COMPILE)
	@touch $(VENV)/.installed $@

$(SIMULATED)/.simulated: | $(VENV)/.installed
	$(BIN)/intent simulate --events $(EVENTS) --out $(SIMULATED) --end $(AS_OF)
	@touch $@
