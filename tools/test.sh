#!/usr/bin/env bash
# All set-up, then every test of both languages. Each part runs even when one before it failed.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
tools/setup.sh

export PYFLOWS_REQUIRE=1  # in R, a test that would be skipped for want of Python fails
export NOT_CRAN=true
mkdir -p .build/test
summary=""
passed=0
failed=0

count() {  # count WORD LOG: the number before WORD in the last line of LOG that counts tests
    { grep -E '[0-9]+ (passed|failed|error)' "$2" || true; } | tail -n 1 |
        { grep -oE "[0-9]+ $1" || echo 0; } | cut -d ' ' -f 1
}

part() {  # part NAME COMMAND...
    local name="$1" log=".build/test/$1.log" status=0 start=$SECONDS good bad
    shift
    printf '\n==== %s ====\n' "$name"
    "$@" 2>&1 </dev/null | tee "$log" || status=1
    good="$(count passed "$log")"
    bad=$(($(count failed "$log") + $(count error "$log")))
    if [ "$status" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
    if [ "$status" = 0 ] && [ "$good" = 0 ]; then good=1; fi
    passed=$((passed + good))
    failed=$((failed + bad))
    summary="$summary$(printf '%-10s %5d passed %5d failed %5d s' "$name" "$good" "$bad" $((SECONDS - start)))
"
}

part lint tools/lint.sh
part pytest "$python" -m pytest -n 2 --dist worksteal --durations 10
part testthat Rscript --no-init-file tools/testthat.R
part vignettes tools/vignettes.sh

printf '\n==== summary ====\n%s' "$summary"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
