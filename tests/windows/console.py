#!/usr/bin/env python3
"""Types at keyfob on a console of Wine: Ctrl-C, lists, and letters outside ASCII; and signs in by a browser.

usage: console.py KEYFOB.EXE

Wine makes a console of a terminal of Linux. What it does not do is to follow escape sequences, so colours
and the way a list is drawn are not looked at.
"""

import contextlib
import fcntl
import os
import pathlib
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time

WINE = "/usr/lib/wine/wine64"
PATIENCE = 60
CTRL_C = b"\x03"
CONFIG = """\
[sso-session work]
sso_start_url = https://keyfob.awsapps.com/start
sso_region = eu-central-1
[profile dev]
sso_session = work
sso_account_id = 111122223333
sso_role_name = ReadOnly
[profile first]
aws_access_key_id = AKIAIOSFODNN7FIRST
aws_secret_access_key = first
[profile code]
role_arn = arn:aws:iam::111122223333:role/Hub
mfa_serial = arn:aws:iam::111122223333:mfa/ada
source_profile = first
[profile grün]
aws_access_key_id = AKIAIOSFODNN7SECOND
aws_secret_access_key = second
"""


BROWSER = """\
#!/bin/sh
exec /usr/bin/python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1]).read()' "$1"
"""


class Console:
    def __init__(self, keyfob, home):
        self.keyfob = str(keyfob)
        self.environment = {**os.environ, "WINEDEBUG": "-all", "TERM": "xterm"}
        self.environment |= {"HOME": f"Z:{home}", "AWS_CONFIG_FILE": f"Z:{home}/config"}

    def run(self, *arguments, typed=()):
        """Types each text when the one before it is shown; returns the exit code and all that was shown."""
        child, terminal = pty.fork()
        if child == 0:
            os.execve(WINE, [WINE, self.keyfob, *arguments], self.environment)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 150, 0, 0))
        shown, seen, ahead = b"", 0, list(typed)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if select.select([terminal], [], [], 1)[0]:
                try:
                    shown += os.read(terminal, 4096)
                except OSError:  # nobody has it open any more
                    break
            if ahead and (place := shown.find(ahead[0][0].encode(), seen)) >= 0:
                seen = place + 1
                os.write(terminal, ahead.pop(0)[1])
        else:
            os.kill(child, 9)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.close(terminal)
        assert not ahead, f"{ahead[0][0]!r} was not shown: {shown[-600:]!r}"
        return code, shown.decode(errors="replace")


@contextlib.contextmanager
def emulator_of(console, *options):
    command = [WINE, console.keyfob, "emulator", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as emulator:
        try:
            address = emulator.stdout.readline().strip()
            console.environment |= {"AWS_ENDPOINT_URL_SSO": address, "AWS_ENDPOINT_URL_SSO_OIDC": address}
            yield
        finally:
            emulator.kill()


def check(what, holds, detail):
    if not holds:
        sys.exit(f"FAILED: {what}: {detail!r}")
    print(f"ok: {what}", flush=True)


def main():
    keyfob = pathlib.Path(sys.argv[1]).resolve(strict=True)
    with tempfile.TemporaryDirectory() as name:
        home = pathlib.Path(name)
        (home / "config").write_text(CONFIG)
        console = Console(keyfob, home)

        code, shown = console.run("profiles")
        check("letters outside ASCII are shown as they are", code == 0 and "grün" in shown, (code, shown))

        # The command ends by itself when it is asked to, with its own code.
        command = ["exec", "--profile", "first", "--", f"Z:{keyfob}", "emulator"]
        code, shown = console.run(*command, typed=[("Ctrl-C stops it", CTRL_C)])
        check("Ctrl-C is for the command of `exec`, which ends as it will", code == 0, (code, shown))

        script = ["cmd.exe", "/c", "echo key %AWS_ACCESS_KEY_ID% & pause & exit 7"]
        code, shown = console.run("exec", "--profile", "first", "--", *script, typed=[("Press any key", b"x")])
        check("the command of `exec` reads the console", code == 7 and "key AKIAIOSFODNN7FIRST" in shown, (code, shown))

        script = ["exec", "--", "cmd.exe", "/c", "echo key %AWS_ACCESS_KEY_ID%"]
        code, shown = console.run(*script, typed=[("Enter takes it", b"gr"), ("gr", b"\r")])
        check("a list is filtered by what is typed", code == 0 and "key AKIAIOSFODNN7SECOND" in shown, (code, shown))

        code, shown = console.run(*script, typed=[("Enter takes it", CTRL_C)])
        check("Ctrl-C leaves a list", code == 130 and "interrupted" in shown, (code, shown))

        code, shown = console.run("export", "--profile", "code", typed=[("MFA code", CTRL_C)])
        check("Ctrl-C leaves a question", code == 130 and "interrupted" in shown, (code, shown))

        with emulator_of(console):
            login = ["login", "--device-code", "--no-browser"]
            code, shown = console.run(*login, typed=[("Ctrl-C to stop", CTRL_C)])
        check("Ctrl-C ends the wait for a sign-in", code == 130 and "interrupted" in shown, (code, shown))

        (home / "scenario.toml").write_text('approval = "automatic"\n')
        with emulator_of(console, "--scenario", f"Z:{home}/scenario.toml"):
            opener = home / "xdg-open"  # of which Wine makes use for rundll32
            opener.write_text(BROWSER)
            opener.chmod(0o755)
            console.environment["PATH"] = f"{home}:{os.environ['PATH']}"
            code, shown = console.run("login")
        check("a page is opened by the system, and comes back", code == 0 and "Signed in" in shown, (code, shown))


main()
