# Needs GNU make, Python 3.10-3.13 and pip. Everything is installed into .venv.
PYTHON ?= python3
WORKSPACE ?= ./workspace
PORT ?= 8501
PRESET ?=
DEMO ?= ./workspace-demo
PYTEST_ARGS ?=

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
PY := $(BIN)/python
READY := .venv/.installed
READY_DEV := .venv/.installed-dev
READY_BASE := .venv/.installed-base
PIP := $(PY) -m pip --disable-pip-version-check --no-input

# The default encoders are installed packages: nothing may be fetched at run time. A preset that
# has to fetch its weights once is started with HF_HUB_OFFLINE=0 TRANSFORMERS_OFFLINE=0.
export HF_HUB_OFFLINE ?= 1
export TRANSFORMERS_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false

.PHONY: help run demo install test check soak format clean

help: ## list these commands
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 16
	@echo
	@echo "WORKSPACE=$(WORKSPACE)  DEMO=$(DEMO)  PORT=$(PORT)  PRESET=$(PRESET)  PYTHON=$(PYTHON)"

run: $(READY) $(if $(filter base,$(PRESET)),$(READY_BASE)) ## install what is missing, make the workspace and serve the app on 127.0.0.1
	@test -z "$(PRESET)" -a -f "$(WORKSPACE)/workspace.db" || \
		$(PY) -m roc_core init "$(WORKSPACE)" $(if $(PRESET),--preset "$(PRESET)")
	@echo "ROC Workbench: http://127.0.0.1:$(PORT)   workspace: $(WORKSPACE)   stop: Ctrl+C"
	@ROC_WORKSPACE="$(WORKSPACE)" exec $(PY) -m app.launch \
		--server.address 127.0.0.1 --server.port "$(PORT)"

demo: $(READY) ## make a workspace to show in DEMO, once, and serve the app on it; see docs/tour.md
	@test -f "$(DEMO)/workspace.db" || $(PY) -m roc_core demo "$(DEMO)"
	@$(MAKE) run WORKSPACE="$(DEMO)" PRESET=

install: $(READY) ## only install

# One thread a test process: two cores are kept busy by two of them. Numba sets OpenMP's number, too.
test: check ## every check and every test but the long ones
	OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 $(PY) -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

check: $(READY_DEV) ## formatter, linter, types and imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports

soak: $(READY_DEV) ## long crash, load and endurance tests
	HYPOTHESIS_PROFILE=soak $(PY) -m pytest -m soak --timeout 3600 $(PYTEST_ARGS)

format: $(READY_DEV) ## format and mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove .venv and caches; workspaces stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: written last, so that an interrupted installation is taken up again.
$(READY): requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 14))' 2>/dev/null || { \
		echo "Expected Python 3.10 to 3.13. Found: $$($(PYTHON) --version 2>&1 || true)." \
			"Choose one, for example: make run PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Expected Python's venv and ensurepip. Found $(PYTHON) without them." \
			"On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PIP) --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@echo "Installing into .venv; the first time this takes some minutes."
	$(PIP) install -r requirements.txt -c constraints.txt
	@touch $@

$(READY_DEV): requirements-dev.txt $(READY)
	$(PIP) install -r requirements-dev.txt -c constraints.txt
	@touch $@

# Only for PRESET=base: 0.4 GB of weights as five packages.
$(READY_BASE): requirements-base.txt $(READY)
	$(PIP) install --no-deps -r requirements-base.txt
	@touch $@
