# make run    crawl the bundled sample, publish it and serve it      (make run PORT=8050)
# make test   set up and run all tests
# make lint   ruff and mypy
# make fuzz   thousands of mutated pages through the extractor, a quarter of an hour (the tests run some dozens)
# make pictures  the pictures of the README        make sample  the bundled sample        make lock  constraints.txt
# make eval   scores of the extraction over real pages (where ../shared has them)
# make bench-extract, bench-crawl, bench-search, bench-text   khotin beside others
# make soak   a crawl is killed again and again for ten minutes, and what was lost is told (SOAK_MINUTES=60 for longer)
# All of them set up their own environment in .venv first; nothing outside this folder is touched.

PORT ?= 8001
DATA ?= data/demo
VENV ?= .venv
PYTEST_ARGS ?=
PY = $(VENV)/bin/python

.DEFAULT_GOAL := help
.PHONY: help run test lint lock sample pictures eval bench-extract bench-crawl bench-search bench-text soak fuzz clean

help:
	@sed -n 's/^# \(make .*\)/  \1/p' Makefile

# The first Python that is new enough; PYTHON=... chooses another.
$(VENV)/.ready: pyproject.toml constraints.txt
	@set -e; \
	for p in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	  if "$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then found=$$p; break; fi; \
	done; \
	[ -n "$$found" ] || { echo "khotin needs Python 3.11, 3.12 or 3.13; none was found. Name one: make run PYTHON=/path/to/python3.12" >&2; exit 1; }; \
	echo "Setting up $(VENV) with $$("$$found" --version) (a minute or two, once) ..."; \
	"$$found" -m venv --clear "$(VENV)" || { echo "python -m venv failed; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }; \
	"$(PY)" -m pip install -qq --disable-pip-version-check --require-hashes -r constraints.txt; \
	"$(PY)" -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	touch "$@"

run: $(VENV)/.ready
	@"$(PY)" -m khotin demo --data "$(DATA)" --port "$(PORT)"

test: $(VENV)/.ready
	@"$(PY)" -m pytest -n auto --dist loadfile $(PYTEST_ARGS)

lint: $(VENV)/.ready
	@"$(PY)" -m ruff check .
	@"$(PY)" -m ruff format --check .
	@"$(PY)" -m mypy

sample: $(VENV)/.ready
	@"$(PY)" data/sample/make_sample.py

pictures: $(VENV)/.ready
	@"$(PY)" docs/make_pictures.py

eval: $(VENV)/.ready
	@"$(PY)" -m bench.evaluate

bench-extract: $(VENV)/.ready
	@"$(PY)" -m bench.extract

bench-crawl: $(VENV)/.ready
	@"$(PY)" -m bench.crawl

soak: $(VENV)/.ready
	@PYTHONPATH=tests "$(PY)" -m bench.soak

fuzz: $(VENV)/.ready
	@"$(PY)" -m bench.fuzz

bench-text: $(VENV)/.ready
	@"$(PY)" -m bench.bench_text

bench-search: $(VENV)/.ready
	@"$(PY)" -m bench.search $(BENCH_ARGS)

# Exact versions and hashes of everything, for all supported Pythons; carries no address of an index.
lock: $(VENV)/.ready
	@"$(PY)" -m pip install --quiet uv
	@"$(VENV)/bin/uv" pip compile pyproject.toml --extra dev --extra bench --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-header --no-emit-index-url --upgrade -o constraints.txt

clean:
	rm -rf .venv .venvs data/demo
