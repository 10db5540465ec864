# Every target is a script in tools/. Recipes need no activated environment.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format generate vignettes check-r bench bench-quality gallery clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup:  ## Python in .venv, R from Debian where missing, the R package in .rlib
	@tools/setup.sh

.venv:
	@tools/setup.sh

demo:  ## setup, then the main job in R and Python (figures in demo/)
	@tools/demo.sh

test:  ## setup, then lint, pytest, testthat and the vignettes
	@tools/test.sh

lint: | .venv  ## ruff, lintr, and whether generated files are up to date
	@tools/lint.sh

format: | .venv  ## rewrite the Python code in the project's style
	@.venv/bin/python -m ruff check --fix . && .venv/bin/python -m ruff format .

generate: | .venv  ## R wrappers from the Python registry, then help pages and NAMESPACE
	@tools/generate.sh

vignettes: setup  ## render the vignettes into .build/vignettes
	@tools/vignettes.sh

check-r:  ## setup, then R CMD check --as-cran with and without Python
	@tools/check_r.sh

bench:  ## speed beside other libraries, about 90 minutes; QUICK=1 takes under 10; OPTIONS: benchmarks/README.md
	@tools/bench.sh run $(if $(QUICK),--quick) $(OPTIONS)

bench-quality:  ## held-out log-density beside other libraries, about 2 hours; OPTIONS="--seconds 10" is shorter
	@tools/bench.sh quality $(OPTIONS)

gallery:  ## every preset on made data: gallery.md and gallery.png in benchmarks/
	@tools/gallery.sh $(OPTIONS)

clean:  ## remove what the targets made, but not .venv, .rlib and downloads
	@rm -rf .build .check demo build dist *.egg-info .pytest_cache .hypothesis .ruff_cache
	@find pyflows tests rpkg examples tools benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
