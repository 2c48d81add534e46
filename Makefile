# `make demo` and `make test` set up .venv themselves; nothing else is needed than Python and pip.
# Python 3.11 is taken where it is, since PyBullet has a wheel for it; for 3.12 and 3.13 it is built.
ifndef PYTHON
PYTHON := $(shell for python in python3.11 python3.13 python3.12; do \
	$$python -c 'import ensurepip' 2>/dev/null && echo $$python && exit; done; echo python3)
endif
VENV := .venv
BIN := $(VENV)/bin
SERVERS := .venv-servers
INSTALLED := $(VENV)/.installed
PYBULLET := $(shell grep -m1 '^pybullet==' requirements.lock)
# Under this name a recipe that calls make again is only shown by `make -n`, not carried out.
AGAIN := $(MAKE)
PYBULLET_LOG := $(VENV)/pybullet.log
PYBULLET_BUILD := $(VENV)/pybullet-build
DEMO_DIR ?= outputs/demo

export MYPYPATH := src
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Bytecode is kept whatever the machine says: each process of the tests would compile all anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-fast test-slow test-heavy test-servers test-browser coverage check format tables results install pybullet clean

help:
	@echo "make demo          set up, then judge the shipped policy (table + report.html), film navigation"
	@echo "make test          set up, then run every test: 5 to 7 minutes on two idle cores"
	@echo "make test-fast     the tests that take moments: one or two minutes on two cores"
	@echo "make test-slow     the tests that test-fast leaves out"
	@echo "make test-heavy    whole tables, soaks and commands of minutes, which make test leaves out"
	@echo "make test-browser  look at reports in a Chromium of this machine"
	@echo "make test-servers  talk to real language-model servers; RECORD=1 keeps what they say"
	@echo "make coverage      every test, with the lines that none of them reaches"
	@echo "make check         ruff, mypy --strict, import floors"
	@echo "make format        let ruff tidy the code"
	@echo "make results       record every published figure that is not of the code as it is now"
	@echo "make tables        rewrite docs/results, docs/environments, docs/families and the headline table"
	@echo "make install       set up .venv and nothing else; PYTHON=python3.13 takes another Python"
	@echo "make pybullet      build PyBullet in .venv, where it has no wheel (install does it unasked)"
	@echo "make clean         remove caches"

install: $(INSTALLED)

# The stamp is written last, so an interrupted installation is continued, never taken for whole.
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else \
	"error: Python %d.%d is not among 3.11 to 3.13: make PYTHON=python3.11" % v)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet $$(grep -m1 '^torch==' requirements.lock)
	$(BIN)/python -m pip install --quiet --only-binary :all: $(PYBULLET) 2>/dev/null || \
	$(AGAIN) --no-print-directory pybullet
	$(BIN)/python -m pip install --quiet -r requirements.lock
	$(BIN)/python -m pip install --quiet -e . --no-deps
	@touch $@

# Builds PyBullet where no wheel of it fits; the count of compiled files shows that it goes on.
pybullet:
	@printf '#include <Python.h>\n#include <vector>\n' | $${CXX:-c++} -x c++ -fsyntax-only \
	$$($(BIN)/python -c 'import sysconfig; print("-I" + sysconfig.get_path("include"))') - || { \
	echo 'error: PyBullet has no wheel for $(PYTHON), and what builds it is missing here.'; \
	echo 'Take Python 3.11 (make PYTHON=python3.11), or install a C++ compiler and the headers of'; \
	echo 'Python (Debian, Ubuntu: apt-get install g++ python3-dev).'; exit 1; } >&2
	@echo "PyBullet has no wheel for $(PYTHON): building it, about 4 minutes on two cores"
	@mkdir -p $(PYBULLET_BUILD); (while sleep 15; do \
	echo "  $$(find $(PYBULLET_BUILD) -name '*.o' | wc -l) files compiled"; done) & watch=$$!; \
	TMPDIR=$(abspath $(PYBULLET_BUILD)) $(BIN)/python -m pip install --verbose $(PYBULLET) \
	> $(PYBULLET_LOG) 2>&1; kill $$watch; rm -rf $(PYBULLET_BUILD)
	@$(BIN)/python -c 'import pybullet' && echo "PyBullet is built" || { \
	tail -n 20 $(PYBULLET_LOG); echo "error: PyBullet could not be built"; exit 1; } >&2

demo: $(INSTALLED)
	$(BIN)/handeye demo --output_dir $(DEMO_DIR) --overwrite

# One process a core; the tests of a file share its fixtures, so they stay together, the slow first.
PYTEST := $(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder

test: $(INSTALLED)
	$(PYTEST)

test-fast: $(INSTALLED)
	$(PYTEST) -m "not slow and not heavy and not servers and not browser"

test-slow: $(INSTALLED)
	$(PYTEST) -m slow

test-heavy: $(INSTALLED)
	$(PYTEST) -m heavy

coverage: $(INSTALLED)
	$(PYTEST) --cov=handeye --cov-report=term:skip-covered

# Servers stand in an environment of their own; RECORD=1 writes tests/agents/exchanges anew.
$(SERVERS)/.installed: tests/agents/servers.txt requirements.lock
	$(PYTHON) -m venv $(SERVERS)
	$(SERVERS)/bin/python -m pip install --quiet $$(grep -m1 '^torch==' requirements.lock)
	$(SERVERS)/bin/python -m pip install --quiet -r $<
	@touch $@

test-browser: $(INSTALLED)
	$(BIN)/python -m pytest -q -m browser

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

results: $(INSTALLED)
	$(BIN)/python -m handeye.experiments.showcase.record_rows

tables: $(INSTALLED)
	$(BIN)/python -m handeye.experiments.showcase.result_pages
	$(BIN)/python -m handeye.experiments.showcase.environment_pages
	$(BIN)/python -m handeye.experiments.showcase.family_pages
	$(BIN)/python -m handeye.experiments.showcase.server_compatibility

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
