# Two targets are all a newcomer needs: `make run` and `make test`. `make help` lists the others.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# A stamp is touched last, so an interrupted step is done again and a finished one is not.
S := .make

.PHONY: help run test test-compiled compiled check explorer docs wheel lock clean

help: ## Lists the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

PIP := $(PY) -m pip install --quiet --quiet --disable-pip-version-check --no-input --root-user-action=ignore --require-hashes

$(S)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "custgraph needs Python 3.11 or later; set PYTHON=python3.11")'
	@echo "Making a Python environment in $(VENV) …"
	@$(PYTHON) -m venv --clear $(VENV) || { scripts/install-system-packages python3-venv && $(PYTHON) -m venv --clear $(VENV); }
	@mkdir -p $(S) && touch $@

$(S)/run-deps: $(S)/venv requirements.lock
	@echo "Installing what custgraph needs …"
	@$(PIP) -r requirements.lock
	@touch $@

# The sources are used where they are; the command is the one that `pip install` would make.
$(S)/install: $(S)/run-deps pyproject.toml
	@echo "$(CURDIR)/src" > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/custgraph.pth"
	@printf '#!%s\nimport sys\nfrom custgraph.cli import main\nif __name__ == "__main__":\n    sys.exit(main())\n' "$(CURDIR)/$(PY)" > $(VENV)/bin/custgraph
	@chmod +x $(VENV)/bin/custgraph
	@touch $@

$(S)/test-deps: $(S)/install requirements-dev.lock
	@echo "Installing what the tests need …"
	@$(PIP) -r requirements-dev.lock
	@touch $@

$(S)/system: scripts/install-system-packages
	@scripts/install-system-packages chromium redis-server gcc libc6-dev
	@mkdir -p $(S) && touch $@

run: explorer $(S)/install ## Serves the gateway over the embedded sample data (PORT=8000)
	@$(VENV)/bin/custgraph serve $(if $(PORT),--port $(PORT))

test: check explorer $(S)/system ## Runs everything: lint, types, tests, and side by side with them what tests the compiled modules
	@$(MAKE) --no-print-directory --jobs=2 test-sources test-compiled

.PHONY: test-sources
test-sources: $(S)/test-deps
	$(PY) -m pytest

# Those of all that is compiled, and of what is made of it; tests/support/compiled.py names those that cannot be run.
COMPILED_TESTS := tests/http tests/execution tests/rest tests/schema tests/test_app.py tests/test_cli_serve.py \
	tests/test_cork.py tests/test_garbage.py tests/test_loaders_customers.py tests/test_loaders_enterprises.py \
	tests/test_telemetry_logs.py
test-compiled: compiled ## Runs tests on the compiled modules
	@set -o pipefail; PYTHONPATH=$(CURDIR)/build/compiled \
		$(PY) -m pytest --compiled -m "not node and not browser" $(COMPILED_TESTS) | sed --unbuffered 's/^/compiled: /'

explorer: $(S)/venv ## Builds GraphiQL when its sources changed (needs Node.js 20)
	@$(PY) scripts/build_explorer.py

check: $(S)/test-deps ## Lint and types only
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

docs: $(S)/test-deps ## Writes the parts of docs/ that the code knows: settings, command, log fields, metrics
	$(PY) scripts/document.py

COMPILE := HATCH_BUILD_HOOK_ENABLE_MYPYC=true

wheel: $(S)/test-deps ## Builds the wheel, with GraphiQL in it, into dist/ (PURE=1: for any platform, not compiled)
	$(if $(PURE),,$(COMPILE)) $(PY) -m hatchling build -t wheel

WHEEL_SOURCES := pyproject.toml hatch_build.py scripts/compile_modules.py \
	$(shell find src/custgraph explorer \( -name node_modules -o -name __pycache__ \) -prune -o -type f -print)

compiled: build/compiled/.stamp ## Unpacks a compiled wheel into build/compiled, to be run from there (needs a C compiler)

build/compiled/.stamp: $(S)/test-deps $(WHEEL_SOURCES)
	@echo "Compiling custgraph …"
	@rm -rf build
	@$(COMPILE) $(PY) -m hatchling build -t wheel -d build/wheel
	@$(PY) -m zipfile -e build/wheel/*.whl build/compiled
	@touch $@

.PHONY: equivalence
equivalence: $(S)/test-deps ## Compares plans with graphql-core on random requests (EXAMPLES=23000 SEED=)
	PYTHONPATH=tests $(PY) scripts/equivalence.py $(if $(EXAMPLES),--examples $(EXAMPLES)) $(if $(SEED),--seed $(SEED))

.PHONY: faults faults-long faults-table
faults: $(S)/test-deps ## Holds the gateway against a misbehaving upstream, and prints the figures (SEED=1)
	$(PY) scripts/faults.py --seed $(or $(SEED),1)

faults-long: $(S)/test-deps ## The same, with minutes in which the upstream fails or hangs
	$(PY) scripts/faults.py --seed $(or $(SEED),1) --long

faults-table: $(S)/test-deps ## Writes docs/faults.md from what the tests expect
	$(PY) scripts/faults.py --table

# Options of the benchmark: SERVERS and OPS (comma-separated names), ROUNDS, DURATION (seconds), QUICK=1.
BENCH_FLAGS = $(if $(SERVERS),--servers $(SERVERS)) $(if $(OPS),--ops $(OPS)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
	$(if $(DURATION),--duration $(DURATION)) $(if $(QUICK),--quick)

BENCH := benchmarks/.work/venv/bin/python
.PHONY: bench bench-all bench-setup bench-wires
bench-setup: $(S)/install ## Installs what the benchmark measures against
	benchmarks/setup.sh

bench: bench-setup ## Measures custgraph against its rivals (SERVERS= OPS= ROUNDS= DURATION= QUICK=1)
	$(BENCH) benchmarks/run.py $(BENCH_FLAGS) --output benchmarks/results/$(if $(QUICK),quick,peers)

bench-wires: bench-setup ## Measures HTTP clients in the place of custgraph's own wire
	$(BENCH) benchmarks/run.py --servers custgraph,wire-aiohttp,wire-httpx,wire-pyreqwest --ops Q1,Q2,Q3,Q4 \
		--connections 1,16 --output benchmarks/results/wires

bench-all: bench bench-wires ## Takes all figures of docs/performance.md anew (an hour on a quiet machine)
	$(BENCH) benchmarks/growth.py
	$(BENCH) benchmarks/hotspots.py --output benchmarks/results/hotspots.md
	$(BENCH) benchmarks/soak.py
	$(BENCH) benchmarks/document.py

.PHONY: attack
attack: $(S)/test-deps ## Attacks a gateway of its own and prints what was refused (QUICK=1; a minute)
	$(PY) scripts/attack.py $(if $(QUICK),--quick)

lock: ## Pins the dependencies anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -c requirements.lock pyproject.toml --group dev -o requirements-dev.lock

clean: ## Removes what the targets made
	rm -rf $(VENV) $(S) build dist src/custgraph/explorer/assets
	find explorer examples tests -name node_modules -prune -exec rm -rf {} +
