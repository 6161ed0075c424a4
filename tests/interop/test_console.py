"""What `console` and `link` say is opened by real browsers, on pages of the emulator."""

import os
import shlex
import sys
import time
import urllib.parse

from selenium.webdriver.common.keys import Keys

import harness
from chromium import Browser
from emulator import REGION
from firefox import Firefox
from harness import World, check, equal

# `dev` has the emulator's own portal, which a browser can open. Nobody needs to sign in for a link;
# where credentials are needed, `chain` has them from `work`.
MORE = """
[sso-session portal]
sso_start_url = {url}/start
sso_region = {region}

[profile dev]
sso_session = portal
sso_account_id = 222233334444
sso_role_name = Developer
region = {region}

[profile nobody]
sso_session = portal
sso_account_id = 222233334444
sso_role_name = Nobody's "$(touch pwned)" role
region = {region}

[profile chain]
role_arn = arn:aws:iam::222233334444:role/Deploy
source_profile = work
region = eu-west-1

[profile long]
role_arn = arn:aws:iam::222233334444:role/{long}
role_session_name = {long}
source_profile = work
region = eu-west-1
"""
NAMES = {"111122223333": "Production", "222233334444": "Staging", "333344445555": "Sandbox Ada"}
LONG = "Deploy" * 10
# A browser that writes down how it was called: no one sees half of it.
RECORDER = """\
#!/bin/sh
printf '%s\\0' "$@" >"$0.part" && mv "$0.part" "$0.called"
"""
# For each text that is seen: what it says, and its contrast with what is behind it.
CONTRASTS = """
const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
const rgba = color => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const parts = ([r, g, b]) => [[r, 0.2126], [g, 0.7152], [b, 0.0722]];
const luminance = color => parts(color).reduce((sum, [c, part]) => {
  c /= 255;
  return sum + part * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
}, 0);
const behind = element => {
  for (; element; element = element.parentElement) {
    const color = rgba(getComputedStyle(element).backgroundColor);
    if (color[3] === 255) return color;
    if (color[3]) throw new Error("a background that lets others through");
  }
  throw new Error("no background");
};
const contrast = (element, pseudo) => {
  const both = [rgba(getComputedStyle(element, pseudo).color), behind(element)];
  if (both[0][3] !== 255) throw new Error("a text that lets others through");
  const [dark, light] = both.map(luminance).sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};
const seen = [];
for (const element of document.body.querySelectorAll("*")) {
  const texts = [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE);
  const text = texts.map(node => node.data.trim()).join(" ").trim();
  if (text) seen.push([text, contrast(element)]);
  const sign = getComputedStyle(element, "::before").content;
  if (!["none", "normal", '""'].includes(sign)) seen.push([sign, contrast(element, "::before")]);
}
return [seen, rgba(getComputedStyle(document.body).backgroundColor)];
"""


class Company(World):
    """A world whose portal and console browsers can open, and in which Ada is signed in."""

    def __init__(self):
        super().__init__()
        more = MORE.format(url=self.emulator.url, region=REGION, long=LONG)
        config = self.aws_dir / "config"
        config.write_text(config.read_text() + more)
        self.environment["KEYFOB_SIGNIN_URL"] = self.emulator.url
        self.keyfob_login(flow="browser")

    def url(self, *arguments):
        """What `console` or `link` prints: one line."""
        [url] = self.keyfob(*arguments).ok().stdout.splitlines()
        return url


def await_console(browser, account, role, destination):
    browser.await_heading(NAMES[account])
    equal(browser.contents("#account"), account, "account")
    arn = browser.contents("#arn")
    assert arn.startswith(f"arn:aws:sts::{account}:assumed-role/{role}"), arn
    assert browser.contents("strong").startswith(role), browser.text()
    equal(browser.contents("#destination"), destination, "destination")


def await_refusal(browser, text):
    browser.await_heading("Sign-in failed")
    assert text in browser.text(), browser.text()


def permission_set(name):
    return f"AWSReservedSSO_{name}_"


def home(region, path="/console/home"):
    return f"https://{region}.console.aws.amazon.com{path}?region={region}"


def chain_signs_in_once(company, browser):
    browser.forget()
    url = company.url("console", "chain", "-s", "s3", "--print")
    browser.open(url)
    await_console(browser, "222233334444", "Deploy", home("eu-west-1", "/s3/home"))
    browser.open(url)
    await_refusal(browser, "This link was used already")


def link_opens_the_role(company, browser):
    browser.forget()
    url = company.url("link", "dev", "-s", "s3")
    assert url.startswith(f"{company.emulator.url}/start/#/console?"), url
    browser.open(url)
    destination = home(REGION, "/s3/home")
    await_console(browser, "222233334444", permission_set("Developer"), destination)


@check
def the_url_of_a_chain_signs_in_once_in_chromium(company, chromium, _):
    chain_signs_in_once(company, chromium)


@check
def the_url_of_a_chain_signs_in_once_in_firefox(company, _, firefox):
    chain_signs_in_once(company, firefox)
    equal(firefox.errors, [], "errors of pages")


@check
def a_link_opens_the_role_in_chromium(company, chromium, _):
    link_opens_the_role(company, chromium)
    chromium.check_page("console-by-link")


@check
def a_link_opens_the_role_in_firefox(company, _, firefox):
    link_opens_the_role(company, firefox)
    equal(firefox.errors, [], "errors of pages")


@check
def a_link_is_followed_in_a_portal_that_is_open(company, chromium, _):
    """Then the address changes behind the `#` alone, and no page is loaded."""
    chromium.forget()
    chromium.open(f"{company.emulator.url}/start/")
    chromium.await_heading("AWS access portal")
    chromium.open(company.url("link", "dev"))
    await_console(chromium, "222233334444", permission_set("Developer"), "/console/home")


@check
def another_role_needs_a_logout_first(company, chromium, _):
    chromium.forget()
    chromium.open(company.url("console", "chain", "--print"))
    await_console(chromium, "222233334444", "Deploy", home("eu-west-1"))
    other = ("console", "work", "--method", "federation", "--print")
    chromium.open(company.url(*other))
    await_refusal(chromium, "You must first log out")
    chromium.open(company.url(*other, "--logout-first"))
    await_console(chromium, "111122223333", permission_set("ReadOnly"), home(REGION))


def links(browser):
    return browser.driver.execute_script("return [...document.links].map(link => link.href)")


def reach_by_tab(browser):
    """Presses Tab until the page was left; returns the links in their order."""
    reached = []
    for _ in range(100):
        browser.press(Keys.TAB)
        href = browser.driver.execute_script("return document.activeElement.href")
        if not href:
            return reached
        outline = browser.driver.execute_script(
            "return getComputedStyle(document.activeElement).outlineStyle"
        )
        equal(outline, "solid", f"outline of {href}")
        reached.append(href)
    raise AssertionError("Tab does not leave the page")


def enter(browser, href):
    """Follows a link by Tab and Enter."""
    for _ in range(100):
        browser.press(Keys.TAB)
        if browser.driver.execute_script("return document.activeElement.href") == href:
            return browser.press(Keys.ENTER)
    raise AssertionError(f"Tab does not reach {href}")


@check
def everything_is_reached_by_tab_and_enter(company, chromium, _):
    chromium.forget()
    portal = f"{company.emulator.url}/start"
    chromium.open(portal)
    chromium.await_heading("AWS access portal")
    roles = links(chromium)
    equal(len(roles), 6, "roles of Ada")
    equal(reach_by_tab(chromium), roles, "what Tab reaches in the portal")
    controls = "return document.querySelectorAll('button, input, select, textarea').length"
    equal(chromium.driver.execute_script(controls), 0, "controls beside the links")
    for role in roles:
        chromium.forget()
        chromium.open(portal)
        enter(chromium, role)
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(role).query)
        [account], [name] = query["account_id"], query["role_name"]
        chromium.await_heading(NAMES[account])
        assert chromium.contents("strong").startswith(permission_set(name)), chromium.text()
    reachable = links(chromium)
    equal(reach_by_tab(chromium), reachable, "what Tab reaches in the console")
    chromium.open(f"{company.emulator.url}/console")
    enter(chromium, portal)
    chromium.await_heading("AWS access portal")
    chromium.open(f"{company.emulator.url}/console")
    enter(chromium, f"{company.emulator.url}/oauth?Action=logout")
    chromium.await_heading("Signed out")
    chromium.check_page("signed-out")
    chromium.open(company.url("link", "dev", "--any-role"))
    chromium.await_heading("AWS access portal")
    developer = [role for role in links(chromium) if role.endswith("role_name=Developer")]
    enter(chromium, *developer)
    chromium.await_heading("Staging")


@check
def pages_fit_a_phone_and_are_read_in_both_schemes(company, chromium, _):
    chromium.forget()
    path = "/s3/buckets/" + "a-name-without-end-" * 12
    used = company.url("console", "long", "--path", path, "--print")
    pages = (
        ("portal", f"{company.emulator.url}/start", "AWS access portal"),
        ("console", used, "Staging"),
        ("used", used, "Sign-in failed"),
        ("no-access", company.url("link", "nobody"), "No access"),
        ("signed-out", f"{company.emulator.url}/oauth?Action=logout", "Signed out"),
    )
    try:
        for name, url, heading in pages:
            chromium.resize(1024, 760)
            chromium.open(url)
            chromium.await_heading(heading)
            backgrounds = []
            for scheme in ("light", "dark"):
                chromium.prefer(scheme)
                seen, background = chromium.driver.execute_script(CONTRASTS)
                backgrounds.append(background)
                assert len(seen) > 3, f"{name}: texts {seen}"
                faint = [pair for pair in seen if pair[1] < 4.5]
                equal(faint, [], f"texts of {name} in {scheme} that are hard to read")
                for width, height in ((360, 640), (1024, 760)):
                    chromium.resize(width, height)
                    chromium.check_page(f"{name}-{scheme}-{width}")
            assert backgrounds[0] != backgrounds[1], f"{name} is the same in both schemes"
    finally:
        chromium.prefer("")
        chromium.resize(1024, 760)


def called(company, recorder, browser, *arguments):
    """Runs `console` with a browser, and returns how that was called."""
    record = recorder.with_name(recorder.name + ".called")
    record.unlink(missing_ok=True)
    company.keyfob("console", *arguments, "--browser", browser).ok()
    end = time.monotonic() + 20
    while not record.exists():
        assert time.monotonic() < end, "the browser was not started"
        time.sleep(0.02)
    return record.read_bytes().decode().split("\0")[:-1]


@check
def a_browser_gets_the_url_as_one_word_and_no_shell_sees_it(company, *_):
    directory = company.home / 'my "$(touch pwned)" `touch pwned` browsers; touch pwned'
    directory.mkdir()
    recorder = directory / "it's a $HOME * browser"
    recorder.write_text(RECORDER)
    recorder.chmod(0o755)
    program = shlex.quote(str(recorder))

    # No URL has a blank or a quotation mark.
    refused = company.keyfob("console", "dev", "--path", '/s3/a "b"', "--browser", program)
    equal(refused.code, 2, "exit code")
    assert """`/s3/a "b"` is no path""" in refused.stderr, refused.stderr
    hostile = "/s3/a%20b/$(touch${IFS}pwned)/`touch${IFS}pwned`/';touch${IFS}pwned;#'&x=%24(id)|*"
    url = company.url("console", "nobody", "--path", hostile, "--print")
    page = ("nobody", "--path", hostile)
    equal(called(company, recorder, program, *page), [url], "what a program gets")
    words = ["--title", "$(touch pwned) 'two' words", f"--app={url}", "*", "~"]
    command = f"""{program} --title "\\$(touch pwned) 'two' words" --app={{url}} * ~"""
    equal(called(company, recorder, command, *page), words, "what a command gets")
    query = dict(urllib.parse.parse_qsl(url.split("?", 1)[1]))
    equal(query["role_name"], "Nobody's \"$(touch pwned)\" role", "role")
    before, fragment = hostile.split("#")
    destination = f"https://{REGION}.console.aws.amazon.com{before}?region={REGION}#{fragment}"
    equal(query["destination"], destination, "destination")

    chain = ("chain", "--path", hostile)
    [url] = called(company, recorder, f"{program} {{url}}", *chain)
    assert url.startswith(f"{company.emulator.url}/federation?Action=login&"), "one URL"
    assert not list(company.home.rglob("pwned")) and not os.path.exists("pwned"), "a shell ran"


def main():
    with Company() as company:
        chromium = Browser(shots=os.environ.get("SHOTS"))
        try:
            firefox = Firefox()
            try:
                passed = harness.run(company, chromium, firefox, at_once=1)
            finally:
                firefox.quit()
        finally:
            chromium.driver.quit()
    sys.exit(not passed)


if __name__ == "__main__":
    main()
