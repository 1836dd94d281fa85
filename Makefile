# One word a chore. Needs Python 3.11+ and make; everything else is installed into .venv,
# locked with hashes. `make demo` and `make test` set up what they need themselves.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup demo check audit sbom test long bench spark docs pictures samples clean

setup: $(READY)

# --no-deps: the lock is complete, and a resolver could only disagree with it.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed"'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $(READY)

demo: setup
	$(BIN)/fraud-pipeline demo

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/check_names.py

# Known weaknesses of what the lock names, where there is a network and pip-audit (`pip install pip-audit`);
# apart from `check`, which must not depend on what was published today.
audit: setup
	@if ! test -x $(BIN)/pip-audit; then echo "pip-audit is not installed: nothing was asked"; \
	else $(BIN)/pip-audit --disable-pip --require-hashes -r requirements.lock || exit 1; fi

sbom: setup
	$(BIN)/python tools/sbom.py --out sbom.json

# Two workers, one file at a time each; WORKERS=0 runs all in one process.
WORKERS ?= 2
test: check
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not long and not spark"

long: setup
	$(BIN)/pytest -m "long and not spark"

bench: setup
	$(BIN)/python -m benchmarks

# A real master and two workers on this machine, both engines on one world, every table
# compared. Needs Java 17 or newer; the extra is locked apart, because it is 450 MB.
spark: setup
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements-spark.lock
	$(BIN)/pytest -m spark tests/engine/spark
	$(BIN)/python -m benchmarks.spark

# The documentation site, into site/; no network. `fraud-pipeline docs` serves it.
docs: setup
	$(BIN)/mkdocs build --quiet

# The pictures of the README and of the manual, from the demo's pages; needs Chromium.
pictures: demo
	$(BIN)/python docs/make_pictures.py demo

samples: setup
	$(BIN)/python -m data_samples.make

clean:
	rm -rf .venv demo site .pytest_cache .mypy_cache .ruff_cache
