# make demo      set up and run the main job end to end on a CPU
# make test      set up and run the tests (make test-all adds the slow ones, make unit skips training)
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
SEED   ?= 0
export AXOLOTL_DO_NOT_TRACK = 1
export HF_HUB_OFFLINE = 1
export TOKENIZERS_PARALLELISM = false
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test test-all unit lint clean install

install: $(VENV)/installed

# torch first and by its exact version: a range would fetch a build with CUDA on some machines.
$(VENV)/installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^torch==' constraints.txt)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: install
	emp demo --seed $(SEED)

# On every core, one file at a time; the trainings of a worker share one process that has imported
# Axolotl.
test: unit lint
	pytest -n auto --dist loadfile -m "train and not slow"

test-all: test
	pytest -m slow

unit: install
	pytest -n auto --dist loadfile -m "not train and not slow"

lint: install
	ruff check .
	ruff format --check .
	lint-imports

clean:
	rm -rf build data last_run_prepared .pytest_cache .ruff_cache .hypothesis .import_linter_cache
