"""What `export` writes is read by the real readers of each format, and no value runs as a command."""

import http.server
import json
import os
import shutil
import sys
import threading

from harness import World, check, equal, keyfob, main, tool

NAME = "AWS_SECRET_ACCESS_KEY"
PWN = "touch $HOME/pwned"
HOSTILE = [
    "plain+/_.:-==",
    f"`{PWN}`",
    f"$({PWN})",
    f"'; {PWN}; '",
    f"'$({PWN})'",
    f'"; {PWN}; "',
    f'"$({PWN})"',
    f"a'b\"$({PWN})`{PWN}`\\c",
    "$HOME",
    "${HOME}",
    "${HOME:-x}",
    "it's",
    "'",
    "''",
    '"',
    '""',
    "a'b'c",
    "\\",
    "\\\\",
    "a\\b",
    "a\\nb",
    "\\'",
    '\\"',
    "ends in \\",
    " blanks  around ",
    "a # comment",
    "#",
    "a;b&c|d>e<f(g)h*i?j[k]l~m",
    "!history !! !$",
    "50%PATH%",
    "^caret^",
    "{a,b}",
    "~",
    "=ls",
    "a:=ls:=",
    "a=b==",
    "export X=1",
    "ünïcödé 試験 🔑",
    "\u2018\u2019\u201a\u201b\u201c\u201d",
    "a\u2028b\u00a0c",
]
REFUSED = ["a\nb", "a\r\nb", "a\tb\x1b[2Jc", f"x\n{PWN}"]
CONFIG = """\
[profile hostile]
credential_process = cat "{home}/keys"
region = eu-central-1
"""
SHOW = 'import os; print(os.environ.get("AWS_SECRET_ACCESS_KEY", "none"), end="")'
PYTHON = sys.executable


class Hostile:
    """A home with a profile whose keys are what the test likes."""

    def __init__(self):
        self.world = World()

    def __enter__(self):
        home = self.world.home
        (self.world.aws_dir / "config").write_text(CONFIG.format(home=home))
        return self

    def __exit__(self, *arguments):
        self.world.__exit__(*arguments)

    def keys(self, secret):
        keys = {"Version": 1, "AccessKeyId": "AKIA", "SecretAccessKey": secret}
        (self.world.home / "keys").write_text(json.dumps(keys))

    def export(self, form):
        return self.world.keyfob("export", "--profile", "hostile", "--format", form)

    def file(self, form):
        """Exports into a file; returns its path, or nothing where the value is refused."""
        seen = self.export(form)
        if seen.code == 2:
            equal(seen.stdout, "", "what is printed of a refused value")
            assert f"{NAME} cannot be written: " in seen.stderr, seen.stderr
            return None
        path = self.world.home / "exported"
        path.write_text(seen.ok().stdout)
        return str(path)

    def pwned(self):
        return (self.world.home / "pwned").exists()


def each_value(form, read, may_refuse=()):
    """Exports each value, and compares what `read(hostile, path)` makes of it."""
    with Hostile() as hostile:
        refused = []
        for value in HOSTILE:
            hostile.keys(value)
            path = hostile.file(form)
            if path is None:
                refused.append(value)
                continue
            equal(read(hostile, path), value, f"{value!r} in {form}")
            assert not hostile.pwned(), f"{value!r} ran in {form}"
        equal(refused, list(may_refuse), "what is refused")
        for value in REFUSED:
            hostile.keys(value)
            assert hostile.file(form) is None, f"{value!r} in {form}"


def shell(*command):
    """Reads a file by a shell, whose first argument is its path."""
    return lambda hostile, path: hostile.world.run(*command, path, PYTHON, SHOW).ok().stdout


def sourced_by(name, before=""):
    return shell(name, "-c", f'{before}. "$1" && "$2" -c "$3"', name)


DOTENV_REFUSES = [
    value
    for value in HOSTILE
    if ("'" in value or "\\\\" in value or value.endswith("\\") or "${" in value)
    and any(character in value for character in '"$`\\')
]


@check
def env_in_sh():
    each_value("env", sourced_by("sh"))


@check
def env_in_dash():
    each_value("env", sourced_by("dash"))


@check
def env_in_bash():
    each_value("env", sourced_by("bash"))


@check
def env_in_an_interactive_bash():
    """By eval, as the README has it, where `!` would expand a history."""
    script = 'set -o history -o histexpand; eval "$(cat "$1")" && "$2" -c "$3"'
    each_value("env", shell("bash", "-c", script, "bash"))


@check
def env_in_zsh():
    each_value("env", sourced_by("zsh"))


@check
def env_in_zsh_with_other_quotes():
    each_value("env", sourced_by("zsh", "setopt rcquotes extendedglob banghist; "))


@check
def env_no_export_in_every_shell():
    for name in ("sh", "dash", "bash", "zsh"):
        each_value("env-no-export", sourced_by(name, "set -a; "))


@check
def fish_in_fish():
    each_value("fish", shell("fish", "-c", 'source $argv[1]; and $argv[2] -c $argv[3]'))


@check
def dotenv_in_every_shell():
    for name in ("sh", "dash", "bash", "zsh"):
        each_value("dotenv", sourced_by(name, "set -a; "), DOTENV_REFUSES)


@check
def dotenv_in_python():
    script = f'import dotenv, sys; print(dotenv.dotenv_values(sys.argv[1])["{NAME}"], end="")'

    def read(hostile, path):
        return hostile.world.run(tool("venv/bin/python"), "-c", script, path).ok().stdout

    each_value("dotenv", read, DOTENV_REFUSES)


@check
def dotenv_in_javascript():
    if not os.path.isdir(tool("javascript")):
        return
    script = (
        'const dotenv = require("dotenv"), fs = require("fs");'
        f'process.stdout.write(dotenv.parse(fs.readFileSync(process.argv[1])).{NAME})'
    )

    def read(hostile, path):
        modules = tool("javascript/node_modules")
        node = shutil.which("node")
        return hostile.world.run(node, "-e", script, path, NODE_PATH=modules).ok().stdout

    each_value("dotenv", read, DOTENV_REFUSES)


@check
def dotenv_in_node_itself():
    if not os.path.isdir(tool("javascript")):
        return
    script = f"process.stdout.write(process.env.{NAME})"

    def read(hostile, path):
        file = f"--env-file={path}"
        return hostile.world.run(shutil.which("node"), file, "-e", script).ok().stdout

    each_value("dotenv", read, DOTENV_REFUSES)


@check
def docker_in_docker():
    """The real client; what it asks its server for is looked at."""
    docker = shutil.which("docker")
    if not docker:
        return
    with Daemon() as daemon:

        def read(hostile, path):
            command = ("create", "--env-file", path, "image")
            seen = hostile.world.run(docker, *command, DOCKER_HOST=daemon.host)
            [variable] = [v for v in daemon.variables if v.startswith(f"{NAME}=")]
            return variable.removeprefix(f"{NAME}=")

        each_value("docker", read)


class Daemon:
    """As much of a Docker daemon as `docker create` needs to say what it wants."""

    def __enter__(self):
        self.variables = []
        daemon = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if "/containers/create" in self.path:
                    daemon.variables = json.loads(body)["Env"]
                answer = b'{"message": "enough"}'
                self.send_response(200 if self.path.endswith("/_ping") else 500)
                self.send_header("Api-Version", "1.41")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer)

            do_GET = do_HEAD = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"tcp://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()


if __name__ == "__main__":
    main()
