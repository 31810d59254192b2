"""A change by LDAP tooling counts at the very next request, whichever way; and the worker then ends, tells and audits."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from idp.adapters.system_clock import SystemClock
from idp.app import create_app
from tests.contract.mailer.real_server import RealServer
from tests.opened_ports import opened_ports
from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN, RunningSlapd
from tests.system.service import Service as Configured
from tests.system.two_ways import LONG_AGO, PASSWORD, WAYS, Customer, Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.signing_keys import NewState

OTHER_PASSWORD = "een heel andere zin dan die van toen"
LONG_PAST = "19700101000000Z"
FOR_EVER = "000001010000Z"
ADMIN = "operator:dn:cn=admin,dc=u4bsw,dc=nl"

Change = Callable[[Customer], object]


@pytest.fixture
def mail() -> Iterator[RealServer]:
    """A mail server."""
    with RealServer() as server:
        yield server


@pytest.fixture
def customer(tmp_path: Path, slapd: RunningSlapd, mail: RealServer, new_state: NewState) -> Iterator[Customer]:
    """Somebody for whom every way works."""
    configured = Configured.install(tmp_path, slapd, mail, new_state())
    with opened_ports(configured.settings, SystemClock()) as ports:
        app = create_app(configured.settings, ports)
        found = Customer.begin(Service(configured.settings, slapd, ports, app))
        assert found.ways() == dict.fromkeys(WAYS, True)
        mail.delivered.clear()
        yield found


def block(customer: Customer) -> None:
    """Write an end in the past."""
    customer.service.slapd.write(customer.dn, "pwdEndTime", LONG_PAST)


def lock(customer: Customer) -> None:
    """Write a lock for ever."""
    customer.service.slapd.write(customer.dn, "pwdAccountLockedTime", FOR_EVER)


def ldappasswd(customer: Customer) -> None:
    """Set a password by the password-modify operation."""
    customer.service.slapd.tool("ldappasswd", "-s", OTHER_PASSWORD, customer.dn)


def ldapmodify(customer: Customer) -> None:
    """Write a password."""
    customer.service.slapd.write(customer.dn, "userPassword", OTHER_PASSWORD)


def delete(customer: Customer) -> None:
    """Delete the koppelgebruiker."""
    customer.service.slapd.tool("ldapdelete", customer.dn)


def make_anew(customer: Customer) -> None:
    """Delete it, and make another one with the same name, owner, password, and even the same moment of its change."""
    delete(customer)
    classes = "objectClass: account\nobjectClass: koppelgebruiker"
    values = f"administratie: B\nowner: {customer.owner.dn}\nuserPassword: {PASSWORD}"
    customer.service.slapd.tool("ldapadd", ldif=f"dn: {customer.dn}\n{classes}\n{values}\n")
    customer.service.slapd.write(customer.dn, "pwdChangedTime", LONG_AGO, "-e", "relax")


def rename(customer: Customer) -> None:
    """Give it another name; it stays the same entry."""
    customer.service.slapd.tool("ldapmodrdn", "-r", customer.dn, f"uid=X{customer.user.uid}")


def mend_mail(customer: Customer) -> None:
    """Give its owner another address."""
    customer.service.slapd.write(customer.owner.dn, "mail", f"nieuw.{customer.owner.mail}")


def begin_later(customer: Customer) -> None:
    """Write a beginning that is to come."""
    customer.service.slapd.write(customer.dn, "pwdStartTime", "20990101000000Z")


def block_owner(customer: Customer) -> None:
    """Write an end in the past on the person."""
    customer.service.slapd.write(customer.owner.dn, "pwdEndTime", LONG_PAST)


def lock_owner(customer: Customer) -> None:
    """Lock the person for ever."""
    customer.service.slapd.write(customer.owner.dn, "pwdAccountLockedTime", FOR_EVER)


def portal_password(customer: Customer) -> None:
    """Write a password for the portal."""
    customer.service.slapd.write(customer.owner.dn, "userPassword", OTHER_PASSWORD)


def delete_owner(customer: Customer) -> None:
    """Delete the person; whose the koppelgebruiker is, nobody knows then."""
    customer.service.slapd.tool("ldapdelete", customer.owner.dn)


def rename_owner(customer: Customer) -> None:
    """Give the person another DN, and leave `owner` as it was."""
    customer.service.slapd.tool("ldapmodrdn", "-r", customer.owner.dn, f"uid=former-{customer.user.uid}")


def bobs_mail(customer: Customer) -> str:
    """Give the address of whom it can be handed to."""
    return f"bob.{customer.owner.mail}"


def hand_over(customer: Customer) -> None:
    """Give the koppelgebruiker to somebody new."""
    classes = "objectClass: inetOrgPerson\ncn: Bob Bakker\nsn: Bakker"
    person, address = f"uid=bob-{customer.user.uid},{PEOPLE_DN}", bobs_mail(customer)
    values = f"mail: {address}\npwdPolicySubentry: cn=people,ou=policies,{BASE_DN}"
    customer.service.slapd.tool("ldapadd", ldif=f"dn: {person}\n{classes}\n{values}\n")
    customer.service.slapd.write(customer.dn, "owner", person)


HELD = {"refresh", "introspection", "userinfo", "reset"}
OWNERS = {"portal", "reset"}
CHANGES: list[tuple[Change, set[str]]] = [
    (block, set(WAYS)),
    (lock, set(WAYS)),
    (ldappasswd, set(WAYS)),
    (ldapmodify, set(WAYS)),
    (delete, set(WAYS)),
    (make_anew, HELD),
    (rename, {"token", "reset", "portal"}),
    (mend_mail, {"reset"}),
    (begin_later, set(WAYS)),
    (block_owner, OWNERS),
    (lock_owner, OWNERS),
    (portal_password, {"portal"}),
    (delete_owner, OWNERS),
    (rename_owner, OWNERS),
    (hand_over, OWNERS),
]
"""Each change, and the ways that end with it. (The portal offers a new password for this name, or no more.)"""


@pytest.mark.row("S46")
@pytest.mark.parametrize(("change", "ends"), CHANGES, ids=[change.__name__ for change, _ in CHANGES])
def test_the_very_next_request_goes_by_it(customer: Customer, change: Change, ends: set[str]) -> None:
    """S46: whoever was shut out would still be in for as long as something is remembered."""
    change(customer)
    expected = {way: way not in ends for way in WAYS}
    assert customer.ways() == expected
    customer.service.worker.step()
    assert customer.ways() == expected


TOLD: list[tuple[Change, list[str], list[str]]] = [
    (block, ["user.blocked"], ["Je koppelgebruiker is geblokkeerd"]),
    (lock, ["user.blocked"], ["Je koppelgebruiker is geblokkeerd"]),
    (ldappasswd, ["user.password-changed"], ["Je wachtwoord is gewijzigd"]),
    (ldapmodify, ["user.password-changed"], ["Je wachtwoord is gewijzigd"]),
    (delete, ["user.deleted"], []),
    (rename, ["user.renamed"], []),
]


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
    assert [(event.action, event.actor) for event in events if not event.action.startswith("letter.")] == [
        (action, ADMIN) for action in actions
    ]
    assert [(message["To"], message["Subject"]) for message in letters(mail)] == [
        (customer.owner.mail, subject) for subject in subjects
    ]


@pytest.mark.row("R25")
def test_the_former_address_is_told_by_whoever_it_was_mended(customer: Customer, mail: RealServer) -> None:
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
    assert {message["To"]: message["Subject"] for message in letters(mail)} == {
        customer.owner.mail: "Je koppelgebruiker hoort nu bij iemand anders",
        bobs_mail(customer): "Welkom: kies een wachtwoord voor je portaal",
    }
    assert len(mail.delivered) == len({customer.owner.mail, bobs_mail(customer)})


@pytest.mark.row("S46")
@pytest.mark.parametrize(("shut", "attribute"), [(block, "pwdEndTime"), (lock, "pwdAccountLockedTime")])
def test_what_a_block_has_ended_does_not_live_again(customer: Customer, shut: Change, attribute: str) -> None:
    """S46: the thief's refresh token would work as before when the owner is let in again."""
    shut(customer)
    customer.service.worker.step()
    customer.service.slapd.write(customer.dn, attribute, None)
    assert customer.ask(PASSWORD)
    assert not customer.refreshes()


def test_the_new_password_works_at_once_and_what_it_gives_lives_on(customer: Customer) -> None:
    """An application that was told the new password before the worker came to it would be shut out again."""
    ldappasswd(customer)
    customer.tokens = customer.ask(OTHER_PASSWORD)
    customer.service.worker.step()
    assert customer.refreshes()


@pytest.mark.row("R20")
def test_a_reset_is_confirmed_once_though_the_log_has_it_too(customer: Customer, mail: RealServer) -> None:
    """R20: two mails of one change frighten."""
    page = customer.portal
    page.open(customer.link)
    given = {"password": OTHER_PASSWORD, "password_again": OTHER_PASSWORD}
    assert page.submit("", given, at=customer.link).status_code == 303
    for _ in range(3):
        customer.service.worker.step()
    assert [message["Subject"] for message in letters(mail)] == ["Je wachtwoord is gewijzigd"]


def test_nobody_else_is_touched(customer: Customer) -> None:
    """One customer's block would end another one's coupling."""
    other = Customer.begin(customer.service)
    block(other)
    customer.service.worker.step()
    assert customer.ways() == dict.fromkeys(WAYS, True)
    assert other.dn.endswith(USERS_DN)


def letters(mail: RealServer) -> list[dict[str, str]]:
    """Give what was delivered."""
    messages = [message_from_bytes(sent.content, policy=policy.default) for sent in mail.delivered]
    return [{name: str(message[name]) for name in ("To", "Subject")} for message in messages]
