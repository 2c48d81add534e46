# `make demo` and `make test` set up .venv themselves; nothing else is needed than Python and pip.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SERVERS := .venv-servers
INSTALLED := $(VENV)/.installed
DEMO_DIR ?= outputs/demo

export MYPYPATH := src
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test test-servers check format tables install clean

help:
	@echo "make demo     set up, then judge the shipped policy (table + report.html), film navigation"
	@echo "make test     set up, then run every test"
	@echo "make test-servers  talk to real language-model servers; RECORD=1 keeps what they say"
	@echo "make check    ruff, mypy --strict, import floors"
	@echo "make format   let ruff tidy the code"
	@echo "make tables   rewrite docs/results and the headline table from results/*.json"

install: $(INSTALLED)

# The stamp is written last, so an interrupted installation is continued, never taken for whole.
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; \
	sys.exit(0 if v >= (3, 11) else "error: Python %d.%d is too old: make PYTHON=python3.11" % v)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet $$(grep -m1 '^torch==' requirements.lock)
	$(BIN)/python -m pip install --quiet -r requirements.lock
	$(BIN)/python -m pip install --quiet -e . --no-deps
	@touch $@

demo: $(INSTALLED)
	$(BIN)/handeye demo --output_dir $(DEMO_DIR) --overwrite

# One process a core; the tests of a file share its fixtures, so they stay together.
test: $(INSTALLED)
	$(BIN)/python -m pytest -q -n auto --dist loadfile

# Servers stand in an environment of their own; RECORD=1 writes tests/agents/exchanges anew.
$(SERVERS)/.installed: tests/agents/servers.txt requirements.lock
	$(PYTHON) -m venv $(SERVERS)
	$(SERVERS)/bin/python -m pip install --quiet $$(grep -m1 '^torch==' requirements.lock)
	$(SERVERS)/bin/python -m pip install --quiet -r $<
	@touch $@

test-servers: $(INSTALLED) $(SERVERS)/.installed
	HANDEYE_TEST_SERVERS=1 HANDEYE_RECORD=$(RECORD) \
	$(BIN)/python -m pytest -q -m servers tests/agents/test_live_servers.py

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p handeye
	$(BIN)/lint-imports

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

tables: $(INSTALLED)
	$(BIN)/python -m handeye.experiments.showcase.result_pages
	$(BIN)/python -m handeye.experiments.showcase.server_compatibility

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
