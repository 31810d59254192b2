"""What only a browser shows: the widget, the keyboard, the clipboard, small screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from tests.browser.chromium import Browser
    from tests.system.demo import Demo


@pytest.mark.row("R7", "R11", "S45")
def test_the_captcha_works_by_keyboard_alone(browser: Browser, demo: Demo) -> None:
    """Without it whoever can't use a mouse can't get a password. The strict policy lets the widget work."""
    browser.open(f"{demo.url}/reset?lang=nl")
    browser.fill("username", "U4BBGA9999@u4bsw.nl")
    ActionChains(browser.driver).send_keys(Keys.TAB, Keys.SPACE).perform()
    browser.find('.altcha[data-state="verified"]')
    ActionChains(browser.driver).send_keys(Keys.TAB, Keys.ENTER).perform()
    browser.find("form[action='/reset/verify']")
    assert browser.complaints() == []


@pytest.mark.row("R11")
def test_a_screen_reader_hears_what_the_box_is_for(browser: Browser, demo: Demo) -> None:
    """The box has a label, in the page's language, and the group a name."""
    browser.open(f"{demo.url}/reset?lang=nl")
    box = browser.find("#altcha-checkbox-captcha")
    assert (box.accessible_name, box.aria_role) == ("Ik ben geen robot", "checkbox")
    browser.open(f"{demo.url}/reset?lang=en")
    assert browser.find("#altcha-checkbox-captcha").accessible_name == "I'm not a robot"


@pytest.mark.row("R7", "R12")
def test_the_widget_speaks_the_pages_language(browser: Browser, demo: Demo) -> None:
    """Half a form in another language reads as fraud."""
    browser.open(f"{demo.url}/reset?lang=nl")
    browser.tick_captcha()
    assert "Gecontroleerd" in browser.find("altcha-widget").text


@pytest.mark.row("R10")
def test_after_an_error_the_focus_is_in_the_field_behind_what_was_typed(browser: Browser, demo: Demo) -> None:
    """Whoever forgot the suffix goes on typing, and is right."""
    browser.open(f"{demo.url}/reset?lang=nl")
    browser.fill("username", "U4BBGA9999")
    browser.press("Volgende")
    assert "Deze gebruikersnaam is niet compleet. Zet er @u4bsw.nl achter." in browser.words
    ActionChains(browser.driver).send_keys("@u4bsw.nl").perform()
    assert browser.find("#username").get_attribute("value") == "U4BBGA9999@u4bsw.nl"


@pytest.mark.row("R13")
def test_the_name_can_be_pasted(browser: Browser, demo: Demo) -> None:
    """*Plakken mag*: a page that forbids it makes people type, and err."""
    browser.open(f"{demo.url}/reset?lang=nl")
    browser.fill("username", "U4BBGA9999@u4bsw.nl")
    control = ActionChains(browser.driver).key_down(Keys.CONTROL)
    control.send_keys("a").send_keys("c").send_keys("v").send_keys("v").key_up(Keys.CONTROL).perform()
    assert browser.find("#username").get_attribute("value") == "U4BBGA9999@u4bsw.nl" * 2


@pytest.mark.row("R5", "R23")
def test_the_copy_button_copies(browser: Browser, demo: Demo) -> None:
    """Copying is the manual's advice against its first cause of errors."""
    grant = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": demo.url}
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", grant)
    _log_in(browser, demo)
    browser.unfold("mijn gegevens")
    browser.unfold(f"Kopieer {demo.full_name}")
    browser.find("button.copied")
    copied = browser.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert copied == demo.full_name


@pytest.mark.row("R5", "R23")
def test_where_nothing_can_be_copied_the_name_is_selected_and_it_is_said(browser: Browser, demo: Demo) -> None:
    """What was copied before would be pasted into the bank's form, by whoever believes that it is the name."""
    denied = {"permission": {"name": "clipboard-write"}, "setting": "denied", "origin": demo.url}
    browser.driver.execute_cdp_cmd("Browser.setPermission", denied)
    _log_in(browser, demo)
    browser.unfold("mijn gegevens")
    for name, button in ((demo.full_name, f"Kopieer {demo.full_name}"), (demo.username, "Kopieer gebruikersnaam")):
        browser.unfold(button)
        assert browser.find(".uncopied").text == f"Kopiëren lukt niet. De naam is geselecteerd. {name}"
        assert browser.driver.execute_script("return String(getSelection())") == name
        assert browser.find("body > [role=status]").get_attribute("textContent") == "Kopiëren lukt niet. De naam is geselecteerd."
    assert browser.complaints() == []


@pytest.mark.row("R2")
def test_the_menu_never_hides_what_has_the_focus(browser: Browser, demo: Demo) -> None:
    """Who goes through the page by keyboard would press what they can't see (WCAG 2.4.11), or not know how to get rid of it."""
    browser.look(width=700, dark=False)  # the menu lies over the middle of the page
    _log_in(browser, demo)
    browser.unfold("mijn gegevens")
    browser.find(".menu[open] .panel button.quiet").send_keys(Keys.TAB)
    assert browser.find(".menu:not([open]) summary").is_displayed()
    assert browser.find("main a:focus").text == "Bekijk je koppelingen"
    browser.unfold("mijn gegevens")
    browser.find(".menu[open] .panel button.copy").send_keys(Keys.ESCAPE)
    assert browser.find(".menu:not([open]) summary:focus").text == "mijn gegevens"


def _log_in(browser: Browser, demo: Demo) -> None:
    browser.open(f"{demo.url}/login?lang=nl")
    browser.fill("mail", demo.owner["mail"])
    browser.fill("password", demo.owner["password"])
    browser.press("Inloggen")
