"""In a directory that keeps no log the worker ends, tells and audits the same, by what the directory shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from idp.adapters.system_clock import SystemClock
from idp.app import create_app
from tests.contract.mailer.real_server import RealServer
from tests.opened_ports import opened_ports
from tests.slapd import USERS_DN
from tests.system.service import Service as Configured
from tests.system.test_two_way_truth import (
    ADMIN,
    OTHER_PASSWORD,
    TOLD,
    Change,
    block,
    bobs_mail,
    delete,
    hand_over,
    ldappasswd,
    letters,
    mend_mail,
)
from tests.system.two_ways import WAYS, Customer, Service
from tests.unlogged_slapd import hide, show

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.signing_keys import NewState
    from tests.slapd import RunningSlapd

NOBODY_KNOWS = "operator:unknown"


@pytest.fixture
def mail() -> Iterator[RealServer]:
    """A mail server."""
    with RealServer() as server:
        yield server


@pytest.fixture
def customer(tmp_path: Path, unlogged: RunningSlapd, mail: RealServer, new_state: NewState) -> Iterator[Customer]:
    """Somebody for whom every way works, in a directory without a log."""
    configured = Configured.install(tmp_path, unlogged, mail, new_state())
    with opened_ports(configured.settings, SystemClock()) as ports:
        app = create_app(configured.settings, ports)
        found = Customer.begin(Service(configured.settings, unlogged, ports, app))
        assert found.ways() == dict.fromkeys(WAYS, True)
        mail.delivered.clear()
        yield found


@pytest.mark.row("R20")
@pytest.mark.parametrize(("change", "actions", "subjects"), TOLD, ids=[told[0].__name__ for told in TOLD])
def test_who_did_it_is_remembered_and_its_owner_is_told_once(
    customer: Customer, mail: RealServer, change: Change, actions: list[str], subjects: list[str]
) -> None:
    """R20: an owner would not know that somebody else has changed what is theirs."""
    before = len(customer.service.audit_of(customer.user.entry_uuid))
    change(customer)
    for _ in range(3):
        customer.service.worker.step()
    events = customer.service.audit_of(customer.user.entry_uuid)[before:]
    actor = NOBODY_KNOWS if change is delete else ADMIN
    assert [(event.action, event.actor) for event in events if not event.action.startswith("letter.")] == [
        (action, actor) for action in actions
    ]
    assert [(message["To"], message["Subject"]) for message in letters(mail)] == [
        (customer.owner.mail, subject) for subject in subjects
    ]


@pytest.mark.row("R25")
def test_the_former_address_is_told(customer: Customer, mail: RealServer) -> None:
    """R25: a thief who can write addresses would have all mail, and its owner would not know."""
    mend_mail(customer)
    for _ in range(2):
        customer.service.worker.step()
    assert [message["To"] for message in letters(mail)] == [customer.owner.mail]
    events = [event for event in customer.service.audit_of(customer.owner.entry_uuid) if event.action == "owner.mail-changed"]
    assert [event.actor for event in events] == [ADMIN]


@pytest.mark.row("R25")
def test_whose_it_was_is_told_and_whose_it_is_invited(customer: Customer, mail: RealServer) -> None:
    """R25: whoever can write `owner` would have the user, and neither of the two would know."""
    hand_over(customer)
    for _ in range(4):
        customer.service.worker.step()
    assert sorted(message["To"] for message in letters(mail)) == sorted([customer.owner.mail or "", bobs_mail(customer)])


@pytest.mark.row("S46")
def test_what_a_block_has_ended_does_not_live_again(customer: Customer) -> None:
    """S46: the thief's refresh token would work as before when the owner is let in again."""
    block(customer)
    customer.service.worker.step()
    customer.service.slapd.write(customer.dn, "pwdEndTime", None)
    assert not customer.refreshes()
    customer.service.worker.step()
    assert not customer.refreshes()


def test_the_new_password_works_at_once_and_what_it_gives_lives_on(customer: Customer) -> None:
    """An application that was told the new password before the worker came to it would be shut out again."""
    ldappasswd(customer)
    customer.tokens = customer.ask(OTHER_PASSWORD)
    customer.service.worker.step()
    assert customer.refreshes()


@pytest.mark.row("R20")
def test_a_reset_is_confirmed_once_though_the_directory_shows_it_too(customer: Customer, mail: RealServer) -> None:
    """R20: two mails of one change frighten."""
    page = customer.portal
    page.open(customer.link)
    given = {"password": OTHER_PASSWORD, "password_again": OTHER_PASSWORD}
    assert page.submit("", given, at=customer.link).status_code == 303
    for _ in range(3):
        customer.service.worker.step()
    assert [message["Subject"] for message in letters(mail)] == ["Je wachtwoord is gewijzigd"]


@pytest.mark.row("S46")
def test_a_broken_access_rule_costs_nobody_their_couplings(customer: Customer, mail: RealServer) -> None:
    """S46: an operator's slip at night would end the couplings of all customers for good."""
    other, slapd = Customer.begin(customer.service), customer.service.slapd
    mail.delivered.clear()
    hide(slapd, USERS_DN)
    try:
        block(other)  # so that there is something to look at
        with capture_logs() as lines:
            customer.service.worker.step()
        assert not customer.refreshes()
    finally:
        show(slapd)
    assert "entries_missing" in [line["event"] for line in lines]
    assert customer.refreshes()
    assert letters(mail) == []
