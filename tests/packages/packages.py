#!/usr/bin/env python3
"""Looks at what `cargo xtask package` has made, as those do who download it: installs the packages for this
machine into an empty root, runs what came as an ordinary user, and removes it. Needs root.

With --all it fails where something was skipped."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = ROOT / "target/packages"
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
IN_ARCHIVES = {
    *("LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY", "README.md", "CHANGELOG.md"),
    *(f"completions/keyfob.{suffix}" for suffix in ("bash", "elv", "fish", "nu", "ps1")),
    *("completions/_keyfob", "man/keyfob.1", "man/keyfob-login.1"),
}
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

passed = 0
skipped = []


def check(what, holds, detail=""):
    global passed
    if not holds:
        sys.exit(f"FAILED: {what}\n{detail}")
    passed += 1
    print(f"ok: {what}")


def there(tool, package=None):
    if shutil.which(tool):
        return True
    skipped.append(f"{tool}: apt-get install {package or tool}")
    return False


def run(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode != 0:
        sys.exit(f"FAILED: {command}: {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def places_of_this_machine():
    """Directories whose names in a package would tell where it was built."""
    cargo = os.environ.get("CARGO_HOME", f"{os.environ['HOME']}/.cargo")
    return [str(place).encode() for place in (ROOT, cargo, f"{os.environ['HOME']}/.rustup")]


def contents(archive):
    """Name, mode, owner, time and bytes of each file."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as opened:
            for item in opened.infolist():
                yield item.filename, item.external_attr >> 16 & 0o7777, 0, item.date_time, opened.read(item)
    else:
        with tarfile.open(archive) as opened:
            for item in opened:
                if item.isfile():
                    data = opened.extractfile(item).read()
                    yield item.name, item.mode, item.uid + item.gid, item.mtime, data


def archives():
    made = sorted([*MADE.glob("keyfob-v*-*-*.tar.gz"), *MADE.glob("keyfob-v*-*-*.zip")])
    if not made:
        skipped.append("archives: no binary is built; cargo xtask dist --target x86_64-unknown-linux-musl")
    binstall = tomllib.loads((ROOT / "crates/cli/Cargo.toml").read_text())["package"]["metadata"]["binstall"]
    for archive in made:
        stem = archive.name.removesuffix(".tar.gz").removesuffix(".zip")
        target = stem.removeprefix(f"keyfob-v{VERSION}-")
        files = {}
        times = set()
        for name, mode, owner, time, data in contents(archive):
            files[name] = (mode, data)
            times.add(time)
            check(f"{name} is of root", owner == 0) if owner else None
            for place in places_of_this_machine():
                check(f"{name} says nothing of {place}", False) if place in data else None
        binary = f"{stem}/keyfob" + (".exe" if archive.suffix == ".zip" else "")
        check(f"{archive.name}: its files", {f"{stem}/{name}" for name in IN_ARCHIVES} | {binary} <= set(files))
        check(f"{archive.name}: they lie in one directory", all(name.startswith(f"{stem}/") for name in files))
        modes = {name: mode for name, (mode, _) in files.items() if mode != 0o644}
        check(f"{archive.name}: only the binary can be run, and nobody else may write", modes == {binary: 0o755}, modes)
        check(f"{archive.name}: one time for all", len(times) == 1, times)
        check(f"{archive.name}: sorted", list(files) == sorted(files))
        licences = files[f"{stem}/THIRD-PARTY"][1].decode()
        check(
            f"{archive.name}: the licences of others, and where the source of nucleo-matcher is",
            "Mozilla Public License Version 2.0" in licences and re.search(r"crates/nucleo-matcher/\d", licences),
        )
        values = {"name": "keyfob", "version": VERSION, "target": target, "bin": "keyfob"}
        values["binary-ext"] = ".exe" if archive.suffix == ".zip" else ""
        values["archive-suffix"] = archive.name.removeprefix(stem)
        override = binstall.get("overrides", {}).get(target, {})
        check(
            f"{archive.name}: cargo-binstall finds it by its name, and the binary in it",
            filled(binstall["pkg-url"], values).endswith(f"/v{VERSION}/{archive.name}")
            and filled(binstall["bin-dir"], values) == binary
            and {"tgz": ".tar.gz", "zip": ".zip"}[override.get("pkg-fmt", binstall["pkg-fmt"])] in archive.name,
        )


def filled(template, values):
    return re.sub(r"\{ ([a-z-]+) \}", lambda match: values.get(match[1], match[0]), template)


def works(root):
    """Uses what was installed, as somebody who is nobody."""
    keyfob = root / "usr/bin/keyfob"
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o777)
        environment = {"PATH": f"{root}/usr/bin:/usr/bin:/bin", "HOME": home, "TERM": "dumb"}
        answer = run(*NOBODY, str(keyfob), "demo", "--no-browser", env=environment, cwd=home)
        check("the demo gives credentials to an ordinary user", json.loads(answer)["Version"] == 1)
        check("and leaves nothing", os.listdir(home) == [])

        share = root / "usr/share"
        bash = 'source "$1"; COMP_WORDS=(keyfob cred); COMP_CWORD=1; _keyfob keyfob cred; echo "${COMPREPLY[@]}"'
        script = share / "bash-completion/completions/keyfob"
        answer = run("bash", "--norc", "-c", bash, "bash", script, env=environment)
        check("bash completes", answer.split() == ["credential-process"], answer)
        if there("zsh"):
            zsh = "fpath=($1/zsh/vendor-completions $1/zsh/site-functions $fpath); autoload -Uz compinit; compinit -u -d $HOME/dump"
            zsh += "; print ${_comps[keyfob]}"
            answer = run("zsh", "-f", "-c", zsh, "zsh", share, env=environment)
            check("zsh finds its completions", answer.strip() == "_keyfob", answer)
        if there("fish"):
            fish = "set -p fish_complete_path $argv[1]/fish/vendor_completions.d; complete -C 'keyfob cred'"
            answer = run("fish", "--no-config", "-c", fish, share, env={**environment, "XDG_CONFIG_HOME": home})
            check("fish completes", answer.split()[:1] == ["credential-process"], answer)
        for page in ("keyfob", "keyfob-credential-process"):
            found = run("man", f"--manpath={share}/man", "--where", page).strip()
            check(f"man finds {page}", found.startswith(str(share / "man/man1")))
        text = run("man", f"--manpath={share}/man", "keyfob", env={**environment, "MANPAGER": "cat"})
        check("and shows it", "credential-process" in text)


def tree(root):
    """All files but the books that the package manager keeps."""
    books = ("var/lib/dpkg", "var/lib/rpm", "var/log")
    names = (str(path.relative_to(root)) for path in root.rglob("*"))
    return {name for name in names if not any((name + "/").startswith(f"{book}/") for book in books)}


def no_odd_modes(root):
    odd = [path for path in root.rglob("usr/**/*") if path.lstat().st_mode & 0o7022 and not path.is_symlink()]
    check("nothing that others may write, and nothing that runs as somebody else", odd == [], odd)
    owners = {(path.lstat().st_uid, path.lstat().st_gid) for path in root.rglob("usr/**/*")}
    check("all is of root", owners == {(0, 0)}, owners)


def deb(machine):
    package = MADE / f"keyfob_{VERSION}-1_{machine}.deb"
    if not package.exists():
        skipped.append(f"{package.name}: not made")
        return
    for each in sorted(MADE.glob("*.deb")):
        if there("lintian"):
            run("lintian", "--fail-on=error,warning", "--allow-root", each)
            check(f"lintian finds nothing in {each.name}", True)
    check("it depends on nothing", run("dpkg-deb", "--field", package, "Depends").strip() == "")
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        for directory in ("var/lib/dpkg/updates", "var/lib/dpkg/info", "var/log"):
            (root / directory).mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()
        before = tree(root)
        run("dpkg", "--root", name, "--install", package)
        no_odd_modes(root)
        works(root)
        run("dpkg", "--root", name, "--purge", "keyfob")
        check("dpkg leaves nothing behind", tree(root) == before, tree(root) - before)


def rpm(machine):
    package = MADE / f"keyfob-{VERSION}-1.{machine}.rpm"
    if not package.exists():
        skipped.append(f"{package.name}: not made")
        return
    if not there("rpm"):
        return
    needs = run("rpm", "--query", "--package", "--requires", package).split("\n")
    check("it needs nothing but rpm", all(need.startswith("rpmlib(") for need in needs if need), needs)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        run("rpm", "--root", name, "--initdb")
        before = tree(root)
        run("rpm", "--root", name, "--ignorearch", "--install", package)
        no_odd_modes(root)
        works(root)
        run("rpm", "--root", name, "--erase", "keyfob")
        # rpm knows the directories that a package names alone; those of the system are of others.
        left = {path for path in tree(root) - before if not (root / path).is_dir() or "keyfob" in path}
        check("rpm leaves nothing behind", left == set(), left)


def manifests():
    """What other package managers are told: files that exist, their hashes, in a form that can be read."""
    folder = MADE / "manifests"
    files = [path for path in folder.rglob("*") if path.is_file()]
    if not files:
        skipped.append("manifests: cargo xtask package --address URL")
    sums = dict(reversed(line.split()) for line in (MADE / "SHA256SUMS").read_text().splitlines())
    for path in files:
        text = path.read_text()
        check(f"{path.name} is filled in", not re.search(r"@[A-Z]", text))
        for name in re.findall(r"/(keyfob-v[^/\s\"')]+)[\"')\s]", text.replace("$pkgver", VERSION)):
            check(f"{path.name} names a file that is there, {name}", (MADE / name).exists())
        hashes = re.findall(r"\b[0-9a-f]{64}\b", text)
        check(f"{path.name} has the hashes of these files", set(hashes) <= set(sums.values()))
    winget = [path.read_text().splitlines() for path in files if path.parent.name == "winget"]
    heads = {tuple(lines[:2]) for lines in winget}
    check("the manifests of winget are of one package and version", len(heads) <= 1, heads)
    for path in files:
        if path.suffix == ".json":
            missing = {"version", "homepage", "license", "bin"} - set(json.loads(path.read_text()))
            check(f"{path.name} has what scoop asks for", not missing, missing)
        if path.suffix == ".rb" and there("ruby"):
            run("ruby", "-c", path)
            check(f"{path.name} is Ruby", True)
        if path.name == "PKGBUILD":
            aur(path)
    if there("nix-instantiate", "nix-bin"):
        run("nix-instantiate", "--parse", ROOT / "flake.nix")
        check("flake.nix is Nix", True)


def aur(pkgbuild):
    """Makes the package for Arch Linux, of the archive that lies here."""
    if there("shellcheck"):
        run("shellcheck", "--shell=bash", "--exclude=SC2034,SC2154,SC2164", pkgbuild)
        check("shellcheck finds nothing in PKGBUILD", True)
    archive = MADE / f"keyfob-v{VERSION}-{os.uname().machine}-unknown-linux-musl.tar.gz"
    tools = {"makepkg": None, "bsdtar": "libarchive-tools", "fakeroot": None}
    if not archive.exists() or not all([there(tool, package) for tool, package in tools.items()]):
        return
    with tempfile.TemporaryDirectory() as name:
        for file in (pkgbuild, archive):
            shutil.copy(file, name)
        run("chown", "-R", "65534:65534", name)
        environment = {**os.environ, "HOME": name, "PACMAN": "true", "PKGEXT": ".pkg.tar"}
        run(*NOBODY, "makepkg", "--nodeps", cwd=name, env=environment)
        with tarfile.open(next(Path(name).glob("*.pkg.tar"))) as package:
            modes = {item.name: item.mode for item in package if item.isfile()}
    wanted = ("usr/bin/keyfob", "usr/share/man/man1/keyfob.1.gz", "usr/share/licenses/keyfob-bin/THIRD-PARTY")
    check("makepkg makes a package of it", set(wanted) <= set(modes), modes)
    check("in which the binary can be run", modes["usr/bin/keyfob"] == 0o755)


archives()
manifests()
machine = os.uname().machine
deb({"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine))
rpm(machine)
run("sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS", cwd=MADE)
check("the checksums are right", True)
for what in dict.fromkeys(skipped):
    print(f"skipped: {what}")
print(f"{passed} passed, 0 failed, {len(set(skipped))} skipped")
sys.exit("--all" in sys.argv and bool(skipped))
