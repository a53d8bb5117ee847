# People and CI run the same targets. Nothing but python3 (3.11 or later) and make has to be there before.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Python compiles what it imports; compiling all that is installed would add 100 MB and half a minute.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt
WORKERS ?= 2
# Some containers set this; each of the many processes would then compile all of torch and transformers for itself.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check fix bench docs clean

demo: $(VENV)/.base ## train, evaluate and tag with the embedded corpus
	$(BIN)/scixtag demo
	@echo '(`. $(BIN)/activate` puts scixtag on your path.)'

test: $(VENV)/.dev ## install what the tests need and run them all
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

check: $(VENV)/.dev ## style, types, architecture, generated pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python docs/generate.py --check

fix: $(VENV)/.dev ## what can be mended by machine
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python docs/generate.py

bench: $(VENV)/.base ## the short benchmarks; ratios, not seconds, can be compared between machines
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/tagging.py
	$(BIN)/python benchmarks/explaining.py
	$(BIN)/python benchmarks/archive.py
	$(BIN)/python benchmarks/kill.py --kills 20

clean:
	rm -rf $(VENV) demo

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "scixtag needs Python 3.11 or later; try: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: $(BIN)/python pyproject.toml constraints.txt
	$(INSTALL) --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.base
	$(INSTALL) --editable '.[dev]'
	touch $@
