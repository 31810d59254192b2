"""Two submissions of one link at the same moment: exactly one wins (R19)."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.system.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.service import Service
    from tests.system.visitor import Answer

UID = "U4BBGA5201"
AT_ONCE = 8


@pytest.fixture(scope="module")
def serving(service: Service) -> Iterator[Service]:
    """The service, serving, with a koppelgebruiker that has no password."""
    service.add_user(UID, "anna@example.nl")
    with service.web():
        yield service


@pytest.mark.row("R19")
def test_of_many_submissions_of_one_link_exactly_one_sets_the_password(serving: Service) -> None:
    """Whoever double-clicks has one password, and knows which; whoever stole the link can't come in beside the owner."""
    link = serving.mailed_link(UID)
    barrier = threading.Barrier(AT_ONCE)

    def submit(number: int) -> Answer:
        password = f"vijf losse woorden nummer {number}"
        visitor = Visitor(serving.settings.service.origin)
        barrier.wait(10)
        return visitor.post(link, {"password": password, "password_again": password})

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(submit, range(AT_ONCE)))
    statuses = Counter(answer.status for answer in answers)
    assert statuses[303] == 1
    # Dead (410), or being used at this moment (409): a sentence either way.
    assert set(statuses) <= {303, 409, 410}
    client, secret = serving.add_client()
    fields = {"grant_type": "password", "username": UID, "client_id": client.client_id, "client_secret": secret}
    works = [
        serving.visitor().post("/oauth/token", {**fields, "password": f"vijf losse woorden nummer {number}"}).status == 200
        for number in range(AT_ONCE)
    ]
    assert works == [answer.status == 303 for answer in answers]
    with serving.hands() as worker:
        worker.step()
    confirmations = [mail for mail in serving.mail.delivered if b"/not-me/" in mail.content]
    assert len(confirmations) == 1
