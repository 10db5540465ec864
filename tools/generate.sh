#!/usr/bin/env bash
# Rewrites what is made from other sources: R wrappers from the Python registry, help and NAMESPACE by roxygen2.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

"$python" tools/generate_r.py
# Twice: a method for a generic that was not imported yet becomes a method only in the second run.
for _ in 1 2; do
    quietly roxygen.log Rscript --no-init-file -e 'roxygen2::roxygenise("rpkg")'
done
cat .build/roxygen.log
