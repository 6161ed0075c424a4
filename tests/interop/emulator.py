"""`keyfob emulator` as a process, with its default scenario or another one."""

import json
import os
import re
import shutil
import ssl
import subprocess
import tempfile
import urllib.request
from pathlib import Path

START_URL = "https://keyfob.awsapps.com/start"
REGION = "eu-central-1"


def keyfob():
    return os.path.abspath(os.environ["KEYFOB"])


class Emulator:
    """`keyfob emulator` on a free port, and what it prints."""

    def __init__(self, scenario=None, tls=False):
        command = [keyfob(), "emulator", "--port", "0"]
        self.directory = tempfile.mkdtemp(prefix="keyfob-interop-")
        if scenario:
            file = Path(self.directory, "scenario.toml")
            file.write_text(scenario)
            command += ["--scenario", str(file)]
        command += ["--tls"] if tls else []
        environment = {"PATH": os.environ["PATH"], "TMPDIR": self.directory}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        self.url = self.process.stdout.readline().strip()
        # What it tells people to export: endpoints, or a proxy and its CA.
        self.exports = {}
        for line in self.process.stderr:
            if found := re.match(r"\s*export (\w+)=(\S+)$", line):
                self.exports[found[1]] = found[2]
            elif "Ctrl-C" in line:
                break
        assert self.url.startswith("http"), f"the emulator printed {self.url!r}"
        self.ca = self.exports.get("AWS_CA_BUNDLE")

    def open(self, path, body=None, headers={}):
        request = urllib.request.Request(self.url + path, body, headers)
        trust = ssl.create_default_context(cafile=self.ca) if self.ca else None
        with urllib.request.urlopen(request, context=trust, timeout=20) as response:
            return response.read()

    def calls(self):
        """How often each operation was called, whatever the answer."""
        counts = {}
        for call in json.loads(self.open("/_emulator/calls")):
            counts[call["operation"]] = counts.get(call["operation"], 0) + 1
        return counts

    def count(self, operation):
        """How often an operation was called; `CreateToken` means every grant of it."""
        return sum(
            count
            for name, count in self.calls().items()
            if name == operation or name.startswith(operation + ":")
        )

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)
