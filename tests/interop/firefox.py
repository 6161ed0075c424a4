"""A headless Firefox, driven by WebDriver BiDi: it needs no program in between."""

import json
import re
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import websocket

# Whatever the browser would like to fetch for itself goes to a port where nobody listens; the
# addresses of this machine take no proxy.
PREFERENCES = {
    "network.proxy.type": 1,
    **{f"network.proxy.{kind}": "127.0.0.1" for kind in ("http", "ssl")},
    **{f"network.proxy.{kind}_port": 9 for kind in ("http", "ssl")},
}


class Refused(Exception):
    """A command that the browser does not perform."""


class Firefox:
    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="keyfob-firefox-")
        lines = [f'user_pref("{name}", {json.dumps(PREFERENCES[name])});' for name in PREFERENCES]
        Path(self.profile, "user.js").write_text("\n".join(lines))
        command = ["firefox-esr", "--headless", "--remote-debugging-port", "0"]
        self.process = subprocess.Popen(
            [*command, "--profile", self.profile],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        try:
            self.connect()
        except BaseException:
            self.quit()
            raise

    def connect(self):
        said = ""
        killer = threading.Timer(60, self.process.kill)
        killer.start()
        for line in self.process.stderr:
            said += line
            if listening := re.match(r"WebDriver BiDi listening on (ws://\S+)", line):
                break
        else:
            raise AssertionError(f"Firefox did not start: {said}")
        killer.cancel()
        # What it says later is read, or it would wait for a reader at some time.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        # An origin is what pages have: Firefox lets none of them drive it.
        self.socket = websocket.create_connection(
            f"{listening[1]}/session", timeout=30, suppress_origin=True
        )
        self.last_id = 0
        self.errors = []
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded"])
        [window] = self.call("browsingContext.getTree")["contexts"]
        self.context = window["context"]

    def call(self, method, **parameters):
        self.last_id += 1
        self.socket.send(json.dumps({"id": self.last_id, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("method") == "log.entryAdded" and answer["params"]["level"] == "error":
                self.errors.append(answer["params"]["text"])
            if answer.get("id") == self.last_id:
                if answer["type"] != "success":
                    raise Refused(f"{method}: {answer['message']}")
                return answer["result"]

    def open(self, url):
        # What is seen from now on is of no earlier page.
        self.navigate("about:blank", "complete")
        # A page that leads on at once has no end to wait for.
        self.navigate(url, "none")

    def navigate(self, url, wait):
        self.call("browsingContext.navigate", context=self.context, url=url, wait=wait)

    def evaluate(self, expression):
        here = {"target": {"context": self.context}, "awaitPromise": False}
        answer = self.call("script.evaluate", expression=expression, **here)
        assert answer["type"] == "success", answer
        return answer["result"].get("value")

    def contents(self, selector):
        return self.evaluate(f"document.querySelector({json.dumps(selector)})?.textContent")

    def text(self):
        return self.evaluate("document.body?.innerText")

    def await_heading(self, text):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                if self.contents("h1") == text:
                    return
            except Refused:
                pass  # It was on the way from one page to the next.
            time.sleep(0.05)
        raise AssertionError(f"no heading {text!r} in: {self.text()}")

    def forget(self):
        """Deletes all cookies."""
        self.call("storage.deleteCookies")

    def quit(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)
