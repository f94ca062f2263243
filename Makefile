# One command each; `make help` explains them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
export UV_LINK_MODE ?= copy
# Compiled modules are kept beside the environment, also where a machine keeps none: every start reads them.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/pycache

.PHONY: help run test check assets bench lock format services services-down clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

run: $(STAMPS)/runtime assets ## start everything on this machine, with the demo
	@$(BIN)/grants run

test: $(STAMPS)/dev assets ## everything: services, linters, types, import rules, all tests
	@tools/with-services $(MAKE) --no-print-directory _lint
	@tools/with-services $(BIN)/python -m pytest -n 3 --no-loadscope-reorder $(ARGS)

check: $(STAMPS)/dev assets _lint ## the fast part: lint, types, import rules, all but the slow tests and those in a browser
	@tools/with-services $(BIN)/python -m pytest -n 2 --no-loadscope-reorder -m "not browser and not slow" $(ARGS)

_lint: $(STAMPS)/dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/lint-imports --config .importlinter
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/mypy

format: $(STAMPS)/dev ## put the code into its shape
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

assets: $(STAMPS)/runtime ## build the front end (skipped when nothing changed)
	@$(BIN)/python -m grants.web.assets

bench: $(STAMPS)/dev assets ## measure; NAME=pages for one
	@tools/with-services $(BIN)/python -m benchmarks $(NAME)

services: ## start what the tests need: PostgreSQL, S3 server, Chromium
	@tools/services up

services-down: ## stop it
	@tools/services down

lock: ## write the two lock files anew
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--extra build pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--extra build --extra dev pyproject.toml -o requirements-dev.lock

clean: ## remove what was built; keeps var/
	rm -rf $(VENV) node_modules grants/web/static/dist *.egg-info

$(BIN)/uv:
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv

$(STAMPS)/runtime: requirements.lock pyproject.toml | $(BIN)/uv
	@mkdir -p $(STAMPS)
	@test -f $(STAMPS)/dev || VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q --no-deps -e .
	@touch $@

$(STAMPS)/dev: requirements-dev.lock pyproject.toml | $(BIN)/uv
	@mkdir -p $(STAMPS)
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q --require-hashes -r requirements-dev.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q --no-deps -e .
	@touch $@ $(STAMPS)/runtime
