#!/usr/bin/env python3
"""A browser whose user approves everything: opens a sign-in page and sends its form.

usage: approve.py URL

Works as BROWSER of the clients. USER_EMAIL chooses who signs in, by default Ada. Follows
HTTPS_PROXY, and trusts AWS_CA_BUNDLE.
"""

import html.parser
import os
import ssl
import sys
import urllib.parse
import urllib.request

ADA = "ada@example.com"


class Form(html.parser.HTMLParser):
    """The form of a page: where it goes, and what it carries along."""

    def __init__(self, page):
        super().__init__()
        self.action = None
        self.fields = {}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.action = attributes["action"]
        if tag == "input" and attributes.get("type") == "hidden":
            self.fields[attributes["name"]] = attributes.get("value", "")


def approve(url, user=ADA, ca=None, proxy=None):
    """Approves, and follows the redirect to the client's own listener if there is one."""
    # That listener is reached directly: it speaks no TLS.
    browser = urllib.request.build_opener(
        urllib.request.ProxyHandler({"https": proxy} if proxy else {}),
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca)),
    )
    with browser.open(url, timeout=20) as response:
        form = Form(response.read().decode())
    assert form.action, f"no form on the page {url}"
    fields = {**form.fields, "user": user, "decision": "approve"}
    body = urllib.parse.urlencode(fields).encode()
    with browser.open(urllib.parse.urljoin(url, form.action), body, timeout=20) as response:
        return response.read().decode()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    # Like a real browser it does not keep its caller waiting, who may start to listen only then.
    if os.fork() == 0:
        get = os.environ.get
        approve(sys.argv[1], get("USER_EMAIL", ADA), get("AWS_CA_BUNDLE"), get("HTTPS_PROXY"))
