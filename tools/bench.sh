#!/usr/bin/env bash
# The peers side by side: `bench.sh run` (speed) or `bench.sh quality`, and options for it; see benchmarks/README.md.
# The peers' environments are made in .bench, once for each content of benchmarks/requirements-*.txt.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
what="$1"
shift
tools/setup.sh
mkdir -p .bench/data

for name in torch jax; do
    wanted="benchmarks/requirements-$name.txt" made=".bench/$name/requirements.txt"
    if ! cmp -s "$wanted" "$made"; then
        echo "bench: making .bench/$name"
        rm -rf ".bench/$name"
        "$python" -m venv ".bench/$name"
        quietly "bench-$name.log" ".bench/$name/bin/python" -m pip install -r "$wanted"
        cp "$wanted" "$made"
    fi
done

if [ "$what" = quality ] && [ ! -f .bench/data/digits.npz ]; then
    Rscript --no-init-file benchmarks/real_data.R .bench/data
    .bench/torch/bin/python -m benchmarks.real_data
fi
"$python" -m "benchmarks.$what" "$@"
