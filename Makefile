# On a fresh machine: `make demo`, `make check` and `make test`. All use one virtual environment.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

LOWEST := .venv-lowest

.PHONY: demo look check test lowest bench answer reference install format clean

$(READY): setup.py constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip setuptools wheel
	$(BIN)/pip install --quiet --constraint constraints.txt '.[test]'
	@touch $(READY)

# The package is installed as a user installs it, so tests and type check see what is shipped.
install: $(READY)
	@rm -rf build
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --force-reinstall .

demo: install
	$(BIN)/narrows tune synthetic:narma10 --lookback 12 --trials 10 --epochs 40 --out demo/run
	$(BIN)/narrows export demo/run demo/model --force
	$(BIN)/narrows series narma10 --out demo/narma10.csv
	$(BIN)/narrows forecast demo/model demo/narma10.csv --out demo/forecast.csv
	@tail -n 1 demo/forecast.csv
	@echo "look at the trials:  $(BIN)/narrows board demo/run"

look: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy -p narrows
	$(BIN)/mypy benchmarks

# What needs no TensorFlow, for the time between two changes.
check: look
	$(BIN)/pytest tests/test_imports.py tests/test_api.py tests/test_job.py tests/test_optuna_study.py \
		tests/progress tests/runs tests/series tests/callbacks/figures tests/search_spaces/test_machine.py \
		tests/search_spaces/test_parts.py tests/search_spaces/test_profile.py tests/cli/test_bad_input.py

# Two processes, each with whole files, since tests of a file share what they made: 20 minutes on two cores, not 33.
test: look
	$(BIN)/pytest -n 2 --dist loadfile

# The lower bounds of setup.py, installed to the letter. After a change of a bound:
#   uv pip compile --python 3.11 --resolution lowest-direct --extra test --extra docs --no-annotate --no-header \
#       setup.py --output-file constraints-lowest.txt
lowest:
	@rm -rf build
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/pip install --quiet --constraint constraints-lowest.txt '.[test]'
	$(LOWEST)/bin/pip install --quiet --no-deps --force-reinstall .
	$(LOWEST)/bin/pytest tests/test_private_parts.py tests/series tests/runs tests/algorithms tests/stopping \
		tests/search_spaces tests/callbacks/figures tests/engines tests/export tests/cli

answer: install
	$(BIN)/python benchmarks/answer.py

# Everything public, from its docstrings: build/reference/index.html.
reference: install
	$(BIN)/pip install --quiet --constraint constraints.txt '.[docs]'
	$(BIN)/python docs/reference.py build/reference

bench: install
	$(BIN)/python benchmarks/run.py

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) $(LOWEST) build dist demo *.egg-info
