#!/usr/bin/env bash
# The main job, in R and in Python, on the same data; figures and fits go to demo/.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
tools/setup.sh

mkdir -p demo
start=$SECONDS
Rscript --no-init-file examples/data.R
Rscript --no-init-file examples/main-job.R
"$python" examples/main_job.py
echo "demo: $((SECONDS - start)) s; figures are in demo/"
