#!/usr/bin/env python3
"""Runs a keyfob binary on disks that are full, read-only or slow, for real.

usage: disks.py KEYFOB

Needs root: the disks are file systems in memory, mounted in a namespace of their own. What is slow
are their system calls, which strace holds up; without strace that part is left out, and says so.
"""

import functools
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

LEGACY = """# what a person wrote
[profile old]
sso_start_url = https://keyfob.awsapps.com/start
sso_region = eu-central-1
sso_account_id = 111122223333
sso_role_name = Operator
"""

NEW = ("--account-id", "111122223333", "--role-name", "Operator")

PORTAL = ("--start-url", "https://b.awsapps.com/start", "--region", "eu-west-1")

EDITS = (
    ("configure", "sso-session", "b", *PORTAL),
    ("configure", "profile", "new", "--sso-session", "work", *NEW),
    ("configure", "migrate", "--all"),
    ("profiles", "sync", "--sso-session", "work"),
    ("profiles", "prune", "--all", "--sso-session", "work"),
)

OTHERS = ("filling", ".config.lock")

# What a file goes through when it is written, and for how long each step is held up.
SLOW = "openat,write,fsync,fallocate,rename,renameat,renameat2,linkat,unlink,unlinkat"
DELAY = "inject=" + SLOW + ":delay_enter=40000"


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

    def start(self, *arguments, before=()):
        env = {"HOME": str(self.home), "PATH": "/usr/bin:/bin"}
        for service in ("SSO", "SSO_OIDC", "STS"):
            env[f"AWS_ENDPOINT_URL_{service}"] = self.url
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [*before, self.keyfob, *arguments]
        return subprocess.Popen(command, env=env, text=True, **pipes)

    def run(self, *arguments, before=()):
        return self.end(self.start(*arguments, before=before))

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

    def files(self):
        """Whatever is in ~/.aws, but what is cached there, and the lock."""
        names = (path for path in self.aws.iterdir() if path.is_file())
        return {path.name: path.read_bytes() for path in names if path.name not in OTHERS}

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

    def fill(self, left=0):
        for directory in (".aws", ".cache"):
            with open(self.home / directory / "filling", "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(4096))
                except OSError:
                    file.truncate(file.tell() - left)

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


def a_config_on_a_disk_that_cannot_be_written(world, is_read_only, close, reopen):
    """Nothing of it is lost or half written, what failed is told, and the same command works later."""
    config = world.aws / "config"
    # Longer than a block, so that a disk could take a part of it.
    config.write_text(CONFIG + LEGACY + "# more\n" * 1000)
    why = "Read-only file system" if is_read_only else "No space left on device"
    hint = "mount the file system for writing" if is_read_only else "make room on the disk"
    world.expect(world.run("roles", "--refresh"), 0)
    for edit in EDITS:
        before = world.files()
        close()
        failed = world.run(*edit)
        world.expect(failed, 5, why)
        assert str(config) in failed.stderr and f"hint: {hint}" in failed.stderr, failed
        assert failed.stderr.endswith("nothing was changed\n"), failed
        assert world.files() == before, (edit, world.files().keys())
        world.expect(world.run(*edit, "--dry-run"), 0)
        reopen()
        assert world.files() == before, (edit, world.files().keys())
        world.expect(world.run(*edit), 0)
        assert config.read_bytes() != before["config"], edit
    backup = (world.aws / "config.keyfob-backup").read_text()
    assert backup == CONFIG + LEGACY + "# more\n" * 1000, "the backup is of another file"


def other_commands_on_a_disk_that_cannot_be_written(world, is_read_only, close, reopen):
    """They do what needs no disk, and tell the rest."""
    world.expect(world.run("roles"), 0)
    world.forget()
    before = world.refreshes()
    close()
    every = world.run("exec", "--match", "", "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID")
    world.expect(every, 0)
    assert every.stdout.count(" | ASIA") == 6, every
    assert world.run("switch", "dev").stdout.count("export AWS_PROFILE=dev\n") == 1
    role = world.run("switch", "staging", "developer")
    world.expect(role, 0)
    assert "AWS_ACCESS_KEY_ID=ASIA" in role.stdout, role
    world.expect(world.run("roles", "diff"), 0)
    world.expect(world.run("roles", "diff", "--refresh"), 0, "warning: the listing is not kept")
    world.expect(world.run("refresh"), 5, f"cannot write {world.aws}/sso/cache")
    assert world.refreshes() == before, "a refresh token was spent"
    world.expect(world.run("status", "--check"), 0)
    reopen()
    world.expect(world.run("refresh"), 0)
    assert world.refreshes() == before + 1
    # What doctor may mend.
    half = world.aws / "sso" / "cache" / ("0" * 40 + ".json")
    half.write_text('{"startUrl": "ht')
    token = next(path for path in half.parent.glob("*.json") if "accessToken" in path.read_text())
    token.chmod(0o644)
    close()
    fixed = world.run("doctor", "--offline", "--fix", "--yes")
    if is_read_only:
        assert fixed.stderr.count("Read-only file system") >= 2 and fixed.returncode == 5, fixed
        assert half.exists() and token.stat().st_mode & 0o777 == 0o644, fixed
        reopen()
        fixed = world.run("doctor", "--offline", "--fix", "--yes")
    else:
        reopen()
    assert not half.exists() and token.stat().st_mode & 0o777 == 0o600, fixed


def a_slow_disk(world):
    """It takes longer, and nothing else is different, also for those who come at once."""
    slow = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + SLOW, "-e", DELAY)
    config = world.aws / "config"
    config.write_text(CONFIG + LEGACY)
    world.expire()
    world.forget()
    before = world.refreshes()
    served = [world.start("credential-process", "--profile", "dev", before=slow) for _ in range(4)]
    for process in served:
        run = world.end(process)
        assert run.returncode == 0 and json.loads(run.stdout)["Version"] == 1, run
    assert world.refreshes() == before + 1, "more than one refresh"
    edits = [("configure", "profile", f"new-{n}", "--sso-session", "work", *NEW) for n in range(4)]
    edits.append(("profiles", "sync"))
    for process in [world.start(*edit, before=slow) for edit in edits]:
        run = world.end(process)
        assert run.returncode == 0, run
    text = config.read_text()
    assert all(text.count(f"[profile new-{n}]") == 1 for n in range(4)), text
    assert text.count("keyfob_sync = ") == 6 and text.startswith(CONFIG + LEGACY), text
    for command in (
        ("refresh",),
        ("roles", "--refresh"),
        ("roles", "diff"),
        ("switch", "dev"),
        ("exec", "--match", "", "--", "true"),
        ("profiles", "prune", "--all"),
    ):
        world.expect(world.run(*command, before=slow), 0)
    # The sync keeps the file once more, unless it was the first of the five.
    kept = set(world.files()) - {"config.keyfob-daily"}
    assert kept == {"config", "config.keyfob-backup"}, world.files().keys()


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
        for case in (
            a_disk_that_cannot_be_written,
            a_config_on_a_disk_that_cannot_be_written,
            other_commands_on_a_disk_that_cannot_be_written,
        ):
            world = World(keyfob)
            try:
                case(world, "read-only" in name, *closing(world))
                print(f"ok {name}: {case.__name__.replace('_', ' ')}", flush=True)
            finally:
                world.close()
    world = World(keyfob)
    try:
        close = functools.partial(world.fill, left=4096)
        a_config_on_a_disk_that_cannot_be_written(world, False, close, world.empty)
        print("ok a config that is longer than the room that is left", flush=True)
    finally:
        world.close()
    if not shutil.which("strace"):
        return print("skipped a slow disk: there is no strace", flush=True)
    world = World(keyfob)
    try:
        a_slow_disk(world)
        print("ok a slow disk", flush=True)
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
