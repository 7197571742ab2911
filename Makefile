# Needs only Python >= 3.11 with pip, git and make; everything else comes by itself.
#   make demo   set up, then check a real release against two real downstreams
#   make test   set up, then run all tests (no network is needed once it is set up)
#   make mutation   change one thing at a time in the rooms that decide, and count what no test notices

UV_VERSION ?= 0.13.9
TEST_JOBS ?= 2
COVERAGE_MINIMUM ?= 90
PYTEST_ARGUMENTS ?=
MUTANTS ?= 200
PER_FILE ?= 0
ONLY ?=
SEED ?= 1

BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup demo test lint docs online mutation clean

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

# mutmut is pinned here and not in uv.lock: it is needed for nothing else.
mutation: $(READY)
	UV_PROJECT_ENVIRONMENT=.venv .venv-tools/bin/uv run --frozen --no-sync --with mutmut==3.8.1 -- \
		python tools/mutation.py --mutants $(MUTANTS) --per-file $(PER_FILE) --only "$(ONLY)" --seed $(SEED) --jobs $(TEST_JOBS)

clean:
	rm -rf mutants .venv .venv-tools site dist .coverage .coverage.* .mypy_cache .ruff_cache .hypothesis
