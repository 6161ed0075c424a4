#!/usr/bin/env python3
"""Runs a keyfob binary on disks that are full or read-only, for real.

usage: disks.py KEYFOB

Needs root: the disks are file systems in memory, mounted in a namespace of their own.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.request

CONFIG = """[sso-session work]
sso_start_url = https://keyfob.awsapps.com/start
sso_region = eu-central-1
[profile dev]
sso_session = work
sso_account_id = 111122223333
sso_role_name = ReadOnly
"""


class World:
    """A signed-in home; ~/.aws and ~/.cache are file systems of 256 KiB."""

    def __init__(self, keyfob, scenario_text=""):
        self.keyfob = keyfob
        self.home = pathlib.Path(tempfile.mkdtemp())
        self.aws = self.home / ".aws"
        scenario = self.home / "scenario.toml"
        scenario.write_text('approval = "automatic"\napprove_after_polls = 0\n' + scenario_text)
        self.emulator = subprocess.Popen(
            [keyfob, "emulator", "--scenario", scenario],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.url = self.emulator.stdout.readline().strip()
        for directory in (".aws", ".cache"):
            (self.home / directory).mkdir()
            mount = ["mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", self.home / directory]
            subprocess.run(mount, check=True)
        (self.aws / "config").write_text(CONFIG)
        self.expect(self.run("login", "--device-code", "--no-browser"), 0)

    def start(self, *arguments):
        env = {"HOME": str(self.home), "PATH": "/usr/bin:/bin"}
        for service in ("SSO", "SSO_OIDC", "STS"):
            env[f"AWS_ENDPOINT_URL_{service}"] = self.url
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([self.keyfob, *arguments], env=env, text=True, **pipes)

    def run(self, *arguments):
        return self.end(self.start(*arguments))

    def end(self, process):
        stdout, stderr = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def credentials(self):
        return self.run("credential-process", "--profile", "dev")

    def expect(self, run, code, said=None):
        assert run.returncode == code, run
        if said is None and code == 0 and run.args[1] == "credential-process":
            assert json.loads(run.stdout)["Version"] == 1 and not run.stderr, run
        if said is not None:
            assert said in run.stderr, run

    def calls(self, operation):
        with urllib.request.urlopen(self.url + "/_emulator/calls") as answer:
            return sum(call["operation"] == operation for call in json.load(answer))

    def refreshes(self):
        return self.calls("CreateToken:refresh_token")

    def expire(self):
        for path in (self.aws / "sso" / "cache").glob("*.json"):
            token = json.loads(path.read_text())
            if "accessToken" in token:
                token["expiresAt"] = "2020-01-01T00:00:00Z"
                path.write_text(json.dumps(token))

    def forget(self):
        shutil.rmtree(self.aws / "cli", ignore_errors=True)

    def fill(self):
        for directory in (".aws", ".cache"):
            with open(self.home / directory / "filling", "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(4096))
                except OSError:
                    pass

    def empty(self):
        for directory in (".aws", ".cache"):
            (self.home / directory / "filling").unlink()

    def remount(self, mode):
        for directory in (".aws", ".cache"):
            mount = ["mount", "-o", f"remount,{mode}", self.home / directory]
            subprocess.run(mount, check=True)

    def close(self):
        self.emulator.terminate()
        for directory in (".aws", ".cache"):
            subprocess.run(["umount", self.home / directory], check=True)
        shutil.rmtree(self.home)


def a_disk_that_cannot_be_written(world, is_read_only, close, reopen):
    """Nothing is spent, whoever has a token is served, and all is well again afterwards."""
    world.forget()
    (world.aws / "cli" / "cache").mkdir(parents=True)
    close()
    world.expect(world.credentials(), 0)
    listing = world.run("roles", "--output", "json")
    world.expect(listing, 0, "warning: the listing is not kept")
    assert len(json.loads(listing.stdout)["roles"]) == 6, listing
    if is_read_only:
        world.expect(world.run("status"), 0, "credentials are fetched at each call")
    reopen()
    world.expire()
    world.forget()
    before = world.refreshes()
    close()
    world.expect(world.credentials(), 5, f"cannot write {world.aws}/sso/cache")
    login = world.run("login", "--device-code", "--no-browser")
    world.expect(login, 3, "cannot")
    assert world.refreshes() == before, "a refresh token was spent"
    reopen()
    world.expect(world.credentials(), 0)
    assert world.refreshes() == before + 1


def organisation(accounts):
    user = '[[user]]\nname = "Jo"\nemail = "jo@example.com"\n'
    account = '[[account]]\nid = "{0:012}"\nname = "team-{0}"\nroles = ["ReadOnly", "Operator"]\n'
    return user + "".join(account.format(number) for number in range(1, accounts + 1))


def a_disk_that_is_full_for_a_moment(world, accounts):
    """What a listing could keep serves the next one, although half a line was written between."""

    def wait_for(calls):
        while world.calls("ListAccountRoles") < calls:
            pass

    listing = world.start("roles", "--output", "json")
    wait_for(5)
    world.fill()
    wait_for(accounts - 30)  # over a block of lines, so that one of them is torn
    world.empty()
    wait_for(accounts - 15)
    listing.terminate()
    world.expect(world.end(listing), 143, "warning: the listing is not kept")
    before = world.calls("ListAccountRoles")
    again = world.run("roles", "--output", "json")
    world.expect(again, 0)
    assert len(json.loads(again.stdout)["roles"]) == 2 * accounts and not again.stderr, again
    assert world.calls("ListAccountRoles") - before < accounts, "nothing was kept"


def inside(keyfob):
    accounts = 120
    world = World(keyfob, organisation(accounts))
    try:
        a_disk_that_is_full_for_a_moment(world, accounts)
        print("ok a disk that is full for a moment", flush=True)
    finally:
        world.close()
    for name, closing in (
        ("a full disk", lambda world: (world.fill, world.empty)),
        (
            "a read-only disk",
            lambda world: (lambda: world.remount("ro"), lambda: world.remount("rw")),
        ),
    ):
        world = World(keyfob)
        try:
            a_disk_that_cannot_be_written(world, "read-only" in name, *closing(world))
            print(f"ok {name}", flush=True)
        finally:
            world.close()


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    keyfob = pathlib.Path(sys.argv[1]).resolve(strict=True)
    if sys.argv[2:] == ["--inside"]:
        return inside(keyfob)
    command = ["unshare", "--mount", sys.executable, __file__, str(keyfob), "--inside"]
    sys.exit(subprocess.run(command).returncode)


main()
