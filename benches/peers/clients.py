#!/usr/bin/env python3
"""Whole programs beside each other: the same files, the same emulator, one interleaved run.

usage: clients.py KEYFOB RUST_PROVIDER VENV_PYTHON AWS_EXPORT_CREDENTIALS AWS GO_CLIENT

RUST_PROVIDER is the binary `provider` of this package, VENV_PYTHON a Python with boto3 and
aws-sso-util, AWS_EXPORT_CREDENTIALS that program, AWS the AWS CLI v2, GO_CLIENT the client of
tests/interop. Prints the median of each as a multiple of keyfob's. `cargo xtask bench` installs the
clients and runs this.

The home of the runs is in the directory for temporary files; TMPDIR moves it to another file system,
which counts: keyfob syncs what it writes, the others do not.
"""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 15
PROFILES = 10_000
SESSION = """[sso-session work]
sso_start_url = https://keyfob.awsapps.com/start
sso_region = eu-central-1
sso_registration_scopes = sso:account:access
"""
# aws-sso-util knows no sessions.
DEV = """[profile dev]
sso_session = work
sso_account_id = 111122223333
sso_role_name = ReadOnly
region = eu-central-1
[profile legacy]
sso_start_url = https://keyfob.awsapps.com/start
sso_region = eu-central-1
sso_account_id = 111122223333
sso_role_name = ReadOnly
region = eu-central-1
"""
BOTO3 = "import boto3; boto3.Session(profile_name='dev').get_credentials().get_frozen_credentials()"


class World:
    def __init__(self, keyfob):
        self.home = pathlib.Path(tempfile.mkdtemp())
        scenario = self.home / "scenario.toml"
        scenario.write_text('approval = "automatic"\napprove_after_polls = 0\n')
        self.emulator = subprocess.Popen(
            [keyfob, "emulator", "--scenario", scenario],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        url = self.emulator.stdout.readline().strip()
        self.env = {"HOME": str(self.home), "PATH": "/usr/bin:/bin"}
        for service in ("SSO", "SSO_OIDC", "STS"):
            self.env[f"AWS_ENDPOINT_URL_{service}"] = url
        (self.home / ".aws").mkdir()
        self.config(0)
        for session in (["--sso-session", "work"], ["--profile", "legacy"]):
            login = [keyfob, "login", "--device-code", "--no-browser", *session]
            subprocess.run(login, env=self.env, check=True, capture_output=True)

    def config(self, profiles):
        others = "".join(
            f"[profile number-{number}]\nsso_session = work\nsso_account_id = 111122223333\n"
            "sso_role_name = ReadOnly\nregion = eu-central-1\noutput = json\n\n"
            for number in range(profiles)
        )
        (self.home / ".aws" / "config").write_text(SESSION + others + DEV)

    def forget(self):
        """Removes all role credentials."""
        for directory in (".aws/cli/cache", ".cache"):
            shutil.rmtree(self.home / directory, ignore_errors=True)

    def expire(self):
        for path in (self.home / ".aws/sso/cache").glob("*.json"):
            token = json.loads(path.read_text())
            if "accessToken" in token:
                token["expiresAt"] = "2020-01-01T00:00:00Z"
                path.write_text(json.dumps(token))

    def close(self):
        self.emulator.terminate()
        shutil.rmtree(self.home)


def file_system(path):
    described = ["df", "--output=fstype", path]
    return subprocess.run(described, check=True, capture_output=True, text=True).stdout.split()[-1]


def main():
    if len(sys.argv) != 7:
        sys.exit(__doc__)
    keyfob, provider, python, export_credentials, aws, go = sys.argv[1:]
    scripts = pathlib.Path(python).parent
    tools = {
        "keyfob": [keyfob, "credential-process", "--profile", "dev"],
        "aws-config (Rust)": [provider, "dev"],
        "aws-sdk-go-v2": [go, "dev"],
        "boto3": [python, "-c", BOTO3],
        "AWS CLI v2": [aws, "configure", "export-credentials", "--profile", "dev"],
        "aws-export-credentials": [export_credentials, "--profile", "dev"],
        "aws-sso-util": [scripts / "aws-sso-util", "credential-process", "--profile", "legacy"],
    }
    world = World(keyfob)
    print(f"files on {file_system(world.home)} in {world.home.parent}")
    keeping = ["keyfob", "AWS CLI v2", "aws-sso-util"]
    never_refreshing = ["aws-sso-util"]
    works = [
        ("cached credentials printed", 0, lambda: None, keeping),
        ("one GetRoleCredentials", 0, world.forget, list(tools)),
        (f"the same call, {PROFILES} profiles", PROFILES, world.forget, list(tools)),
        (
            "a refresh, and GetRoleCredentials",
            0,
            lambda: (world.forget(), world.expire()),
            [tool for tool in tools if tool not in never_refreshing],
        ),
    ]
    try:
        for name, profiles, prepare, able in works:
            world.config(profiles)
            times = {tool: [] for tool in able}
            for turn in range(ROUNDS + 1):
                for tool in able:
                    prepare()
                    begin = time.perf_counter()
                    run = subprocess.run(tools[tool], env=world.env, capture_output=True, text=True)
                    took = time.perf_counter() - begin
                    if run.returncode:
                        sys.exit(f"{tool}: {run.stderr}")
                    if turn:  # the first one warms up
                        times[tool].append(took)
            medians = {tool: statistics.median(taken) for tool, taken in times.items()}
            print(f"{name}")
            for tool, median in medians.items():
                ratio = median / medians["keyfob"]
                print(f"  {tool:<24}{median * 1000:>9.1f} ms {ratio:>8.1f}", flush=True)
    finally:
        world.close()


main()
