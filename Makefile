# chibo: `make demo` shows it, `make test` proves it. Needs Python 3.11 or later with pip; nothing else, root or not.

PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8080
DATA   ?= .chibo
BIN    := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help demo test test-faults bench containers lint lock clean

help: ## what can be made
	@echo "chibo: make …"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14
	@echo "  PORT=8080 and DATA=.chibo may be given to demo, PYTHON=python3 to all"

demo: $(VENV)/runtime ## start everything with the demonstration and print where to look (Ctrl-C stops it)
	@exec $(BIN)/chibo up --demo --port $(PORT) --data "$(DATA)"

test: $(VENV)/development ## all tests but the long ones; those for Chromium or a container engine where there is one
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not faults" $(TESTS)

test-faults: $(VENV)/development ## the long proofs: real processes killed, and well-known bugs put back
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m faults $(TESTS)

bench: $(VENV)/benchmarks ## measure everything beside its peers, and write docs/benchmarks.md (25 minutes, a quiet machine)
	$(BIN)/chibo bench all --write

containers: $(VENV)/development ## docker-compose up for real with the end-to-end tests; logs and streams on other servers
	$(BIN)/python -m pytest -m containers -rs tests/containers

lint: $(VENV)/development ## format, style, types, and who may import whom
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: ## resolve the dependencies of pyproject.toml anew (needs the package index)
	@test -x $(BIN)/python || deploy/local/venv "$(PYTHON)" $(VENV)
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
		pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
		--extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
		--extra bench -c requirements-dev.lock pyproject.toml -o requirements-bench.lock

clean: ## remove what was made, except data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# a stamp is older than its lock when the lock has changed: then what it names is installed again
$(VENV)/runtime: requirements.lock pyproject.toml deploy/local/venv
	@deploy/local/venv "$(PYTHON)" $(VENV) requirements.lock
	@touch $@

$(VENV)/development: requirements-dev.lock pyproject.toml deploy/local/venv
	@deploy/local/venv "$(PYTHON)" $(VENV) requirements-dev.lock
	@touch $@ $(VENV)/runtime

$(VENV)/benchmarks: requirements-bench.lock $(VENV)/development
	@deploy/local/venv "$(PYTHON)" $(VENV) requirements-bench.lock
	@touch $@
