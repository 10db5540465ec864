#!/usr/bin/env bash
# Style and simple mistakes in both languages, and whether generated R code is up to date.
# `make format` and `make generate` mend most of what this finds.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

good=0
bad=0
check() {
    if "$@"; then good=$((good + 1)); else bad=$((bad + 1)); fi
}

check "$python" -m ruff check .
check "$python" -m ruff format --check .
check Rscript --no-init-file tools/lint.R
check "$python" tools/generate_r.py --check
echo "lint: $good passed, $bad failed"
[ "$bad" = 0 ]
