"""The demo's mailbox (interface.md)."""

from __future__ import annotations

import os
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from idp.settings import Settings
from idp.web.demo_mail import demo_mail_blueprint
from idp.web.pages import Pages
from tests.fakes.clock import SetClock
from tests.web.page import Visitor

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def mailbox(tmp_path: Path) -> Visitor:
    """A visitor to a mailbox that does not exist yet."""
    app = Flask("idp.web")
    app.register_blueprint(demo_mail_blueprint(Pages.build(Settings(), SetClock()), tmp_path / "mail"))
    return Visitor(app.test_client())


def _put(folder: Path, name: str, age_s: int, **headers: str) -> None:
    folder.mkdir(exist_ok=True)
    message = EmailMessage()
    for header, value in headers.items():
        message[header] = value
    message["Date"] = format_datetime(SetClock().now())
    message.set_content("Hallo,\n\nhttp://127.0.0.1:8000/a?b=1\n\nhttp://127.0.0.1:8000/c\nhttp://127.0.0.1:8000/c\n<b>é</b>\n")
    message.add_alternative("<p>Hallo <a href='http://127.0.0.1:8000/x'>hier</a></p>", subtype="html")
    path = folder / name
    path.write_bytes(bytes(message))
    moment = SetClock().now().timestamp() - age_s
    os.utime(path, (moment, moment))


@pytest.mark.row("R17")
def test_a_program_reads_the_newest_first(mailbox: Visitor, tmp_path: Path) -> None:
    """Scripts that walk the demo take the link from here."""
    assert mailbox.open("/demo/mail.json").get_json() == []
    _put(tmp_path / "mail", "b.eml", 60, To="anna@example.nl", From="Mijn Support Gemak <noreply@u4bsw.nl>", Subject="Ouder")
    _put(tmp_path / "mail", "a.eml", 1, To="anna@example.nl", From="Mijn Support Gemak <noreply@u4bsw.nl>", Subject="Nieuw: é")
    newest, oldest = mailbox.open("/demo/mail.json").get_json()
    assert set(newest) == {"to", "from", "subject", "date", "text", "html", "links"}
    assert (newest["subject"], oldest["subject"]) == ("Nieuw: é", "Ouder")
    assert (newest["to"], newest["from"]) == ("anna@example.nl", "Mijn Support Gemak <noreply@u4bsw.nl>")
    assert newest["links"] == ["http://127.0.0.1:8000/a?b=1", "http://127.0.0.1:8000/c"]
    assert newest["text"].startswith("Hallo,")
    assert newest["html"].startswith("<p>Hallo")


@pytest.mark.row("R17")
def test_a_person_reads_it_with_its_links(mailbox: Visitor, tmp_path: Path) -> None:
    """A link is clicked; everything else in a mail is only text."""
    _put(tmp_path / "mail", "a.eml", 1, To="anna@example.nl", From="x@example.nl", Subject="<i>Nieuw</i>")
    mailbox.open("/demo/mail")
    assert mailbox.page.links["http://127.0.0.1:8000/a?b=1"] == "http://127.0.0.1:8000/a?b=1"
    assert "<i>Nieuw</i>" in mailbox.page.words
    assert "<b>é</b>" in mailbox.page.words


@pytest.mark.row("R17", "S45")
def test_a_mail_is_seen_as_it_looks_and_can_do_nothing(mailbox: Visitor, tmp_path: Path) -> None:
    """Nobody would see the button before an owner does; or a mail's own script would run as a page of ours."""
    _put(tmp_path / "mail", "a.eml", 1, To="anna@example.nl", From="x@example.nl", Subject="Nieuw")
    mailbox.open("/demo/mail")
    assert "/demo/mail/a" in mailbox.page.links.values()
    answer = mailbox.open("/demo/mail/a")
    assert "<p>Hallo <a href='http://127.0.0.1:8000/x'>hier</a></p>" in answer.text
    policy = dict(part.partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["sandbox"] == ""
    assert policy["default-src"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert mailbox.open("/demo/mail/..%2Fa").status_code == mailbox.open("/demo/mail/b").status_code == 404
