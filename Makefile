# Thin calls of the package: on Windows use `python -m helpers ...` (see README).
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready

DATASET ?=
ROWS    ?=
BOTS    ?=
TARGET  ?=
CONFIRM ?=
SEED    ?= 1
OUT     ?= events.csv.gz
ONLY    ?=
RUNS    ?= 3
SHARE   ?= 1
HOURS   ?=
NIGHTS  ?=
DRY_RUN ?=
YES     ?=

.DEFAULT_GOAL := help
.PHONY: help setup run test faults lab up stop status costs clean-up generate bench check format lock

help:  ## show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)  ## make the virtual environment from the hash-pinned lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "The lab needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.13"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

run: $(READY)  ## run every notebook, write build/ (DATASET=file ROWS=n BOTS=yes TARGET=local|aws CONFIRM=yes)
	@$(BIN)/python -m helpers run $(if $(DATASET),--dataset "$(DATASET)") $(if $(ROWS),--rows "$(ROWS)") \
	  $(if $(filter-out no,$(BOTS)),--bots) $(if $(TARGET),--target "$(TARGET)") $(if $(CONFIRM),--confirm "$(CONFIRM)")

test: $(READY)  ## run the whole test suite, two files at a time
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

faults: $(READY)  ## run the tests of faults over and over, up to the first failure (RUNS=n)
	@for run in $$(seq $(RUNS)); do \
	  echo "Run $$run of $(RUNS)"; \
	  $(BIN)/python -m pytest -m faults -n 2 --dist loadfile --no-loadscope-reorder || exit 1; \
	done

lab: $(READY)  ## open JupyterLab with the local AWS, Flink and the console page up
	@$(if $(TARGET),LAB_TARGET="$(TARGET)") $(BIN)/python -m helpers lab

up: $(READY)  ## start the local AWS and Flink alone
	@$(BIN)/python -m helpers up

stop: $(READY)  ## stop them
	@$(BIN)/python -m helpers stop

status: $(READY)  ## say what is up and where
	@$(BIN)/python -m helpers status

costs: $(READY)  ## print what the course costs on AWS (DATASET=file ROWS=n HOURS=h NIGHTS=n)
	@$(BIN)/python -m helpers costs $(if $(DATASET),--dataset "$(DATASET)") $(if $(ROWS),--rows "$(ROWS)") \
	  $(if $(HOURS),--hours "$(HOURS)") $(if $(NIGHTS),--nights "$(NIGHTS)")

clean-up: $(READY)  ## delete everything that the course made, and prove it (TARGET=local|aws DRY_RUN=yes YES=yes)
	@$(BIN)/python -m helpers clean-up $(if $(TARGET),--target "$(TARGET)") \
	  $(if $(filter-out no,$(DRY_RUN)),--dry-run) $(if $(filter-out no,$(YES)),--yes)

generate: $(READY)  ## make a data set in the Kaggle file's shape (ROWS=n SEED=s OUT=file)
	@$(BIN)/python -m helpers generate --rows "$(ROWS)" --seed "$(SEED)" --out "$(OUT)"

bench: $(READY)  ## measure how fast the lab is (ONLY="cutting querying …" RUNS=n SHARE=x)
	@$(BIN)/python -m helpers bench $(if $(ONLY),--only $(ONLY)) --runs "$(RUNS)" --share "$(SHARE)"

check: $(READY)  ## lint, type-check, look for secrets, audit the locked packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/unit/test_security.py
	$(BIN)/python tests/support/audit.py

format: $(READY)  ## format the code and the notebooks
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock:  ## resolve requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes \
	  --no-annotate --no-header --no-emit-index-url --output-file requirements.lock pyproject.toml
