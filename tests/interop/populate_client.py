"""Runs `aws-sso-util configure populate` for several sets of options, or only reads what is there.

Reads from stdin a list of objects: `config`, the file to write and to read; `options`, or null;
`variables`. Prints for each what botocore reads: the profiles, by their names.
"""

import json
import os
import sys

import botocore.session
from aws_sso_util.populate_profiles import populate_profiles
from click.testing import CliRunner


def profiles(config):
    os.environ["AWS_CONFIG_FILE"] = config
    return botocore.session.Session().full_config["profiles"]


def populate(job):
    os.environ["AWS_CONFIG_FILE"] = job["config"]
    done = CliRunner().invoke(populate_profiles, job["options"], env=job["variables"])
    if done.exit_code != 0:
        raise SystemExit(f"aws-sso-util {job['options']}: {done.output}{done.exception!r}")


answers = []
for job in json.load(sys.stdin):
    if job["options"] is not None:
        populate(job)
    answers.append(profiles(job["config"]))
json.dump(answers, sys.stdout)
