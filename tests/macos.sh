#!/usr/bin/env bash
# Compiles and lints everything for macOS as far as that goes without its libraries: nothing is linked or
# run.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/foreign.sh

need "${rust[@]}"
need_zig # without headers of macOS ring is not built

export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target/macos}"
mkdir -p "$CARGO_TARGET_DIR"
for processor in aarch64 x86_64; do
    # What names the target in the words of clang is not for this one.
    compiler="$CARGO_TARGET_DIR/cc-$processor"
    cat >"$compiler" <<END
#!/bin/bash
words=()
for word; do
    case "\$word" in --target=* | -arch | arm64 | x86_64) ;; *) words+=("\$word") ;; esac
done
exec zig cc -target $processor-macos "\${words[@]}"
END
    chmod +x "$compiler"
    archiver="$CARGO_TARGET_DIR/ar"
    printf '#!/bin/sh\nexec zig ar "$@"\n' >"$archiver"
    chmod +x "$archiver"
    export "CC_${processor}_apple_darwin=$compiler" "AR_${processor}_apple_darwin=$archiver" SDKROOT=/
done
export RUSTC_WORKSPACE_WRAPPER=/usr/bin/clippy-driver # warnings of rustc and of clippy are errors
foreign_cargo check aarch64-apple-darwin --workspace --all-targets
foreign_cargo check x86_64-apple-darwin -p keyfob # no line of ours asks for the processor
