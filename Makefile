# Two commands matter: `make demo` and `make test`. Both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup system demo test fast lint bench bench-load bench-reference crashes selftest selftest-clean golden docs clean

setup: $(STAMP) system  ## the virtual environment, and the servers that tests start

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,fast]'
	touch $@

system:  ## what pip cannot install: a browser for the report's test, Redis and npm packages for a third-party server
	@sh tools/system.sh
	@sh tools/third_party.sh

demo: $(STAMP)  ## audit the built-in servers and write out/demo/report.html
	$(BIN)/durable-audit demo

test: setup lint  ## everything, nothing skipped; three at a time: most of them wait most of the time
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

fast: $(STAMP)  ## no sockets, no browser, no third-party server: seconds
	$(BIN)/python -m pytest -m 'not sockets and not browser and not third_party' -x -q

lint: $(STAMP)  ## ruff, mypy --strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)  ## ratios, never gates
	$(BIN)/python -m benchmarks

bench-load: $(STAMP)  ## the load engine against Locust's usual user, k6 and C: eight minutes (docs/load-benchmarks.md)
	$(BIN)/python -m pip install --quiet --requirement benchmarks/load/requirements.txt
	$(BIN)/python -m benchmarks.load

bench-reference: setup  ## the reference against @durable-streams/server: five minutes (docs/reference-benchmarks.md)
	$(BIN)/python -m benchmarks.reference

crashes: setup  ## kill -9 of everything, 50 rounds each: a quarter of an hour (docs/durability.md)
	$(BIN)/python -m benchmarks.crashes

CLEAN ?= 5
selftest: $(STAMP)  ## every planted defect, and CLEAN=5 clean audits: ten minutes (docs/selftest.md); reports tell the figures
	$(BIN)/durable-audit selftest --profile standard --clean $(CLEAN) --json out/selftest.json --html out/selftest.html --figures reports/assets/selftest.json

selftest-clean: $(STAMP)  ## 300 clean audits while one core is kept busy: half an hour; after `make selftest`, for the same figures
	$(BIN)/python -c 'while True: pass' & busy=$$!; trap "kill $$busy" EXIT INT TERM; \
	$(BIN)/durable-audit selftest --clean-only --clean 300 --seed 1000 --workers 3 --json out/selftest-clean.json --figures reports/assets/selftest.json

golden: $(STAMP)  ## record the golden histories and results again (look at the diff before committing it)
	$(BIN)/python -m tests.golden.record

docs: $(STAMP)  ## write the generated pages again
	$(BIN)/python -m tools.docs

clean:
	rm -rf out build dist .mypy_cache .ruff_cache .hypothesis
