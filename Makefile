# What can be done here: `make help`. Everything sets itself up from a bare Python >= 3.11.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: help venv servers demo test lint format bench fuzz soak soak-daemons soak-kills lock clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

venv: $(STAMP)  ## the environment, from the lock, with hashes

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "helpdesk needs Python 3.11 or newer; try: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "No venv module: on Debian and Ubuntu, apt install python3-venv" >&2; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

servers:  ## the real servers that tests use (installs them as root on Debian, else says how)
	@sh tests/servers/install.sh

demo: venv  ## a whole desk on an embedded mail server
	$(BIN)/helpdesk demo

test: venv servers  ## the whole suite
	@$(BIN)/python -m compileall -q helpdesk tests  # hundreds of processes start; each would compile it all where PYTHONDONTWRITEBYTECODE is set
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: venv  ## style, types, floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: venv  ## put the code into the agreed form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: venv servers  ## mails a second, beside a bare script that does the least
	$(BIN)/python -m bench
	$(BIN)/python -m bench.core

fuzz:  ## feed the reading side with what a fuzzer finds, for 20 minutes (Python 3.11; an environment of its own)
	$(PYTHON) -m venv .venv-fuzz
	.venv-fuzz/bin/python -m pip install --quiet --require-hashes -r requirements.lock -r tests/fuzz/requirements.lock
	mkdir -p .fuzz
	.venv-fuzz/bin/python -m tests.fuzz.fuzz_parse -max_total_time=1200 -max_len=30000 -artifact_prefix=.fuzz/ .fuzz tests/mails

soak: venv servers  ## half an hour of mails, kills, cuts, freezes and clock jumps (MINUTES=30, SEED=…), then the ledgers
	$(BIN)/python -m tests.soak $(or $(MINUTES),30) $(SEED) $(DATABASE)

soak-daemons: venv servers  ## two daemons on one PostgreSQL, one killed every 20 s (MAILS=5000, SEED=…)
	$(BIN)/python -m tests.soak.daemons $(or $(MAILS),5000) $(SEED)

soak-kills: venv servers  ## so many kills at random moments (KILLS=200, MAILS=500, SEED=…)
	$(BIN)/python -m tests.soak.kills $(or $(KILLS),200) $(or $(MAILS),500) $(SEED)

lock:  ## maintainer: renew requirements.lock (run on the lowest Python we serve)
	$(PYTHON) -m venv .venv-lock && .venv-lock/bin/python -m pip install --quiet pip-tools
	.venv-lock/bin/pip-compile --quiet --generate-hashes --all-extras --all-build-deps --allow-unsafe --strip-extras \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options --no-header --no-annotate \
	  -o requirements.lock pyproject.toml
	rm -rf .venv-lock

clean:  ## remove what the targets above made
	rm -rf $(VENV) .venv-lock .venv-fuzz .fuzz .mypy_cache .ruff_cache .pytest_cache .hypothesis
