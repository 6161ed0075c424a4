#!/usr/bin/env python3
"""Runs a static binary of keyfob in the roots of other systems.

usage: roots.py KEYFOB [ROOT...]

Needs root. Without names it takes all: `empty`, a root with nothing but the binary, not even /tmp and
/dev, and Debian 11, 12 and 13 as debootstrap makes them, kept in KEYFOB_ROOTS_DIR, by default
~/.cache/keyfob-roots. A root that cannot be made is skipped by name. A binary for another processor is
run by qemu-user-static, which lies beside it then.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SUITES = {"debian-11": "bullseye", "debian-12": "bookworm", "debian-13": "trixie"}
# The processor, as the header of a binary tells it.
PROCESSORS = {62: "x86_64", 183: "aarch64"}
CHROOT = shutil.which("chroot", path="/usr/sbin:/sbin:/usr/bin:/bin")


class Skipped(Exception):
    pass


def make(name, cache):
    """Makes a root; returns its directory."""
    if name not in SUITES:
        raise Skipped("no registry here has its packages")
    directory = cache / SUITES[name]
    if directory.exists():
        return directory
    debootstrap = shutil.which("debootstrap", path="/usr/sbin:/usr/bin")
    if not debootstrap:
        raise Skipped("there is no debootstrap; apt-get install debootstrap")
    partial = cache / f"{SUITES[name]}.part"
    shutil.rmtree(partial, ignore_errors=True)
    command = [debootstrap, "--variant=minbase", SUITES[name], partial]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        raise Skipped(f"debootstrap: {run.stdout.strip().splitlines()[-1:]}")
    partial.rename(directory)
    return directory


def emulator_for(keyfob):
    """What runs a binary for another processor, if it is for one."""
    with open(keyfob, "rb") as file:
        header = file.read(20)
    processor = PROCESSORS[int.from_bytes(header[18:20], "little")]
    if processor == os.uname().machine:
        return None
    emulator = shutil.which(f"qemu-{processor}-static")
    return emulator or sys.exit(f"{keyfob} is for {processor}; apt-get install qemu-user-static")


def put(root, keyfob, emulator):
    shutil.copy(keyfob, root / "keyfob")
    if emulator:
        shutil.copy(emulator, root / "qemu")
    else:
        (root / "qemu").unlink(missing_ok=True)  # of a run before


def run(root, *arguments, **environment):
    qemu = ["/qemu"] if (root / "qemu").exists() else []
    command = [CHROOT, root, *qemu, "/keyfob", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
    )


def expect(run, code, part):
    told = (run.stdout + run.stderr).strip()
    assert run.returncode == code, f"{run.args[2:]} ended with {run.returncode}: {told[-300:]}"
    assert part in told, f"{run.args[2:]} did not say {part!r}: {told[-300:]}"


def is_signed_in(run):
    expect(run, 0, "Signed in to `demo`")
    assert json.loads(run.stdout)["Version"] == 1, run.stdout


def check(root, is_empty):
    """What a person does first; a root that was there before is left as it was."""
    home = {"HOME": "/keyfob-home"}
    if is_empty:
        expect(run(root, "demo", "--no-browser", **home), 5, "TMPDIR")
        is_signed_in(run(root, "demo", "--no-browser", TMPDIR="/", **home))
        expect(run(root, "status"), 2, "HOME is not set")
    else:
        # The home directory is in /etc/passwd.
        is_signed_in(run(root, "demo", "--no-browser"))
        expect(run(root, "status"), 0, "keyfob configure sso")
    expect(run(root, "--version", "--verbose"), 0, "linking: static")
    expect(run(root, "status", **home), 0, "keyfob configure sso")
    expect(run(root, "credential-process", "--profile", "dev", **home), 2, "/keyfob-home/.aws/config")
    expect(run(root, "status", "--check", **home), 1, "")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    keyfob = pathlib.Path(sys.argv[1]).resolve(strict=True)
    default = pathlib.Path.home() / ".cache" / "keyfob-roots"
    cache = pathlib.Path(os.environ.get("KEYFOB_ROOTS_DIR", default))
    cache.mkdir(parents=True, exist_ok=True)
    emulator = emulator_for(keyfob)
    work = pathlib.Path(tempfile.mkdtemp())
    wrong, skipped = 0, []
    for name in sys.argv[2:] or ["empty", *SUITES, "alpine"]:
        try:
            root = work if name == "empty" else make(name, cache)
            put(root, keyfob, emulator)
            check(root, name == "empty")
            print(f"ok {name}", flush=True)
        except Skipped as reason:
            skipped.append(f"{name} ({reason})")
        except AssertionError as error:
            wrong += 1
            print(f"FAILED {name}: {error}", flush=True)
    left = [path.name for path in work.iterdir() if path.name not in ("keyfob", "qemu")]
    if left:
        wrong += 1
        print(f"FAILED: left in the empty root: {left}")
    shutil.rmtree(work)
    print(f"roots: {wrong} failed, {len(skipped)} skipped: {', '.join(skipped) or 'none'}")
    sys.exit(bool(wrong))


main()
