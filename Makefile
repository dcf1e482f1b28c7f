# Every door of the house. A target does one thing; what it does is in Python, so that it can be tested.
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
# Without stored bytecode each process compiles the product anew as it starts.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
PY := .venv/bin/python
STACK := $(PY) -m devstack
API ?= 1
# Optional servers, separated by commas. Each `up` says which: one without ends them.
OPTIONAL = $(if $(WITH),--with $(WITH))
# A run of the tests has so many processes, each with a stack of its own.
PROCESSES ?= 2
SHARED = -n $(PROCESSES) --dist loadfile --no-loadscope-reorder --durations=20
comma := ,
CODE := api workers workflows activities adapters domain config templates

.DEFAULT_GOAL := help
.PHONY: help env run test test-fast coverage up down wipe status urls logs stop start api worker debug admin \
        where lint format types house replay record journeys faults soak outside bench audit lock openapi sdk

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: ## the Python environment with our client in it, redone only when what they are made of changes
	@command -v $(PYTHON) >/dev/null || { echo "Decode needs Python 3.11 or newer; install it with: apt-get install -y python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -m devstack.python_env
	@$(PY) -m sdk.python_client

run: env ## everything from nothing, then the guided journey, then the URLs; the stack stays up
	@$(STACK) up --no-table --api $(API) $(OPTIONAL)
	@$(PY) -m tests.journeys.play
	@$(STACK) urls

test: env ## everything from nothing, then the whole test suite against real servers
	@$(PY) -m pytest $(SHARED)

test-fast: env ## the tests that need no server
	@$(PY) -m pytest tests/domain tests/house tests/config tests/adapters/crypto -q

coverage: env ## which lines and branches the tests reach, of stacks too; all tests or some (ONLY=tests/domain,tests/api)
	@$(PY) -m tests.house.coverage $(SHARED) $(subst $(comma), ,$(ONLY))

up: env ## the stack in the background (API=2: two API processes; WITH=assistant: a language model, until an up without it)
	@$(STACK) up --api $(API) $(OPTIONAL)

down: env ## ends the stack; the data stays
	@$(STACK) down

wipe: env ## ends the stack and deletes its data
	@$(STACK) down --wipe

status: env ## the stack as JSON; fails if something is not healthy
	@$(STACK) status

urls: env ## a line for each server and process
	@$(STACK) urls

logs: env ## the last line of each log, or one log (NAME=api)
	@$(STACK) logs $(NAME)

stop: env ## takes one server or process away (NAME=redis)
	@$(STACK) stop $(or $(NAME),$(error say which: make stop NAME=redis))

start: env ## brings it back (NAME=redis)
	@$(STACK) start $(or $(NAME),$(error say which: make start NAME=redis))

api: env ## the API in the foreground with reload, against whatever the settings point to
	@$(PY) -m watchfiles --filter python "$(PY) -m api" $(CODE)

worker: env ## the worker in the foreground with reload, against whatever the settings point to
	@$(PY) -m watchfiles --filter python "$(PY) -m workers" $(CODE)

debug: env ## one process of the stack in the foreground, under debugpy (NAME=worker; else the API)
	@$(STACK) debug $(or $(NAME),api)

# The shell has a USER of its own, which is never the one that is meant.
ROLE ?= admin
admin: env ## makes a user an admin, or gives another role (USER=name ROLE=super_admin)
	@$(if $(filter command,$(origin USER)),,$(error say whom: make admin USER=alice))eval "$$($(STACK) env --run "$${DECODE_RUN:-.run}")" && $(PY) -m api.operations.admin '$(USER)' '$(ROLE)'

where: env ## the files of one noun, floor by floor (NOUN=registration)
	@$(PY) -m tests.house.where '$(or $(NOUN),$(error say which: make where NOUN=registration))'

lint: env ## ruff, formatting, import contracts
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@.venv/bin/lint-imports

format: env ## lets ruff put right what it can
	@$(PY) -m ruff check --fix
	@$(PY) -m ruff format

types: env ## mypy, strict
	@$(PY) -m mypy

house: env ## the rules of the house
	@$(PY) -m pytest tests/house -q

replay: env ## every recorded history against today's workflows
	@$(PY) -m pytest tests/replay -q

record: env ## records the histories that are missing; delete one to record it anew
	@$(PY) -m tests.replay.record

journeys: env ## whole journeys through HTTP and WebSocket
	@$(PY) -m pytest tests/journeys

faults: env ## the kill matrix
	@$(PY) -m pytest tests/faults

soak: env ## random runs in full length, of which the tests take a part
	@DECODE_SOAK=1 $(PY) -m pytest --timeout=0 $$(grep -rl --include='test_*.py' tests.support.soak tests)

outside: env ## foreign linters and generated clients against the running stack (needs Node.js 20)
	@$(STACK) up --no-table
	@$(PY) -m tests.outside

bench: env ## every figure beside its limit; some of them (ONLY=registration,follow), roughly (QUICK=1)
	@$(PY) -m bench $(if $(QUICK),--quick) $(if $(ONLY),'$(ONLY)')

audit: env ## known weaknesses of what we depend on
	@$(PY) -m pip_audit --requirement requirements.lock --require-hashes --disable-pip

lock: env ## both lock files from pyproject.toml
	@compile="$$(command -v uv || echo .venv/bin/uv) pip compile -q --python-version 3.11 --generate-hashes --no-header --no-annotate"; \
	$$compile pyproject.toml -o requirements.lock && $$compile --group dev pyproject.toml -o requirements-dev.lock

openapi: env ## docs/openapi.json
	@$(PY) -m api.openapi

sdk: env ## the clients, made from docs/openapi.json and packed
	@$(PY) -m sdk
