"""The conformance suite knows botocore's reader by a model; botocore confirms the model here."""

import json
import subprocess
import tempfile
from pathlib import Path

from botocore.configloader import raw_config_parse
from botocore.exceptions import ConfigParseError

from harness import HERE, check, equal, main


def as_botocore_reads(path):
    """The sections of a file; an empty line in a value counts for nothing."""
    try:
        sections = raw_config_parse(str(path))
    except ConfigParseError:
        return None
    for settings in sections.values():
        for name, value in settings.items():
            if isinstance(value, str):
                settings[name] = "\n".join(line for line in value.split("\n") if line)
    return sections


@check
def the_model_of_the_conformance_suite_reads_like_botocore():
    printed = subprocess.run(
        ["cargo", "run", "--quiet", "-p", "conformance", "--example", "indented_files"],
        cwd=HERE.parent.parent, check=True, capture_output=True, text=True,
    ).stdout.splitlines()
    equal(len(printed), 10_000)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "config"
        for line in printed:
            case = json.loads(line)
            path.write_bytes(case["file"].encode())
            equal(as_botocore_reads(path), case["reading"], case["file"])


if __name__ == "__main__":
    main()
