#!/usr/bin/env bash
# build_r.sh FOLDER [options of R CMD build]: makes FOLDER/pyflows_<version>.tar.gz.
# Built from a copy, in which the links to ../pyflows and ../vignettes have become files and from which
# Python's compiled files are gone.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

mkdir -p "$1" .build
folder="$(cd "$1" && pwd)"
shift
stage="$(mktemp -d .build/stage.XXXXXX)"
trap 'rm -rf "$root/$stage"' EXIT

cp -RL rpkg "$stage/pyflows"
find "$stage" -name __pycache__ -prune -exec rm -rf {} +
rm -f "$folder"/pyflows_*.tar.gz
(cd "$stage" && quietly build_r.log R CMD build "$@" pyflows)
mv "$stage"/pyflows_*.tar.gz "$folder"
