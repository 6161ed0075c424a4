"""Drives the emulator's sign-in pages in a headless Chromium, by keyboard alone.

With SHOTS set to a directory, a picture of each page is stored there.
"""

import base64
import hashlib
import http.server
import json
import os
import sys
import threading
import urllib.error
import urllib.parse

from selenium.webdriver.common.keys import Keys

import harness
from chromium import Browser
from emulator import START_URL, Emulator
from harness import check

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
SCOPE = "sso:account:access"


class IdentityCenter(Emulator):
    """The process under test, and the API calls of its client."""

    def post(self, path, **members):
        try:
            body = json.dumps(members).encode()
            return json.loads(self.open(path, body, {"Content-Type": "application/json"}))
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


@check
def device_by_typing_the_code(center, browser):
    client, device = center.start_device()
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
    assert "accessToken" in center.poll(client, device)


@check
def device_denied(center, browser):
    client, device = center.start_device()
    browser.open(device["verificationUriComplete"])
    browser.tab_to("decision", "deny")
    browser.check_page("deny-focused")
    browser.press(Keys.ENTER)
    browser.await_heading("Request denied")
    browser.check_page("denied")
    assert center.poll(client, device)["error"] == "access_denied"
    browser.open(device["verificationUriComplete"])
    assert "already been used" in browser.text()


def authorize(center, browser, decide):
    callback = Callback()
    client = center.register(
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
    browser.open(f"{center.url}/authorize?{quoted}")
    browser.await_heading("Allow access?")
    browser.check_page("consent-authorize")
    decide()
    browser.await_title("callback")
    answer = callback.queries[0]
    assert answer.pop("state") == query["state"]
    return client, callback, answer


@check
def authorization_approved(center, browser):
    def choose_grace():
        browser.press(Keys.ARROW_DOWN)
        browser.tab_to("decision", "approve")
        browser.press(Keys.SPACE)

    client, callback, answer = authorize(center, browser, choose_grace)
    redeem = {
        "grantType": "authorization_code",
        "code": answer["code"],
        "codeVerifier": VERIFIER,
        "redirectUri": callback.redirect_uri,
    }
    token = center.post("/token", **redeem, **client)["accessToken"]
    listed = center.open("/assignment/accounts", headers={"x-amz-sso_bearer_token": token})
    assert b"Billing" in listed, "an account of Grace"


@check
def authorization_denied(center, browser):
    def deny():
        browser.tab_to("decision", "deny")
        browser.press(Keys.ENTER)

    _, _, answer = authorize(center, browser, deny)
    assert answer["error"] == "access_denied" and answer["error_description"]


@check
def unknown_client(center, browser):
    browser.open(center.url + "/authorize?client_id=x&redirect_uri=http://127.0.0.1:9/")
    browser.await_heading("Sign-in failed")
    browser.check_page("failed")


@check
def index(center, browser):
    browser.open(center.url + "/")
    browser.await_heading("IAM Identity Center, emulated")
    browser.check_page("index")


def main():
    shots = os.environ.get("SHOTS")
    passed = True
    for name, width, dark in (("desktop", 1024, False), ("phone", 320, True)):
        center = IdentityCenter()
        try:
            browser = Browser(width, dark, shots and os.path.join(shots, name))
            try:
                passed &= harness.run(center, browser, about=f"page on a {name}", at_once=1)
            finally:
                browser.driver.quit()
        finally:
            center.stop()
    sys.exit(not passed)


if __name__ == "__main__":
    main()
