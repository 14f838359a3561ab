# Everything runs from .venv, made here. `make` alone lists what there is.
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
# The first of these that is Python 3.11 or newer; PYTHON=… chooses another.
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(shell \
	command -v $(p) >/dev/null 2>&1 && $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
# It pins add-ons of Django that are not ours, so it lives apart.
LABEL_STUDIO := .label-studio
LABEL_STUDIO_VERSION := 1.23.2
FAST := not slow and not browser
# A file's tests stay together: they share what is dear to make. Each process has servers of its own.
PARALLEL := -n 2 --dist loadfile

export WINNOW_PORT WINNOW_DATA_DIR
# Set in some shells; without compiled modules every process takes seconds longer to start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo up test check bench clean requirements label-studio

help: ## list the targets
	@echo "Winnow. Variables: VIDEO=path (demo), WINNOW_PORT (8000), WINNOW_DATA_DIR (./data), PYTHON"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## make .venv and install what the service needs

demo: $(VENV)/.installed ## render (or take VIDEO=path), run the whole cascade, leave the service running
	@$(MANAGE) demo $(if $(VIDEO),--video "$(VIDEO)")

up: $(VENV)/.installed ## run the service until Ctrl-C
	@$(MANAGE) up

test: $(VENV)/.installed-dev ## run every test
	$(BIN)/pytest $(PARALLEL) $(ARGS)

check: $(VENV)/.installed-dev ## style, types, import rules and the fast tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/pytest $(PARALLEL) -m "$(FAST)" $(ARGS)

bench: $(VENV)/.installed-dev ## run the benchmarks, each beside its peer
	@for script in bench/[a-z]*.py; do echo "== $$script"; $(BIN)/python -m "bench.$$(basename "$$script" .py)" || exit 1; done

label-studio: $(LABEL_STUDIO)/.installed ## install Label Studio in an environment of its own, for the tests (1 GB)

clean: ## remove .venv and caches; the data folder stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './data/*' -prune -exec rm -rf {} +

requirements: $(VENV)/bin/uv ## compile requirements*.txt from requirements*.in
	UV_CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/uv pip compile -q --no-emit-index-url --no-emit-find-links \
		--python-version 3.11 requirements.in -o requirements.txt
	UV_CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/uv pip compile -q --no-emit-index-url --no-emit-find-links \
		--python-version 3.11 requirements-dev.in -o requirements-dev.txt

$(LABEL_STUDIO)/.installed: Makefile | $(VENV)/bin/uv
	@if [ "$$($(LABEL_STUDIO)/bin/python -c 'import importlib.metadata as m; print(m.version("label-studio"))' 2>/dev/null)" \
		!= "$(LABEL_STUDIO_VERSION)" ]; then \
		$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(LABEL_STUDIO) && \
		$(BIN)/uv pip install --quiet --python $(LABEL_STUDIO)/bin/python "label-studio==$(LABEL_STUDIO_VERSION)" setuptools; fi
	@touch $@

$(VENV)/bin/uv:
	@test -n "$(PYTHON)" || { echo "Winnow needs Python 3.11 or newer, and found none. On Debian or Ubuntu:"; \
		echo "  sudo apt install python3 python3-venv"; echo "or name one: make PYTHON=/path/to/python3.12"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is too old or does not run: Winnow needs Python 3.11 or newer."; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments: its venv module is missing. On Debian or Ubuntu:"; \
		echo "  sudo apt install $$("$(PYTHON)" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"; exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

# opencv-python and opencv-python-headless install the same folder; headless last spares servers libGL.
HEADLESS = $(BIN)/uv pip install --quiet --python $(BIN)/python --force-reinstall --no-deps \
	"$$(grep '^opencv-python-headless==' requirements.txt)"

$(VENV)/.installed: requirements.txt | $(VENV)/bin/uv
	$(BIN)/uv pip install --python $(BIN)/python -r requirements.txt
	@$(HEADLESS)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/uv pip install --python $(BIN)/python -r requirements-dev.txt
	@$(HEADLESS)
	@touch $@
