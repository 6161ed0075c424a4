#!/usr/bin/env bash
# Builds for Windows, and runs the tests of the crates and of the binary under Wine.
#
# usage: tests/windows/run.sh [--storms | CRATE...]
#
# --storms runs those with a hundred processes alone, for which the machine must be quiet.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/foreign.sh

target=x86_64-pc-windows-gnu
crates=(private-file token-cache shared-config providers assignments transport login)
[[ $# -eq 0 || $1 == --storms ]] || crates=("$@")

need "${rust[@]}" "${linker_and_wine[@]}"

export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target/windows}"
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=/usr/lib/wine/wine64
export WINEPREFIX="$CARGO_TARGET_DIR/wine" WINEDEBUG=-all

stop_wine() {
    /usr/lib/wine/wineserver64 -k 2>/dev/null || true
}
trap stop_wine EXIT

# Access lists are made of modes here, and those of a directory pass on.
umask 077
if [ ! -e "$WINEPREFIX/system.reg" ]; then
    mkdir -p "$WINEPREFIX"
    /usr/lib/wine/wine64 wineboot -i >/dev/null 2>&1
    /usr/lib/wine/wine64 reg add 'HKCU\Software\Wine' /v Version /d win10 /f >/dev/null
fi
x86_64-w64-mingw32-gcc -shared -o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" \
    tests/windows/bcryptprimitives.c -ladvapi32

if [ "${1:-}" = --storms ]; then
    # A hundred processes are many for the one server of Wine: one storm after the other.
    KEYFOB_STORM_ROUNDS=1 foreign_cargo test "$target" -p keyfob --test it -- --test-threads=1 storm::
    exit
fi
for crate in "${crates[@]}"; do
    packages+=(-p "keyfob-$crate")
done
# The server of Wine keeps a file open for each attempt at a lock that somebody holds, until it has no
# more: what asks for one a thousand times in a moment is for Linux alone.
foreign_cargo test "$target" --lib --tests "${packages[@]}" -- \
    --skip who_waits_for_one_account_is_answered_before_the_other_listing_ends
foreign_cargo test "$target" -p keyfob --test it -- --skip storm::
tests/windows/console.py "$CARGO_TARGET_DIR/$target/debug/keyfob.exe"
