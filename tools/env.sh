# Sourced by the scripts beside it: where things are, and an environment that is the project's own.
# shellcheck shell=bash
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"

python="$root/.venv/bin/python"
export R_LIBS="$root/.rlib${R_LIBS:+:$R_LIBS}"
export RETICULATE_PYTHON="$python"
export R_PROFILE_USER=/dev/null                # a user's profile could load other libraries
export XDG_CACHE_HOME="$root/.cache"           # pip, fontconfig, matplotlib and Keras write here, not at home
export MPLCONFIGDIR="$root/.cache/matplotlib"
export KERAS_HOME="$root/.cache/keras"
export MPLBACKEND=Agg
export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL:-3}"

# quietly LOG COMMAND...: the output goes to .build/LOG, and is shown only when the command fails.
quietly() {
    local log="$root/.build/$1"
    shift
    mkdir -p "$root/.build"
    "$@" >"$log" 2>&1 </dev/null || {
        local status=$?
        cat "$log" >&2
        return "$status"
    }
}
