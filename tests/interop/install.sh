#!/bin/bash
# Installs the clients that the suite runs against, and says on stdout where.
#
# usage: install.sh
#
# Everything goes to KEYFOB_INTEROP_DIR, by default `keyfob-interop` in the cache directory of the
# user; what is there already stays. Made for root on Debian 12; as another user, install the
# packages that are named below first. Needs no network but that of the package managers.
set -euo pipefail

dir=${KEYFOB_INTEROP_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/keyfob-interop}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
cd "$(dirname "$0")"

boto3='boto3==1.43.*'
aws_sso_util='aws-sso-util==4.33.*'
selenium='selenium==4.*'
websocket_client='websocket-client==1.*' # speaks to Firefox
awscrt='awscrt==0.23.*'
python_dotenv='python-dotenv==1.2.*'
awscli='awscli=2.23.6-1' # the newest v2 that a registry has: a package of the next Debian
go_sdk=(golang-github-aws-aws-sdk-go-v2-dev=1.30.3-1 golang-github-aws-smithy-go-dev=1.20.3-1)
go=(golang-1.23-go golang-1.23-src) # the SDK needs a newer one than Debian 12 has
# Where Node.js is new enough.
javascript=(@aws-sdk/credential-providers@3 @aws-sdk/client-sts@3 dotenv@17 nushell@0.115)

# Debian's own awscli is old, but brings the libraries of the new one.
packages=(
    awscli ca-certificates chromium chromium-driver dash firefox-esr fish python3 python3-venv zsh
)

say() { printf '%s\n' "install: $*" >&2; }

# Whether the part NAME is there as TEXT describes it.
is_done() { [[ -f $dir/$1.done && $(<"$dir/$1.done") == "$2" ]]; }
mark_done() { printf '%s\n' "$2" >"$dir/$1.done"; }

install_packages() {
    local missing=() package
    for package in "${packages[@]}"; do
        [[ $(dpkg-query -Wf '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] \
            || missing+=("$package")
    done
    if ((${#missing[@]})); then
        say "apt-get install ${missing[*]}"
        apt-get -q update >&2
        DEBIAN_FRONTEND=noninteractive \
            apt-get -qy install --no-install-recommends "${missing[@]}" >&2
    fi
}

install_venv() {
    local wanted="$boto3 $aws_sso_util $selenium $websocket_client $python_dotenv"
    is_done venv "$wanted" && return
    say "a virtual environment with $wanted"
    rm -rf "$dir/venv"
    /usr/bin/python3 -m venv "$dir/venv"
    "$dir/venv/bin/pip" -q install $wanted >&2
    mark_done venv "$wanted"
}

# Unpacks packages of other Debian releases into the directory NAME, with an apt view of its own.
unpack() {
    local apt=$dir/apt into=$dir/$1 mirror package
    shift
    rm -rf "$apt" "$into"
    mkdir -p "$apt"/{cache/archives/partial,state/lists/partial} "$into"
    mirror=$(mirror)
    if [[ -z $mirror ]]; then
        apt-get -q update >&2
        mirror=$(mirror)
    fi
    local signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
    printf 'deb %s %s %s main\n' "$signed" "$mirror" trixie \
        "$signed" "$mirror" bookworm-backports >"$apt/sources.list"
    : >"$apt/status"
    cat >"$apt/apt.conf" <<CONF
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "$apt/state";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
APT::Sandbox::User "root";
CONF
    export APT_CONFIG=$apt/apt.conf
    apt-get -q update >&2
    (cd "$apt" && apt-get -q download "$@" >&2)
    unset APT_CONFIG
    for package in "$apt"/*.deb; do
        dpkg -x "$package" "$into"
    done
    rm -rf "$apt"
}

# The Debian mirror that the system uses.
mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' \
        'Codename: bookworm' | head -n 1
}

install_aws_cli() {
    is_done aws-cli "$awscli $awscrt" && return
    say "AWS CLI v2: $awscli"
    unpack aws-cli "$awscli"
    "$dir/venv/bin/pip" -q install --target "$dir/aws-cli/awscrt" "$awscrt" >&2
    # Else every start would compile it anew where the directory cannot be written.
    /usr/bin/python3 -m compileall -q "$dir/aws-cli" >&2
    cat >"$dir/aws" <<WRAPPER
#!/bin/sh
PYTHONPATH="$dir/aws-cli/awscrt:$dir/aws-cli/usr/lib/python3/dist-packages" \\
    exec /usr/bin/python3 "$dir/aws-cli/usr/bin/aws" "\$@"
WRAPPER
    chmod +x "$dir/aws"
    mark_done aws-cli "$awscli $awscrt"
}

install_go_client() {
    local wanted="${go[*]} ${go_sdk[*]} $(cksum <go_client/main.go)"
    is_done go "$wanted" && return
    say "the Go SDK: ${go_sdk[*]}"
    unpack go "${go[@]}" "${go_sdk[@]}"
    # Without modules nothing but these packages is looked at, least of all a proxy of modules.
    GO111MODULE=off CGO_ENABLED=0 GOROOT=$dir/go/usr/lib/go-1.23 GOPATH=$dir/go/usr/share/gocode \
        GOCACHE=$dir/go/cache GOFLAGS= "$dir/go/usr/lib/go-1.23/bin/go" \
        build -o "$dir/go-client" ./go_client/main.go >&2
    rm -rf "$dir/go"
    mark_done go "$wanted"
}

# The client lives beside the benchmarks: a package of its own, whose libraries are not ours.
install_rust_client() {
    local peers=../../benches/peers wanted
    wanted=$(cat "$peers/Cargo.lock" "$peers/src/bin/provider.rs" | cksum)
    is_done rust "$wanted" && return
    say "the Rust SDK"
    CARGO_TARGET_DIR=$dir/rust cargo build --quiet \
        --manifest-path "$peers/Cargo.toml" --bin provider >&2
    mv "$dir/rust/debug/provider" "$dir/rust-client"
    rm -rf "$dir/rust"
    mark_done rust "$wanted"
}

# Debian 12 has a Node.js that is too old; one that somebody has put there is used.
install_javascript() {
    local version
    version=$(node --version 2>/dev/null) || return 0
    version=${version#v}
    if ((${version%%.*} < 20)) || ! command -v npm >/dev/null; then
        return
    fi
    is_done javascript "${javascript[*]}" && return
    say "the JavaScript SDK: ${javascript[*]}"
    rm -rf "$dir/javascript"
    mkdir "$dir/javascript"
    npm install --silent --no-audit --no-fund --prefix "$dir/javascript" "${javascript[@]}" >&2
    mark_done javascript "${javascript[*]}"
}

install_packages
install_venv
install_aws_cli
install_go_client
install_javascript
install_rust_client
printf '%s\n' "$dir"
