"""What the files of the suite share: checks, and a home for the clients.

Two environment variables, which run.sh sets, say where things are: KEYFOB is the binary under
test, and KEYFOB_INTEROP_DIR is the directory that install.sh has filled.
"""

import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path

import approve
from emulator import REGION, START_URL, Emulator, keyfob

HERE = Path(__file__).resolve().parent
PAST = "2020-01-01T00:00:00Z"
VARIABLES = ("AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC", "AWS_ENDPOINT_URL_STS")

# `work` signs in with scopes, `plain` without; `process` has nothing but the command, `both` has
# the command beside the keys that the command reads.
CONFIG = """\
[sso-session work]
sso_start_url = {start_url}
sso_region = {region}
sso_registration_scopes = sso:account:access

[sso-session plain]
sso_start_url = {start_url}
sso_region = {region}

[profile work]
sso_session = work
sso_account_id = 111122223333
sso_role_name = ReadOnly
region = {region}

[profile plain]
sso_session = plain
sso_account_id = 111122223333
sso_role_name = Operator
region = {region}

[profile legacy]
sso_start_url = {start_url}
sso_region = {region}
sso_account_id = 222233334444
sso_role_name = Developer
region = {region}

[profile process]
credential_process = "{keyfob}" credential-process --profile work
region = {region}

[profile both]
sso_session = work
sso_account_id = 222233334444
sso_role_name = Administrator
credential_process = "{keyfob}" credential-process --profile both
region = {region}
"""

_checks = []


def check(function):
    """Marks a function as a check, named like the function; it gets the arguments of run()."""
    _checks.append(function)
    return function


def attempt(function, arguments):
    """Returns nothing, or what went wrong."""
    try:
        function(*arguments)
        return None
    except Exception as error:
        return error


def run(*arguments, about="", at_once=4):
    """Runs the checks of a file, prints one line for each, and returns whether all have passed."""
    subject = about or Path(sys.argv[0]).stem.removeprefix("test_").replace("_", " ")
    passed = True
    # Most of their time the clients wait for the next poll.
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        attempts = [(check, pool.submit(attempt, check, arguments)) for check in _checks]
        for function, future in attempts:
            name = f"{subject}: {function.__name__.replace('_', ' ')}"
            error = future.result()
            if error is None:
                print(f"ok {name}", flush=True)
                continue
            passed = False
            why = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"FAILED {name}: {why}", flush=True)
            traceback.print_exception(error)
    return passed


def main():
    sys.exit(not run())


def equal(seen, expected, what="value"):
    assert seen == expected, f"{what}: expected {expected!r}, seen {seen!r}"


def tool(name):
    """The path of something that install.sh has installed."""
    return str(Path(os.environ["KEYFOB_INTEROP_DIR"]) / name)


def clients():
    """How each client is run: with a profile, or None where it is told nothing."""
    named = lambda profile: [profile] if profile else []
    node = ["env", f"NODE_PATH={tool('javascript/node_modules')}", "node"]
    export = [tool("aws"), "configure", "export-credentials", "--format", "process"]
    python = [tool("venv/bin/python"), str(HERE / "boto3_client.py")]
    found = {
        "boto3": lambda profile: [*python, "keys", *named(profile)],
        "AWS CLI": lambda profile: [*export, *(["--profile", profile] if profile else [])],
        "Go": lambda profile: [tool("go-client"), *named(profile)],
        "JavaScript": lambda profile: [
            *node, str(HERE / "javascript_client.cjs"), "keys", *named(profile)
        ],
        "Rust": lambda profile: [tool("rust-client"), *named(profile)],
    }
    if not os.path.isdir(tool("javascript")):
        del found["JavaScript"]
    return found


class Outcome:
    """How a command ended."""

    def __init__(self, command, code, stdout, stderr):
        self.command, self.code, self.stdout, self.stderr = command, code, stdout, stderr

    def ok(self):
        name = " ".join(Path(word).name if "/" in word else word for word in self.command[:4])
        said = (self.stdout + self.stderr)[-500:]
        assert self.code == 0, f"`{name}` exited with {self.code}: {said}"
        return self

    def json(self):
        return json.loads(self.ok().stdout)


def sign_in_page(output):
    """The page that a client asks people to visit; some print the code below it."""
    if page := re.search(r"https?://\S+(/device\?user_code=|/authorize\?)\S+", output):
        return page[0]
    if page := re.search(r"(https?://\S+/device)\n[^/]*\b([A-Z]{4}-[A-Z]{4})\n", output):
        return f"{page[1]}?user_code={page[2]}"
    return None


class World:
    """An emulator, and a home in which nobody has signed in yet."""

    def __init__(self, scenario=None, tls=False, config=CONFIG):
        self.emulator = Emulator(scenario, tls)
        self.home = Path(tempfile.mkdtemp(prefix="keyfob-interop-"))
        self.aws_dir = self.home / ".aws"
        self.aws_dir.mkdir()
        text = config.format(start_url=START_URL, region=REGION, keyfob=keyfob())
        (self.aws_dir / "config").write_text(text)
        # Nothing of the caller gets through, least of all proxies and keys.
        self.environment = {
            "HOME": str(self.home),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            **self.emulator.exports,
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.emulator.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def run(self, *command, **variables):
        done = subprocess.run(
            command,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=40,
        )
        return Outcome(command, done.returncode, done.stdout, done.stderr)

    def keyfob(self, *arguments, **variables):
        return self.run(keyfob(), *arguments, **variables)

    def aws(self, *arguments, **variables):
        return self.run(tool("aws"), *arguments, **variables)

    def boto3(self, *arguments, **variables):
        """Runs boto3_client.py, which see; returns what it prints."""
        python = tool("venv/bin/python")
        return self.run(python, str(HERE / "boto3_client.py"), *arguments, **variables).json()

    def credentials(self, profile, *arguments):
        return self.keyfob("credential-process", "--profile", profile, *arguments).json()

    def sign_in(self, *command, user=approve.ADA, **variables):
        """Runs a command that prints a page to visit, approves there, and waits for its end."""
        process = subprocess.Popen(
            command,
            env={**self.environment, "PYTHONUNBUFFERED": "1", **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        killer = threading.Timer(40, process.kill)
        killer.start()
        output, url = "", None
        for line in process.stdout:
            output += line
            if not url and (url := sign_in_page(output)):
                exports = self.emulator.exports
                approve.approve(url, user, exports.get("AWS_CA_BUNDLE"), exports.get("HTTPS_PROXY"))
        code = process.wait()
        killer.cancel()
        assert url, f"`{command[0]}` printed no page: {output}"
        return Outcome(command, code, output, "").ok()

    def sign_in_with_browser(self, *command, user=approve.ADA, **variables):
        """Runs a command that opens a page in the browser, whose user approves."""
        browser = str(HERE / "approve.py")
        return self.run(*command, BROWSER=browser, USER_EMAIL=user, **variables).ok()

    def keyfob_login(self, session="work", flow="device"):
        """Signs in with keyfob; `legacy` is a profile, everything else a session."""
        which = ("--profile",) if session == "legacy" else ("--sso-session",)
        command = (keyfob(), "login", *which, session)
        if flow == "device":
            return self.sign_in(*command, "--device-code", "--no-browser")
        return self.sign_in_with_browser(*command)

    def aws_login(self, session="work", flow="device"):
        """Signs in with the AWS CLI in the same way."""
        which = ("--profile",) if session == "legacy" else ("--sso-session",)
        command = (tool("aws"), "sso", "login", *which, session)
        if flow == "device":
            return self.sign_in(*command, "--use-device-code", "--no-browser")
        return self.sign_in_with_browser(*command)

    def token_file(self):
        """The only file with a token."""
        tokens = [
            file
            for file in sorted((self.aws_dir / "sso/cache").glob("*.json"))
            if "accessToken" in json.loads(file.read_text())
        ]
        equal(len(tokens), 1, "token files")
        return tokens[0]

    def token(self):
        return json.loads(self.token_file().read_text())

    def expire_token(self):
        """Makes the token's file say that it has expired; returns what it says."""
        token = {**self.token(), "expiresAt": PAST}
        self.token_file().write_text(json.dumps(token))
        return token

    def role_files(self):
        return sorted((self.aws_dir / "cli/cache").glob("*.json"))
