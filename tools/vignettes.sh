#!/usr/bin/env bash
# Renders every vignette for real, each in an R process of its own, two at a time, into .build/vignettes.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

out="$root/.build/vignettes"
rm -rf "$out"
mkdir -p "$out"

render() {  # render OUT RMD
    local name start=$SECONDS
    name="$(basename "$2" .Rmd)"
    if PYFLOWS_REQUIRE=1 Rscript --no-init-file -e '
        options(warn = 1)
        path <- commandArgs(TRUE)
        rmarkdown::render(path[1], output_dir = path[2], intermediates_dir = file.path(path[2], "work"),
                          envir = new.env(), quiet = TRUE)' "$2" "$1/$name"; then
        echo "$2 rendered in $((SECONDS - start)) s: .build/vignettes/$name/$name.html"
        # knitr puts warnings into the page, where nobody looks: show them here too.
        grep -ho '## Warning[^<]*' "$1/$name/$name.html" || true
    else
        echo "$2 FAILED after $((SECONDS - start)) s"
        touch "$1/$name.failed"
    fi
    rm -rf "$1/$name/work"
}
export -f render

# Half of the time TensorFlow starts, or R knits, on one core.
printf '%s\0' vignettes/*.Rmd | xargs -0 -n 1 -P 2 bash -c 'render "$0" "$1"' "$out"
shopt -s nullglob
all=(vignettes/*.Rmd)
failed=("$out"/*.failed)
echo "vignettes: $((${#all[@]} - ${#failed[@]})) passed, ${#failed[@]} failed"
[ "${#failed[@]}" = 0 ] && [ "${#all[@]}" != 0 ]
