#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the make targets named as arguments as groups of tests; the last line counts all of them.
#
# What a group printed is counted in the words of the runners in use: cmocka, node --test, TAP, and our
# own "N passed, N failed". A group that ran nothing is an error, and so is one that ended badly
# without naming a failed test.
set -uo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0
failed=0

count() {
    awk '
    /\[  PASSED  \] [0-9]+ test/ { sub(/.*PASSED  \] /, ""); p += $1; next }
    /\[  FAILED  \] [0-9]+ test/ { sub(/.*FAILED  \] /, ""); f += $1; next }
    /^(#|ℹ) pass [0-9]+/ { p += $3; next }
    /^(#|ℹ) (fail|cancelled) [0-9]+/ { f += $3; next }
    /^[0-9]+ passed, [0-9]+ failed/ { p += $1; f += $3; next }
    /^check_[a-z]+: level [a-z0-9]+ equals c$/ { p++ }
    /^wasm: [0-9]+ packets equal native/ { p++ }
    /^ok / && !node { p++ }
    /^not ok / && !node { f++ }
    END { print p + 0, f + 0 }' node="$(grep -cE '^(#|ℹ) pass [0-9]+' "$log")" "$log"
}

for group in "$@"; do
    echo "== $group"
    started=$SECONDS
    ${MAKE:-make} --no-print-directory -s "$group" 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    read -r p f < <(count)
    if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
        echo "$group: ended with code $status"
        f=1
    elif [ $((p + f)) -eq 0 ]; then
        echo "$group: no test ran"
        f=1
    fi
    echo "== $group: $p passed, $f failed, $((SECONDS - started)) s"
    passed=$((passed + p))
    failed=$((failed + f))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
