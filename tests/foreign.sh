# What is needed to build for other systems and other C libraries, to be sourced at the root of the
# workspace: the compiler of Debian, which comes with the sources of its standard library, and so builds
# for any target, and Zig, which has the headers of other systems and a C compiler for them.

# What is installed for the checks alone.
tools="$HOME/.cache/keyfob-ci"

# Installs the packages of which a file is missing: FILE=PACKAGE...
need() {
    local pair missing=()
    for pair; do
        [ -e "${pair%%=*}" ] || missing+=("${pair#*=}")
    done
    [ ${#missing[@]} -ne 0 ] || return 0
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

rust=(
    /usr/bin/rustc=rustc-web
    /usr/bin/cargo=cargo-web
    /usr/bin/clippy-driver=rust-web-clippy
    /usr/lib/rustlib/src/rust/library=rust-web-src
)
linker_and_wine=(
    /usr/bin/x86_64-w64-mingw32-gcc=gcc-mingw-w64-x86-64-win32
    /usr/lib/wine/wine64=wine64
)

# Installs Zig and cargo-zigbuild, and puts them into PATH.
need_zig() {
    export PATH="$tools/bin:$PATH"
    [ ! -x "$tools/bin/cargo-zigbuild" ] || return 0
    python3 -m pip install --quiet --no-deps --target "$tools/zig" ziglang==0.17.1 cargo-zigbuild==0.24.0
    mkdir -p "$tools/bin"
    ln -sf ../zig/ziglang/zig ../zig/bin/cargo-zigbuild "$tools/bin/"
}

# Runs cargo with that compiler: COMMAND TARGET ARGUMENT... The compiler is a stable one; a variable lets it
# build its own standard library.
foreign_cargo() {
    local command=$1 target=$2
    shift 2
    RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc RUSTFLAGS="-D warnings" CARGO_INCREMENTAL=0 \
        /usr/bin/cargo "$command" --quiet --locked -Z build-std=std,panic_unwind,test --target "$target" "$@"
}
