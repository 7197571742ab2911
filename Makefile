# Needs only Python >= 3.11 with pip, git and make; everything else comes by itself.
#   make demo   set up, then check a real release against two real downstreams
#   make test   set up, then run all tests (no network is needed once it is set up)

UV_VERSION ?= 0.13.9
TEST_JOBS ?= 2
COVERAGE_MINIMUM ?= 90
PYTEST_ARGUMENTS ?=

BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup demo test lint docs online clean

setup: $(READY)

$(READY): pyproject.toml uv.lock .ci/setup
	UV_VERSION=$(UV_VERSION) .ci/setup
	@touch $@

demo: $(READY)
	@.ci/demo

test: $(READY)
	$(BIN)/pytest -n $(TEST_JOBS) -p randomly --cov --cov-report=term --cov-fail-under=$(COVERAGE_MINIMUM) $(PYTEST_ARGUMENTS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: $(READY)
	$(BIN)/python docs/generate.py --check
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet --site-dir site

online: $(READY)
	$(BIN)/pytest -m online -p randomly

clean:
	rm -rf .venv .venv-tools site dist .coverage .coverage.* .mypy_cache .ruff_cache .hypothesis
