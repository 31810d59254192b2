"""The recipes about one user, run from the document in every way that it names: each by what the user then has or loses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from tests.docs.recipe import recipes
from tests.slapd import PEOPLE_DN
from tests.system.two_ways import LONG_AGO, PASSWORD, WAYS, Customer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.docs.desk import Desk
    from tests.docs.office import Office

NEW_PASSWORD = "een wachtzin voor de beheerder"
CHOSEN_PASSWORD = "en die de eigenaar daarna zelf koos"
ADDRESS = "anna@bakkerij.example"
RECIPES = recipes()


@dataclass(frozen=True)
class Promise:
    """What a recipe is held to.

    Args:
        before: what goes before.
        kept: what the user has or loses then; gets what was said.
        of_support: whether support may do it.
    """

    before: Callable[[Customer], object]
    kept: Callable[[Customer, str], None]
    of_support: bool = True


def nothing(_customer: Customer) -> None:
    """Most recipes need nothing before."""


def fresh_password(customer: Customer) -> None:
    """The password was changed a moment ago, and not by a recipe."""
    customer.service.slapd.write(customer.dn, "userPassword", NEW_PASSWORD)
    assert not offered(customer)


def shut_out_thrice(customer: Customer) -> None:
    """Somebody has used all three attributes, and the worker has ended what was there."""
    customer.service.slapd.write(customer.dn, "pwdEndTime", "19700101000000Z")
    customer.service.slapd.write(customer.dn, "pwdAccountLockedTime", "000001010000Z")
    customer.service.slapd.write(customer.dn, "pwdStartTime", "20990101000000Z")
    customer.service.worker.step()
    assert customer.ways() == dict.fromkeys(WAYS, False)


def released(customer: Customer) -> None:
    """Somebody has released the user, whose password is fresh."""
    fresh_password(customer)
    customer.service.slapd.write(customer.dn, "pwdReset", "TRUE")
    assert offered(customer)


def offered(customer: Customer) -> bool:
    """Tell whether the portal offers a new password."""
    return f'value="{customer.user.uid}"' in customer.portal.open("/").text


def reset(customer: Customer, password: str) -> int:
    """Choose a password by a link that was mailed now; gives the page's status."""
    customer.user = customer.service.ports.directory.find_user(customer.user.uid)
    link = customer.mailed_link()
    customer.portal.open(link)
    return customer.portal.submit("", {"password": password, "password_again": password}, at=link).status_code


def is_found(customer: Customer, said: str) -> None:
    """Both show who it is."""
    assert customer.user.uid in said
    assert customer.user.entry_uuid in said


def is_set(customer: Customer, _said: str) -> None:
    """The new one is served, the former one and what it gave are refused, and the owner isn't held (R27)."""
    assert (customer.ask(PASSWORD), customer.refreshes()) == ({}, False)
    customer.tokens = customer.ask(NEW_PASSWORD)
    customer.service.worker.step()
    assert customer.refreshes()
    assert reset(customer, CHOSEN_PASSWORD) == 303
    assert customer.ask(CHOSEN_PASSWORD)


def is_set_and_held(customer: Customer, _said: str) -> None:
    """The same, but that a release is used up."""
    assert (customer.ask(PASSWORD), customer.refreshes()) == ({}, False)
    assert customer.ask(NEW_PASSWORD)
    assert not offered(customer)
    assert reset(customer, CHOSEN_PASSWORD) != 303


def can_reset_once(customer: Customer, _said: str) -> None:
    """The directory takes one change, and not another."""
    assert reset(customer, CHOSEN_PASSWORD) == 303
    assert customer.ask(CHOSEN_PASSWORD)
    assert not offered(customer)
    assert reset(customer, NEW_PASSWORD) != 303


def is_blocked(customer: Customer, _said: str) -> None:
    """Nothing is served any more, nor after another password."""
    assert customer.ways() == dict.fromkeys(WAYS, False)
    customer.service.slapd.write(customer.dn, "userPassword", NEW_PASSWORD)
    assert customer.ask(NEW_PASSWORD) == {}


def is_unblocked(customer: Customer, _said: str) -> None:
    """The password is served, what the block has ended is not."""
    assert not customer.refreshes()
    customer.tokens = customer.ask(PASSWORD)
    customer.service.worker.step()
    assert customer.refreshes()


def is_moved(customer: Customer, _said: str) -> None:
    """A link to the former address is dead, the owner logs in with the new one, and can reset."""
    assert not customer.ways()["reset"]
    customer.owner = customer.service.ports.directory.find_owner(customer.owner.dn)
    assert customer.owner.mail == ADDRESS
    customer.log_in()
    assert reset(customer, CHOSEN_PASSWORD) == 303


def is_listed(customer: Customer, said: str) -> None:
    """With the moment."""
    assert f"uid: {customer.user.uid}\npwdChangedTime: {LONG_AGO}" in said


def is_gone(customer: Customer, _said: str) -> None:
    """Nothing is served, nor when another user gets the name and the password."""
    assert customer.ways() == dict.fromkeys(WAYS, False)
    classes = "objectClass: account\nobjectClass: koppelgebruiker"
    values = f"administratie: B\nowner: {customer.owner.dn}\nuserPassword: {PASSWORD}"
    customer.service.slapd.tool("ldapadd", ldif=f"dn: {customer.dn}\n{classes}\n{values}\n")
    assert customer.ask(PASSWORD)
    assert not customer.refreshes()


PROMISES = {
    "Find": Promise(nothing, is_found),
    "Set a password": Promise(nothing, is_set, of_support=False),
    "Set a password with ldappasswd": Promise(released, is_set_and_held, of_support=False),
    "Release within 24 hours": Promise(fresh_password, can_reset_once),
    "Block": Promise(nothing, is_blocked),
    "Unblock": Promise(shut_out_thrice, is_unblocked),
    "Mend the mail address": Promise(nothing, is_moved),
    "Who changed the password when": Promise(nothing, is_listed),
    "Delete": Promise(nothing, is_gone, of_support=False),
}
WAYS_OF_PASTING = [
    (title, whose, shorter)
    for title, promise in PROMISES.items()
    for whose in ("on the server", "admin", "support")
    if promise.of_support or whose != "support"
    for shorter in (False, True)
    if RECIPES[title].shorter or not shorter
]


@pytest.mark.row("R25")
def test_an_owner_with_another_alphabet_in_their_name_gets_another_address(
    customer: Customer, office: Office, tmp_path: Path
) -> None:
    """Half of all customers have a diaeresis somewhere: their mail would go on to the former address."""
    named = f"cn=Zoë {customer.user.uid}"
    customer.service.slapd.tool("ldapmodrdn", customer.owner.dn, named)
    customer.owner = replace(customer.owner, dn=f"{named},{PEOPLE_DN}")
    customer.service.slapd.write(customer.dn, "owner", customer.owner.dn)
    office.on_the_server(tmp_path).about(customer.user.uid).paste(RECIPES["Mend the mail address"].block)
    assert customer.service.ports.directory.find_owner(customer.owner.dn).mail == ADDRESS


def test_the_address_of_nobodys_user_is_not_written_anywhere(customer: Customer, office: Office, tmp_path: Path) -> None:
    """It would be written to whatever the directory takes an empty name for."""
    said = office.on_the_server(tmp_path).about("U4BBGA9999").attempt(RECIPES["Mend the mail address"].block)
    assert said.returncode != 0
    assert "there is no such user, or it has no owner" in said.stderr
    assert customer.service.ports.directory.find_owner(customer.owner.dn).mail == customer.owner.mail


@pytest.fixture
def whose(request: pytest.FixtureRequest, office: Office, tmp_path: Path) -> Desk:
    """Who pastes: on the server, or from elsewhere over LDAPS as the admin or as a colleague of support."""
    by_name = {"on the server": office.on_the_server, "admin": office.admin, "support": office.supporter}
    return by_name[request.param](tmp_path)


@pytest.mark.row("R24", "R25", "R27", "S46")
@pytest.mark.parametrize(("title", "whose", "shorter"), WAYS_OF_PASTING, indirect=["whose"])
def test_a_recipe_does_what_it_promises(customer: Customer, title: str, whose: Desk, *, shorter: bool) -> None:
    """Whoever pastes a recipe would get something else than it says, and the user with it."""
    desk, promise = whose.about(customer.user.uid), PROMISES[title]
    desk.write("new-password.txt", NEW_PASSWORD)
    promise.before(customer)
    promise.kept(customer, desk.type(RECIPES[title].shorter) if shorter else desk.paste(RECIPES[title].block))
