"""What people and the worker do while something is wrong."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from idp.worker import Worker
from tests.system.service import StandingClock
from tests.web.page import Visitor

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from idp.domain.mail import OutboxRow
    from tests.system.two_ways import Customer


def ask(customer: Customer) -> str:
    """Ask for a new password as one who has never been there; gives what is read in the end."""
    visitor = Visitor(customer.service.app.test_client())
    visitor.open("/reset")
    username = f"{customer.user.uid}@u4bsw.nl"
    assert visitor.submit("/reset", {"username": username, "altcha": visitor.solve_captcha()}).status_code == 303
    visitor.open("/reset/verify")
    assert visitor.submit("/reset/verify", {"username": username}).headers["Location"] == "/reset/sent"
    visitor.open("/reset/sent")
    return visitor.page.words


def choose(customer: Customer, link: str, password: str, language: str = "nl") -> TestResponse:
    """Choose a password, as somebody who has never been there."""
    fields = {"password": password, "password_again": password}
    return customer.service.app.test_client().post(link, data=fields, headers={"Accept-Language": language})


def work(customer: Customer, ahead_s: float = 0) -> list[OutboxRow]:
    """Be the worker, now or later; gives the letters that were handled."""
    service = customer.service
    ports = replace(service.ports, clock=StandingClock(ahead_s))
    worker = Worker.build(service.settings, ports, threading.Event())
    handled = list(iter(worker.outbox.run_once, None))
    worker.step()  # and all the rest
    return handled
