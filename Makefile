# Koll. `make run` starts everything, `make test` tries everything; README.md says the rest.
#
#   make run   PORT=8001 KOLL_DATA=/some/folder DEMO=0
#   make test  ARGS="tests/risk -k absence"   SKIP_BROWSER=1
#   make bench PUPILS=400000 ONLY=import,scan,page

SHELL := /bin/sh
PORT ?= 8000
PUPILS ?= 40000
ONLY ?= import,scan,page
MANAGE := .venv/bin/python manage.py
# The newest that has a wheel of Redis first, then any from 3.11 on.
FIND_PYTHON = for python in python3.12 python3.11 python3.13 python3.14 python3; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; done; \
	  if [ -z "$$python" ]; then echo "Koll behöver Python 3.11 eller senare." >&2; exit 1; fi

ifeq ($(SKIP_BROWSER),1)
DONE = Grönt, men resorna i webbläsaren hoppades över (SKIP_BROWSER=1).
WITHOUT_BROWSER = --ignore=tests/browser
else
DONE = Grönt.
endif

.PHONY: run test look bench lock .venv dev chromium

run: .venv
	@exec $(MANAGE) run --port $(PORT)

test: dev chromium
ifeq ($(strip $(ARGS)),)
	.venv/bin/ruff check --quiet .
	.venv/bin/ruff format --check --quiet .
	.venv/bin/lint-imports --no-logo
	KOLL_DATA="$${KOLL_DATA:-.local}/test" $(MANAGE) makemigrations --check --dry-run
	$(MANAGE) translations --check
endif
	@$(MANAGE) translations --compile
	.venv/bin/python -m pytest -q -n 2 $(WITHOUT_BROWSER) $(ARGS)
	@echo "$(DONE)"

look: dev chromium
	.venv/bin/python -m tests.look $(ARGS)

bench: dev
	.venv/bin/python -m tests.bench --pupils $(PUPILS) --only $(ONLY) $(ARGS)

# The environment. A half-made one is made again; see followup/environment.py.
.venv:
	@$(FIND_PYTHON); exec $$python -m followup.environment

dev:
	@$(FIND_PYTHON); exec $$python -m followup.environment dev

# A real browser for the journeys: the machine's own, or Debian's when we are root.
chromium:
	@case "$(SKIP_BROWSER):$(ARGS)" in 1:*) exit 0;; :|:*browser*) ;; *) exit 0;; esac; \
	for name in chromium chromium-browser google-chrome google-chrome-stable; do \
	  command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0; fi; \
	echo "Här finns ingen Chromium för resorna i webbläsaren. Installera chromium, eller kör SKIP_BROWSER=1." >&2; exit 1

# Pins again after a change in pyproject.toml: for every platform, with hashes, without an index's address.
COMPILE = .venv/bin/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --python-version 3.11 pyproject.toml
lock: dev
	@test -x .venv/bin/uv || .venv/bin/python -m pip install --quiet uv
	$(COMPILE) -o requirements.txt
	$(COMPILE) --extra dev -c requirements.txt -o requirements-dev.txt
