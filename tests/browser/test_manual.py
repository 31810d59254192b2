"""The manual, from its first step to its last, by clicking."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

if TYPE_CHECKING:
    from tests.browser.chromium import Browser
    from tests.system.demo import Demo

PASSWORD = "vier losse woorden achter elkaar"


def _log_in(browser: Browser, demo: Demo) -> None:
    browser.open(f"{demo.url}/login?lang=nl")
    browser.fill("mail", demo.owner["mail"])
    browser.fill("password", demo.owner["password"])
    browser.press("Inloggen")


def _token(demo: Demo, application: str, username: str) -> tuple[int, dict[str, Any]]:
    client = demo.clients[application]
    form = {"grant_type": "password", "username": username, "password": PASSWORD} | client
    request = urllib.request.Request(f"{demo.url}/oauth/token", urlencode(form).encode())  # noqa: S310  # our own address
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # likewise
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


@pytest.mark.row(*(f"R{number}" for number in range(2, 14)), "R16", "R17", "R18", "R19", "R20", "R21")
def test_the_manual_by_clicking(browser: Browser, demo: Demo) -> None:
    """Its fifteen steps are what every owner does; when one of them fails, nobody gets a password."""
    _log_in(browser, demo)  # 1
    browser.unfold("mijn gegevens")  # 2
    assert "Koppel Gebruiker Koppelgegevens" in browser.words  # 3
    assert f"Gebruiker: {demo.username}" in browser.words
    assert "Wachtwoord: Vraag aan" in browser.words  # 4
    browser.press("Vraag aan")
    assert browser.path == "/reset"  # 5: the ticket is gone from the address
    assert "Op deze pagina kun je je wachtwoord aanpassen voor Boekhoud Gemak, MultiVers en Accounting." in browser.words
    browser.fill("username", demo.full_name)  # 6
    browser.tick_captcha()  # 7
    browser.press("Volgende")  # 8
    assert browser.path == "/reset/verify"
    browser.fill("username", demo.full_name)
    browser.press("Volgende")  # 9
    assert browser.path == "/reset/sent"  # 10
    assert "Ongewenste e-mail" in browser.words
    browser.press("Gereed")  # 11
    mail = demo.wait_for_mails(1, demo.owner["mail"])[0]  # 12
    assert (mail["to"], mail["subject"]) == (demo.owner["mail"], "Wachtwoord wijzigen")
    assert mail["from"].startswith("Mijn Support Gemak <")
    _follow_the_mail(browser, demo)  # 13, 14
    assert f"Vul bij Basecone of je bank in: {demo.username} en je nieuwe wachtwoord." in browser.words
    assert "ING nog niet ingelogd" in browser.words
    assert demo.wait_for_mails(2, demo.owner["mail"])[0]["subject"] == "Je wachtwoord is gewijzigd"
    for application in ("basecone", "rabobank", "triodos", "ing"):  # 15
        status, answer = _token(demo, application, demo.username)
        assert (status, answer.get("token_type")) == (200, "Bearer"), answer
        status, answer = _token(demo, application, demo.full_name)
        assert (status, answer["error"]) == (400, "invalid_grant")
    for application in ("basecone", "rabobank", "triodos", "ing"):
        assert browser.find(f".works[data-kind={application}]").text.startswith("ingelogd om ")  # the page looks by itself
    browser.find("[data-kind=ing]").click()
    assert f"Bij ING vul je in: Gebruikersnaam {demo.username}" in browser.words
    assert browser.complaints() == []


def _follow_the_mail(browser: Browser, demo: Demo) -> None:
    browser.open(f"{demo.url}/demo/mail")
    browser.press(demo.mails(demo.owner["mail"])[0]["links"][0])
    browser.fill("password", "te kort")
    browser.fill("password_again", "te kort")
    browser.press("Wachtwoord opslaan")
    assert "Dit wachtwoord is te kort." in browser.words
    browser.fill("password", PASSWORD)
    browser.fill("password_again", PASSWORD)
    browser.press("Wachtwoord opslaan")
    assert browser.path == "/reset/done"
