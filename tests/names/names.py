#!/usr/bin/env python3
"""Resolves names with a static binary on machines that are set up in different ways.

usage: names.py KEYFOB

Needs root: every case runs in a root of its own (none of glibc, or one of Debian 11, 12 or 13 with
its name service modules), in a network without anything but a small DNS server. The packages come
from Debian and are kept in KEYFOB_NAMES_DIR, by default ~/.cache/keyfob-names.
"""

import hashlib
import json
import lzma
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import urllib.request

MIRROR = "https://deb.debian.org/debian/"
SUITES = ["bullseye", "bookworm", "trixie"]
PACKAGES = ["libc6", "libcap2", "libgcc-s1", "libnss-mdns", "libnss-myhostname", "libnss-resolve", "libnss-systemd"]
NSSWITCH = [
    "files dns",
    "files resolve [!UNAVAIL=return] dns",
    "files mdns4_minimal [NOTFOUND=return] dns",
    "files myhostname dns",
    "mymachines resolve [!UNAVAIL=return] files myhostname dns",
    None,
]
# The home directory comes from there where HOME is not set.
PASSWD = "files systemd"
# How a name is found, and the name: by the hosts file, by DNS, by DNS with the search domain.
NAMES = {"hosts": "portal.hosts.test", "dns": "portal.dns.test", "search": "portal"}
SEARCH = "corp.test"
KNOWN = {"portal.dns.test", "portal.corp.test"}


def fetch(url, path):
    if not path.exists():
        partial = path.with_suffix(".part")
        with urllib.request.urlopen(url, timeout=120) as answer:
            partial.write_bytes(answer.read())
        partial.rename(path)
    return path


def make_root(suite, cache):
    """Unpacks the C library of a suite and its modules; returns the directory."""
    root = cache / suite
    if (root / "done").exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    index = fetch(f"{MIRROR}dists/{suite}/main/binary-amd64/Packages.xz", cache / f"{suite}.xz")
    text = lzma.open(index, "rt").read()
    for package in PACKAGES:
        entry = re.search(rf"^Package: {package}\n(?:.+\n)*", text, re.M)[0]
        name = re.search(r"^Filename: (.+)$", entry, re.M)[1]
        expected = re.search(r"^SHA256: (.+)$", entry, re.M)[1]
        archive = fetch(MIRROR + name, cache / pathlib.Path(name).name)
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        assert found == expected, f"{archive} is not what {index} names"
        subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
    (root / "done").touch()
    return root


def answer(query):
    """Answers 127.0.0.1 for the names that are known, and NXDOMAIN for others."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    question = query[12 : at + 5]
    wants_ipv4 = struct.unpack(">H", query[at + 1 : at + 3])[0] == 1
    known = ".".join(labels).lower() in KNOWN
    count = int(known and wants_ipv4)
    head = query[:2] + struct.pack(">HHHHH", 0x8180 | (0 if known else 3), 1, count, 0, 0)
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + bytes([127, 0, 0, 1])
    return head + question + record * count


def serve_dns():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    while True:
        query, client = server.recvfrom(4096)
        server.sendto(answer(query), client)


def credentials(root, keyfob, port, ca, nsswitch, host):
    """Runs credential-process in a root; returns what went wrong, nothing where all is well."""
    etc = root / "etc"
    etc.mkdir(exist_ok=True)
    (etc / "hosts").write_text("127.0.0.1 localhost\n127.0.0.1 portal.hosts.test\n")
    (etc / "resolv.conf").write_text(f"nameserver 127.0.0.1\nsearch {SEARCH}\n")
    (etc / "nsswitch.conf").unlink(missing_ok=True)
    if nsswitch:
        (etc / "nsswitch.conf").write_text(f"hosts: {nsswitch}\npasswd: {PASSWD}\n")
    (etc / "passwd").write_text("somebody:x:0:0::/home:/bin/sh\n")
    home = root / "home"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copy(keyfob, root / "keyfob")
    shutil.copy(ca, root / "ca.pem")
    environment = {
        "AWS_CA_BUNDLE": "/ca.pem",
        "AWS_ENDPOINT_URL": f"https://{host}:{port}",
    }
    (home / ".aws").mkdir(parents=True, exist_ok=True)
    (home / ".aws" / "config").write_text(
        "[sso-session work]\nsso_start_url = https://keyfob.awsapps.com/start\n"
        "sso_region = eu-central-1\n[profile dev]\nsso_session = work\n"
        "sso_account_id = 111122223333\nsso_role_name = ReadOnly\n"
    )
    for arguments in (
        ["login", "--device-code", "--no-browser"],
        ["credential-process", "--profile", "dev"],
    ):
        run = subprocess.run(
            [shutil.which("chroot"), root, "/keyfob", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        if run.returncode:
            return f"{arguments[0]} ended with {run.returncode}: {run.stderr.strip()[-300:]}"
    return None if json.loads(run.stdout)["Version"] == 1 else "no credentials"


def inside(keyfob, cache):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    threading.Thread(target=serve_dns, daemon=True).start()
    work = pathlib.Path(tempfile.mkdtemp())
    scenario = work / "scenario.toml"
    scenario.write_text('approval = "automatic"\napprove_after_polls = 0\n')
    emulator = subprocess.Popen(
        [keyfob, "emulator", "--tls", "--scenario", scenario],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = ""
        while "AWS_CA_BUNDLE=" not in said:
            line = emulator.stdout.readline()
            if not line:
                sys.exit(f"the emulator ended: {said}")
            said += line
        port = re.search(r":(\d+)", said)[1]
        ca = re.search(r"AWS_CA_BUNDLE=(\S+)", said)[1]
        empty = work / "empty"
        empty.mkdir()
        wrong = check(empty, "a root without glibc", keyfob, port, ca)
        for suite in SUITES:
            wrong += check(cache / suite, f"the glibc of {suite}", keyfob, port, ca)
    finally:
        emulator.terminate()
        shutil.rmtree(work)
    sys.exit(bool(wrong))


def check(root, name, keyfob, port, ca):
    """Tries every name under every nsswitch line; returns how many were wrong."""
    wrong = []
    for nsswitch in NSSWITCH:
        for kind, host in NAMES.items():
            problem = credentials(root, keyfob, port, ca, nsswitch, host)
            if problem:
                wrong.append(f"  {nsswitch}, {kind}: {problem}")
    print(f"{'FAILED' if wrong else 'ok'} {name}: {len(NSSWITCH) * len(NAMES)} cases")
    print(*wrong, sep="\n", end="\n" if wrong else "", flush=True)
    return len(wrong)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    keyfob = pathlib.Path(sys.argv[1]).resolve(strict=True)
    default = pathlib.Path.home() / ".cache" / "keyfob-names"
    cache = pathlib.Path(os.environ.get("KEYFOB_NAMES_DIR", default))
    if sys.argv[2:] == ["--inside"]:
        inside(keyfob, cache)
    cache.mkdir(parents=True, exist_ok=True)
    for suite in SUITES:
        make_root(suite, cache)
    command = ["unshare", "--mount", "--net", sys.executable, __file__, str(keyfob), "--inside"]
    sys.exit(subprocess.run(command).returncode)


main()
