#!/usr/bin/env bash
# Renders every vignette for real, each in an R process of its own, into .build/vignettes.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

out="$root/.build/vignettes"
rm -rf "$out"
mkdir -p "$out"
good=0
bad=0
for rmd in vignettes/*.Rmd; do
    name="$(basename "$rmd" .Rmd)"
    start=$SECONDS
    if PYFLOWS_REQUIRE=1 Rscript --no-init-file -e '
        options(warn = 1)
        path <- commandArgs(TRUE)
        rmarkdown::render(path[1], output_dir = path[2], intermediates_dir = file.path(path[2], "work"),
                          envir = new.env(), quiet = TRUE)' "$rmd" "$out/$name"; then
        good=$((good + 1))
        echo "$rmd rendered in $((SECONDS - start)) s: .build/vignettes/$name/$name.html"
        # knitr puts warnings into the page, where nobody looks: show them here too.
        grep -ho '## Warning[^<]*' "$out/$name/$name.html" || true
    else
        bad=$((bad + 1))
        echo "$rmd FAILED after $((SECONDS - start)) s"
    fi
    rm -rf "$out/$name/work"
done
echo "vignettes: $good passed, $bad failed"
[ "$bad" = 0 ] && [ "$good" != 0 ]
