# Every target makes its own environment in .venv when that is missing or out of date.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test check bench docs release clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@$(BIN)/python -m compileall -q sdk mockservers schemas conformance
	@touch $@

demo: $(STAMP)  ## run the conformance suite against the bundled channel on the fakes
	@$(BIN)/python -m tolmach_conformance demo

test: $(STAMP)  ## run every test
	@$(BIN)/python tests/interop_environments.py
	@$(BIN)/python -m pytest

check: $(STAMP)  ## formatting, lint, types, import directions
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@$(BIN)/basedpyright

bench: $(STAMP)  ## print speed, memory and start-up as ratios against a baseline of the same run
	@$(BIN)/python benchmarks/run.py

docs: $(STAMP)  ## rewrite the generated pages and pictures
	@$(BIN)/python docs/pachca_calls.py
	@$(BIN)/python docs/generate.py

clean:  ## remove the environment and everything built
	rm -rf $(VENV) build dist
