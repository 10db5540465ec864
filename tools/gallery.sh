#!/usr/bin/env bash
# Every preset on made data whose density is known: a table and a page of pictures, in benchmarks/.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
tools/setup.sh
"$python" -m benchmarks.gallery "$@"
