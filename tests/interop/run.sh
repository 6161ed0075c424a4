#!/bin/bash
# Tests a keyfob binary against real clients and a real browser.
#
# usage: run.sh KEYFOB_BINARY [FILE...]
#
# Prints one line for each check, and how many have passed at the end. FILEs are test files of this
# directory, by default all. KEYFOB_INTEROP_DIR is where install.sh keeps the clients.
set -euo pipefail

if (($# < 1)); then
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
KEYFOB=$(realpath -e "$1")
shift
cd "$(dirname "$0")"
KEYFOB_INTEROP_DIR=$(./install.sh)
export KEYFOB KEYFOB_INTEROP_DIR
# A proxy of the machine is for installing only.
unset HTTPS_PROXY HTTP_PROXY ALL_PROXY https_proxy http_proxy all_proxy

(($#)) || set -- test_*.py browser_page.py

output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
export TMPDIR=$output # browsers leave files behind
passed=0 failed=0
for file in "$@"; do
    status=0
    "$KEYFOB_INTEROP_DIR/venv/bin/python" -B "$file" 2>"$output/errors" \
        | tee "$output/checks" || status=$?
    of_file=$(grep -c '^FAILED ' "$output/checks" || true)
    passed=$((passed + $(grep -c '^ok ' "$output/checks" || true)))
    failed=$((failed + of_file))
    if ((status && !of_file)); then
        echo "FAILED $file: it ended with $status before its checks did"
        failed=$((failed + 1))
    fi
    if ((status)); then
        cat "$output/errors" >&2
    fi
done
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
