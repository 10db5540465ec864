#!/usr/bin/env bash
# R CMD check --as-cran on the built R package: with Python, and as on a machine that has no Python.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
tools/setup.sh

export _R_CHECK_SYSTEM_CLOCK_=0 _R_CHECK_CRAN_INCOMING_REMOTE_=false  # both would need the network
export _R_CHECK_EXAMPLE_TIMING_THRESHOLD_=60  # seconds: the first example to use Python also starts TensorFlow
rm -rf .check
mkdir -p .check
echo "building the R package with its vignettes"
tools/build_r.sh .check

status=0
check() {  # check NAME PYTHON
    echo
    echo "==== R CMD check $1 ===="
    mkdir ".check/$1"
    RETICULATE_PYTHON="$2" R CMD check --as-cran --no-manual --output=".check/$1" .check/pyflows_*.tar.gz || true
    Rscript --no-init-file tools/check_log.R ".check/$1/pyflows.Rcheck/00check.log" || status=1
}
PYFLOWS_REQUIRE=1 check with-python "$python"
check without-python /nonexistent/python
exit "$status"
