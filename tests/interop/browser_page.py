#!/usr/bin/env python3
"""Drives the emulator's sign-in pages in a headless Chromium, by keyboard alone.

usage: browser_page.py COMMAND [ARGUMENT...]

COMMAND starts an emulator with the default scenario and prints its base URL. A single word gets
the arguments `emulator --port 0`. Needs selenium, and chromium with its driver. With SHOTS set to
a directory, a picture of each page is stored there. Exits with 1 on the first failure.
"""

import base64
import hashlib
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

from selenium import webdriver
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

START_URL = "https://keyfob.awsapps.com/start"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
SCOPE = "sso:account:access"


class Emulator:
    """The process under test, and the API calls of its client."""

    def __init__(self, command):
        if len(command) == 1:
            command = command + ["emulator", "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            found = re.search(r"http://[\w.]+:\d+", line)
            if found:
                self.url = found.group()
                # Keeps the pipe empty, so that the process never waits for it.
                threading.Thread(target=self.process.stdout.read, daemon=True).start()
                return
        raise SystemExit("the command printed no URL")

    def post(self, path, **members):
        request = urllib.request.Request(
            self.url + path, json.dumps(members).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def register(self, **members):
        answer = self.post(
            "/client/register",
            clientName="browser <test>",
            clientType="public",
            scopes=[SCOPE],
            **members,
        )
        return {name: answer[name] for name in ("clientId", "clientSecret")}

    def start_device(self):
        client = self.register()
        return client, self.post("/device_authorization", startUrl=START_URL, **client)

    def poll(self, client, device):
        grant = "urn:ietf:params:oauth:grant-type:device_code"
        return self.post("/token", grantType=grant, deviceCode=device["deviceCode"], **client)


class Callback:
    """The loopback listener of a client, which keeps the query of each request."""

    def __init__(self):
        self.queries = queries = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                if url.path == "/oauth/callback":
                    queries.append(dict(urllib.parse.parse_qsl(url.query)))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"<title>callback</title>")

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.redirect_uri = f"http://127.0.0.1:{server.server_port}/oauth/callback"


class Browser:
    """A Chromium whose user has no mouse."""

    def __init__(self, width, dark, shots):
        self.shots = shots
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
            options.add_argument(argument)
        if dark:
            options.add_argument("--force-dark-mode")
        service = webdriver.ChromeService("/usr/bin/chromedriver")
        self.driver = webdriver.Chrome(options, service)
        # A window cannot be narrower than 500 px, its contents can.
        metrics = {"width": width, "height": 760, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def open(self, url):
        self.driver.get(url)

    def press(self, *keys):
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def focus(self):
        element = self.driver.switch_to.active_element
        return element.get_attribute("name"), element.get_attribute("value")

    def tab_to(self, name, value):
        for _ in range(10):
            if self.focus() == (name, value):
                return
            self.press(Keys.TAB)
        raise AssertionError(f"Tab does not reach {name}={value}")

    def await_heading(self, text):
        WebDriverWait(self.driver, 10).until(
            lambda driver: driver.execute_script(
                "return document.readyState === 'complete' "
                "&& document.querySelector('h1')?.textContent"
            )
            == text,
            f"no heading {text!r} in: {self.text()}",
        )

    def await_title(self, title):
        WebDriverWait(self.driver, 10).until(lambda driver: driver.title == title, title)

    def text(self):
        return self.driver.execute_script("return document.body.innerText")

    def check_page(self, name):
        """Checks what holds for every page, and takes its picture."""
        if self.shots:
            os.makedirs(self.shots, exist_ok=True)
            self.driver.save_screenshot(os.path.join(self.shots, name + ".png"))
        run = self.driver.execute_script
        assert run("return document.documentElement.lang") == "en"
        assert self.driver.title.endswith(" · keyfob emulator"), self.driver.title
        wide = run("return [document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], f"{name} scrolls sideways: {wide}"
        unlabelled = run(
            "return [...document.querySelectorAll('input:not([type=hidden])')]"
            ".filter(input => !input.labels.length).length"
        )
        assert unlabelled == 0, f"{name} has inputs without a label"
        outline = run(
            "const one = document.activeElement; if (one === document.body) return 'none needed';"
            "const box = one.closest('.user') ?? one; return getComputedStyle(box).outlineStyle"
        )
        assert outline in ("none needed", "solid"), f"{name} does not show the focus"
        loud = [entry for entry in self.driver.get_log("browser") if "400 (" not in entry["message"]]
        assert not loud, loud


def device_by_typing_the_code(emulator, browser):
    client, device = emulator.start_device()
    browser.open(device["verificationUri"])
    browser.check_page("code")
    browser.press("bcdf-ghjk", Keys.ENTER)
    browser.await_heading("Sign in on a device")
    assert "No device shows this code. You typed bcdf-ghjk." in browser.text()
    browser.check_page("wrong-code")
    browser.press(device["userCode"].replace("-", "").lower(), Keys.ENTER)
    browser.await_heading("Allow access?")
    for part in ("browser <test>", device["userCode"], SCOPE, "Ada Lovelace", "Grace Hopper"):
        assert part in browser.text(), part
    browser.check_page("consent-device")
    browser.press(Keys.ENTER)
    browser.await_heading("Request approved")
    browser.check_page("approved")
    assert "accessToken" in emulator.poll(client, device)


def device_denied(emulator, browser):
    client, device = emulator.start_device()
    browser.open(device["verificationUriComplete"])
    browser.tab_to("decision", "deny")
    browser.check_page("deny-focused")
    browser.press(Keys.ENTER)
    browser.await_heading("Request denied")
    browser.check_page("denied")
    assert emulator.poll(client, device)["error"] == "access_denied"
    browser.open(device["verificationUriComplete"])
    assert "already been used" in browser.text()


def authorize(emulator, browser, decide):
    callback = Callback()
    client = emulator.register(
        grantTypes=["authorization_code", "refresh_token"],
        redirectUris=["http://127.0.0.1/oauth/callback"],
        issuerUrl=START_URL,
    )
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": client["clientId"],
        "redirect_uri": callback.redirect_uri,
        "state": "st ate&<",
        "code_challenge_method": "S256",
        "scopes": SCOPE,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    }
    quoted = urllib.parse.urlencode(query, quote_via=urllib.parse.quote)
    browser.open(f"{emulator.url}/authorize?{quoted}")
    browser.await_heading("Allow access?")
    browser.check_page("consent-authorize")
    decide()
    browser.await_title("callback")
    answer = callback.queries[0]
    assert answer.pop("state") == query["state"]
    return client, callback, answer


def authorization_approved(emulator, browser):
    def choose_grace():
        browser.press(Keys.ARROW_DOWN)
        browser.tab_to("decision", "approve")
        browser.press(Keys.SPACE)

    client, callback, answer = authorize(emulator, browser, choose_grace)
    redeem = {
        "grantType": "authorization_code",
        "code": answer["code"],
        "codeVerifier": VERIFIER,
        "redirectUri": callback.redirect_uri,
    }
    token = emulator.post("/token", **redeem, **client)["accessToken"]
    request = urllib.request.Request(
        emulator.url + "/assignment/accounts", headers={"x-amz-sso_bearer_token": token}
    )
    with urllib.request.urlopen(request) as response:
        assert "Billing" in response.read().decode(), "an account of Grace"


def authorization_denied(emulator, browser):
    def deny():
        browser.tab_to("decision", "deny")
        browser.press(Keys.ENTER)

    _, _, answer = authorize(emulator, browser, deny)
    assert answer["error"] == "access_denied" and answer["error_description"]


def unknown_client(emulator, browser):
    browser.open(emulator.url + "/authorize?client_id=x&redirect_uri=http://127.0.0.1:9/")
    browser.await_heading("Sign-in failed")
    browser.check_page("failed")


def index(emulator, browser):
    browser.open(emulator.url + "/")
    browser.await_heading("IAM Identity Center, emulated")
    browser.check_page("index")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    shots = os.environ.get("SHOTS")
    emulator = Emulator(sys.argv[1:])
    browsers = []
    try:
        for name, width, dark in (("desktop", 1024, False), ("phone", 320, True)):
            browser = Browser(width, dark, shots and os.path.join(shots, name))
            browsers.append(browser)
            for scene in (
                index,
                device_by_typing_the_code,
                device_denied,
                authorization_approved,
                authorization_denied,
                unknown_client,
            ):
                scene(emulator, browser)
                print(f"ok {name}: {scene.__name__.replace('_', ' ')}")
    finally:
        for browser in browsers:
            browser.driver.quit()
        emulator.process.terminate()
        emulator.process.wait()


if __name__ == "__main__":
    main()
