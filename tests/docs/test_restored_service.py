"""What docs/operations.md says of a restored service, whose directory lived on: it agrees with it, and with itself."""

from __future__ import annotations

from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from idp.domain.mail import Letter, OutboxRow
from tests.cli.installation import run_here
from tests.docs.office import Office
from tests.system.two_ways import PORTAL_PASSWORD, WAYS, Customer
from tests.web.page import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG_PAST = "19700101000000Z"
FRESH = "een wachtzin van zojuist gekozen"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An installation whose state is exchanged."""
    with Office.opened(tmp_path_factory.mktemp("o")) as opened:
        yield opened


@contextmanager
def restored_after(office: Office, *options: str) -> Iterator[None]:
    """What is done within is done after the backup."""
    idp = ("--config", str(office.config))
    made = run_here(*idp, "backup", str(office.folder / "backups"))
    yield
    said = run_here(*idp, "restore", made.out.strip(), *options)
    assert (made.code, said.code) == (0, 0), (made, said)


def begun(office: Office) -> Customer:
    """Make a customer, who has read their mail."""
    customer = Customer.begin(office.service)
    office.letters()
    return customer


def subjects(office: Office, customer: Customer) -> list[str]:
    """Have what is due sent; gives what an owner gets."""
    return [subject for to, subject, _ in office.letters() if to == customer.owner.mail]


def test_who_changed_nothing_notices_nothing(office: Office) -> None:
    """A disk died in the night, and in the morning thousands of customers call."""
    customer = begun(office)
    with restored_after(office):
        pass
    assert customer.ways() == dict.fromkeys(WAYS, True)
    assert subjects(office, customer) == []


@pytest.mark.row("S46")
def test_what_a_block_had_ended_ends_again_and_its_owner_is_told_again(office: Office) -> None:
    """A thief's tokens would live again: the block was lifted when the password had been changed back."""
    customer = begun(office)
    with restored_after(office):
        office.slapd.write(customer.dn, "pwdEndTime", LONG_PAST)
        office.slapd.write(customer.dn, "pwdEndTime", None)
        told = subjects(office, customer)
        assert not customer.refreshes()
    assert subjects(office, customer) == told
    assert "Je koppelgebruiker is geblokkeerd" in told
    assert not customer.refreshes()


@pytest.mark.row("S46")
def test_a_password_that_was_changed_since_holds(office: Office) -> None:
    """Whoever has stolen the former one would be let in again, by it, by a token or by the link that was mailed."""
    customer = begun(office)
    with restored_after(office):
        office.slapd.write(customer.dn, "userPassword", FRESH)
    assert customer.ways() == dict.fromkeys(WAYS, False)  # in the portal, a next one can't be asked for yet
    assert customer.ask(FRESH)


def test_a_letter_that_waited_is_sent_again_as_the_same(office: Office) -> None:
    """It would never come, as nobody knows whether it had been sent; two that differ would look like two that were asked for."""
    customer, service = Customer.begin(office.service), office.service
    now = service.ports.clock.now()
    with service.ports.store.transaction() as work:
        work.outbox.add(
            OutboxRow("waits", Letter.PASSWORD_CHANGED, {"user": customer.user.entry_uuid, "at": now.isoformat()}, now, now)
        )
    sent = []
    with restored_after(office):
        sent.append(message_ids(office))
    sent.append(message_ids(office))
    assert sent[0] == sent[1] != []


def message_ids(office: Office) -> list[str]:
    """Have what is due sent; gives what mail programs know it by."""
    office.mail.delivered.clear()
    office.service.worker.step()
    return [message_from_bytes(mail.content, policy=policy.default)["Message-ID"] for mail in office.mail.delivered]


@pytest.mark.parametrize(("options", "lives"), [((), True), (("--end-all-access",), False)])
def test_who_had_logged_out_is_in_again_unless_all_access_ends(office: Office, options: tuple[str, ...], *, lives: bool) -> None:
    """Whoever has stolen the browser would be back, and nobody could do anything about it."""
    customer = begun(office)
    stolen = {name: customer.portal.http.get_cookie(name) for name in ("portal", "form")}
    with restored_after(office, *options):
        customer.portal.open("/")
        customer.portal.submit("/logout")
    thief = Visitor(office.service.app.test_client())
    for name, cookie in stolen.items():
        assert cookie is not None
        thief.http.set_cookie(name, cookie.value)
    assert (customer.user.uid in thief.open("/").text) is lives
    assert customer.refreshes() is lives
    customer.portal.open("/login")
    assert customer.portal.submit("/login", {"mail": customer.owner.mail or "", "password": PORTAL_PASSWORD}).status_code == 303
