"""A headless Chromium, as a person uses it who has no mouse."""

import os
import re

from selenium import webdriver
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

# Nothing but the pages of the emulator is fetched.
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
)


class Browser:
    """A Chromium whose user has no mouse."""

    def __init__(self, width=1024, dark=False, shots=None):
        self.shots = shots
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ARGUMENTS:
            options.add_argument(argument)
        if dark:
            options.add_argument("--force-dark-mode")
        service = webdriver.ChromeService("/usr/bin/chromedriver")
        self.driver = webdriver.Chrome(options, service)
        self.resize(width, 760)

    def resize(self, width, height):
        # A window cannot be narrower than 500 px, its contents can.
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, scheme):
        """Lets the person prefer `light` or `dark`, or nothing."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def forget(self):
        """Deletes all cookies."""
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})

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

    def contents(self, selector):
        return self.driver.execute_script(
            "return document.querySelector(arguments[0])?.textContent", selector
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
        log = self.driver.get_log("browser")
        loud = [entry for entry in log if not re.search("40[03] \\(", entry["message"])]
        assert not loud, loud
