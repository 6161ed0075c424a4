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

boto3='boto3==1.43.*'
aws_sso_util='aws-sso-util==4.33.*'
selenium='selenium==4.*'
awscrt='awscrt==0.23.*'
awscli='awscli=2.23.6-1' # the newest v2 that a registry has: a package of the next Debian
javascript=(@aws-sdk/credential-providers@3 @aws-sdk/client-sts@3) # where Node.js is new enough

# Debian's own awscli is old, but brings the libraries of the new one.
packages=(awscli ca-certificates chromium chromium-driver python3 python3-venv)

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
    local wanted="$boto3 $aws_sso_util $selenium"
    is_done venv "$wanted" && return
    say "a virtual environment with $wanted"
    rm -rf "$dir/venv"
    /usr/bin/python3 -m venv "$dir/venv"
    "$dir/venv/bin/pip" -q install "$boto3" "$aws_sso_util" "$selenium" >&2
    mark_done venv "$wanted"
}

# Unpacks the AWS CLI of another Debian release, with an apt view of its own.
install_aws_cli() {
    is_done aws-cli "$awscli $awscrt" && return
    say "AWS CLI v2: $awscli"
    local apt=$dir/apt mirror
    rm -rf "$apt" "$dir/aws-cli"
    mkdir -p "$apt"/{cache/archives/partial,state/lists/partial} "$dir/aws-cli"
    mirror=$(mirror)
    if [[ -z $mirror ]]; then
        apt-get -q update >&2
        mirror=$(mirror)
    fi
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb [signed-by=$keyring] $mirror trixie main" >"$apt/sources.list"
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
    (cd "$apt" && apt-get -q download "$awscli" >&2)
    unset APT_CONFIG
    dpkg -x "$apt"/awscli_*.deb "$dir/aws-cli"
    rm -rf "$apt"
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

# The Debian mirror that the system uses.
mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' \
        'Codename: bookworm' | head -n 1
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
install_javascript
printf '%s\n' "$dir"
