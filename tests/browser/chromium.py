"""Debian's Chromium, without a window, and what a person does in it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from selenium.webdriver.remote.webelement import WebElement

BINARY, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
TIMEOUT_S = 20
_SWITCHES = ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--lang=nl", "--window-size=1100,900")
_TICKED = '.altcha[data-state="verified"]'


class Browser:
    """One window."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        """Take over a driver.

        Args:
            driver: of a browser that has just started.
        """
        self.driver = driver
        self._before_pages: list[str] = []

    @property
    def words(self) -> str:
        """What can be read."""
        return " ".join(self.find("body").text.split())

    @property
    def path(self) -> str:
        """Where the window is, without the host."""
        return "/" + self.driver.current_url.split("/", 3)[3]

    @property
    def height(self) -> int:
        """How high the page is, in CSS pixels."""
        return int(self.driver.execute_script("return document.documentElement.scrollHeight"))

    def open(self, address: str) -> None:
        """Go somewhere."""
        self.driver.get(address)

    def find(self, selector: str) -> WebElement:
        """Give the first element; waits for it."""
        return WebDriverWait(self.driver, TIMEOUT_S).until(lambda driver: driver.find_element(By.CSS_SELECTOR, selector))

    def press(self, label: str) -> None:
        """Press the button, or follow the link, that reads so; ends when the next page is there."""
        self._go_by(self._labelled(label))

    def press_twice(self, label: str) -> None:
        """Press a button twice, as quickly as nervous people do; ends when the next page is there."""
        page, button = self.find("html"), self._labelled(label)
        ActionChains(self.driver).double_click(button).perform()
        self._wait_until_gone(page)

    def press_in_vain(self, label: str) -> WebElement:
        """Press a button that leads nowhere; gives what the page complains of then."""
        return self._click_in_vain(self._labelled(label))

    def press_inside_in_vain(self, selector: str) -> WebElement:
        """Press the first button that is found so, as `press_in_vain`."""
        return self._click_in_vain(self.find(selector))

    def press_inside(self, selector: str) -> None:
        """Press the first button that is found so, as `press`."""
        self._go_by(self.find(selector))

    def unfold(self, label: str) -> None:
        """Open the menu that reads so."""
        self._labelled(label).click()

    def fill(self, name: str, text: str) -> None:
        """Replace what a field holds."""
        field = self.find(f"main [name={name}]")
        field.clear()
        field.send_keys(text)

    def tick_captcha(self) -> None:
        """Click the box, and wait for the green tick."""
        self.find("#altcha-checkbox-captcha").click()
        self.find(_TICKED)

    def complaints(self) -> list[str]:
        """Give what the browser itself complained of: the policy, scripts, missing files."""
        entries = cast("list[dict[str, str]]", self.driver.get_log("browser"))  # type: ignore[no-untyped-call]  # Selenium has no types here
        refused_forms = "the server responded with a status of 4"
        return [entry["message"] for entry in entries if refused_forms not in entry["message"]]

    def look(self, *, width: int, dark: bool, height: int = 900) -> None:
        """Be another screen, of a person who wants nothing to move: so no picture shows a thing half way.

        Args:
            width: of the page, in CSS pixels.
            dark: the person prefers dark pages.
            height: of the page, in CSS pixels.
        """
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        motion = {"name": "prefers-reduced-motion", "value": "reduce"}
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._command("Emulation.setEmulatedMedia", {"features": [scheme, motion]})
        self._command("Emulation.setDeviceMetricsOverride", screen)

    def allow_scripts(self, *, allowed: bool) -> None:
        """Switch JavaScript on or off."""
        self._command("Emulation.setScriptExecutionDisabled", {"value": not allowed})

    def be_older(self, *missing: str) -> None:
        """Be a browser in which some things do not exist yet, such as *AbortSignal.timeout*."""
        source = ";".join(f"delete {each}" for each in missing)
        added = self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})
        self._before_pages.append(added["identifier"])

    def connect(self, *, connected: bool) -> None:
        """Have a network, or none."""
        self._command("Network.enable", {})
        rates = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self._command("Network.emulateNetworkConditions", {"offline": not connected, **rates})

    def start_anew(self) -> None:
        """Be a browser that has never been anywhere, on a page that is nowhere."""
        self.connect(connected=True)
        self.allow_scripts(allowed=True)
        while self._before_pages:
            self._command("Page.removeScriptToEvaluateOnNewDocument", {"identifier": self._before_pages.pop()})
        if self.driver.current_url.startswith("http"):
            self.driver.execute_script("sessionStorage.clear()")
        self.driver.get("about:blank")
        self._command("Network.clearBrowserCookies", {})
        self.complaints()

    def _click_in_vain(self, button: WebElement) -> WebElement:
        self.driver.execute_script("for (const told of document.querySelectorAll('.unsent')) told.dataset.before = ''")
        button.click()
        return self.find(".unsent:not([data-before])")

    def _go_by(self, element: WebElement) -> None:
        page = self.find("html")
        element.click()
        self._wait_until_gone(page)

    def _wait_until_gone(self, page: WebElement) -> None:
        WebDriverWait(self.driver, TIMEOUT_S).until(lambda _driver: _is_gone(page))
        self.find("main")

    def _command(self, name: str, arguments: Mapping[str, object]) -> None:
        self.driver.execute_cdp_cmd(name, dict(arguments))

    def _labelled(self, label: str) -> WebElement:
        wanted = f"//*[self::a or self::button or self::summary][normalize-space(.)='{label}']"
        return WebDriverWait(self.driver, TIMEOUT_S).until(lambda driver: driver.find_element(By.XPATH, wanted))


@contextmanager
def running_browser(*, cookies: bool = True) -> Iterator[Browser]:
    """Start Chromium with an empty profile, and end it.

    Args:
        cookies: it keeps some.
    """
    options = webdriver.ChromeOptions()
    options.binary_location = BINARY
    for switch in _SWITCHES:
        options.add_argument(switch)
    if not cookies:
        options.add_experimental_option("prefs", {"profile.default_content_setting_values.cookies": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # It leaves folders behind, which go with this one.
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        service = webdriver.ChromeService(DRIVER, env={**os.environ, "TMPDIR": folder})
        driver = webdriver.Chrome(options=options, service=service)
        try:
            yield Browser(driver)
        finally:
            driver.quit()


def _is_gone(page: WebElement) -> bool:
    try:
        page.is_enabled()
    except StaleElementReferenceException:
        return True
    except WebDriverException as exc:
        # What the driver says of an element whose page goes away at that very moment.
        if "does not belong to the document" in str(exc.msg):
            return True
        raise
    return False
