# What the checks of foreign systems share, to be sourced at the root of the workspace: the compiler of
# Debian, which comes with the sources of its standard library, and so builds for any target.

# Installs packages, where a file of theirs is missing: FILE PACKAGE...
need() {
    local file=$1
    shift
    [ -e "$file" ] && return
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

need /usr/lib/rustlib/src/rust/library rustc-web cargo-web rust-web-src

# The compiler is a stable one; this lets it build its own standard library.
export RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc CARGO_INCREMENTAL=0

# COMMAND TARGET ARGUMENT...
foreign_cargo() {
    local command=$1 target=$2
    shift 2
    /usr/bin/cargo "$command" --quiet --locked -Z build-std=std,panic_unwind,test --target "$target" "$@"
}
