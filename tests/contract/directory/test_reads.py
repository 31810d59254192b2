"""Reading users and owners, and what strangers send instead of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.domain.people import Locks
from idp.errors import UnknownUser
from tests.contract.directory.worlds import MAIL, NAME

if TYPE_CHECKING:
    from tests.contract.directory.worlds import World

HOSTILE = [
    "*",
    "*)(uid=*",
    "U4BBGA0008*",
    "U4BBGA0008)(objectClass=*",
    "U4BBGA0008,ou=koppelgebruikers",
    "U4BBGA0008\0",
    "\0",
    "\\",
    "\\2a",
    " U4BBGA0008 ",
    "\uff354BBGA0008",  # a full-width letter, which slapd takes for the same
    "\ud800",
    "é",
    "",
    "A" * 2**20,
    "(" * 2**20,
]

hostile = pytest.mark.parametrize("value", HOSTILE, ids=[ascii(value[:30]) for value in HOSTILE])


@pytest.mark.row("R1")
def test_a_user_is_read_as_it_stands(world: World) -> None:
    """R1: what pages and tokens say about a user, and where its mail goes, comes from here alone."""
    owner = world.admin.add_owner("Anna de Vries", MAIL)
    world.admin.add_user(NAME, owner)
    user = world.directory.find_user(NAME)
    assert (user.uid, user.administratie, user.owner_dn) == (NAME, f"A-{NAME}", owner.dn)
    assert (user.password_changed, user.locks, user.released) == (None, Locks(), False)
    assert world.directory.find_user_by_uuid(user.entry_uuid) == user


@pytest.mark.row("R1")
def test_an_owner_is_read_as_it_stands(world: World) -> None:
    """R1: a wrong name or address here is mail to a stranger."""
    owner = world.admin.add_owner("Anna de Vries", MAIL, "anna logt in met een zin")
    assert (owner.name, owner.mail, owner.language, owner.locks) == ("Anna de Vries", MAIL, "nl", Locks())
    assert owner.password_changed is not None
    found = (
        world.directory.find_owner(owner.dn),
        world.directory.find_owner_by_uuid(owner.entry_uuid),
        world.directory.find_owner_by_mail(MAIL),
    )
    assert found == (owner, owner, owner)


def test_case_is_forgiven(world: World) -> None:
    """An owner types names and addresses in any case; what comes back is the one form that limits and tokens use."""
    owner = world.admin.add_owner("Anna de Vries", MAIL)
    world.admin.add_user(NAME, owner)
    assert world.directory.find_user(NAME.lower()).uid == NAME
    world.admin.add_user("u4bbga0009", owner)
    assert world.directory.find_user("U4BBGA0009").uid == "U4BBGA0009"
    assert world.directory.find_owner_by_mail(MAIL.upper()) == owner
    assert world.directory.find_owner(owner.dn.replace("ou=people", "OU=People")) == owner


def test_an_owner_has_many_users(world: World) -> None:
    """The portal lists an owner's own users, all of them, and nobody else's."""
    anna = world.admin.add_owner("Anna de Vries", MAIL)
    bob = world.admin.add_owner("Bob Bakker", "bob@example.nl")
    for name, owner in (("U4BBGA0003", anna), ("U4BBGA0001", anna), ("U4BBGA0002", bob)):
        world.admin.add_user(name, owner)
    assert [user.uid for user in world.directory.users_of(anna)] == ["U4BBGA0001", "U4BBGA0003"]
    assert [user.uid for user in world.directory.users_of(bob)] == ["U4BBGA0002"]


def test_what_an_admin_changes_is_read_at_once(world: World) -> None:
    """A block or a new address that takes effect "in a while" is none."""
    user = world.user_with_password()
    world.admin.write(user, "pwdReset", "TRUE")
    world.admin.write(user, "pwdStartTime", "19700101000000Z")
    changed = world.user
    assert (changed.released, changed.locks) == (True, Locks(start="19700101000000Z"))
    assert changed.revision != user.revision


def test_a_user_made_anew_is_another(world: World) -> None:
    """Tokens of a deleted user must not work for whoever gets its name later."""
    before = world.admin.add_user(NAME)
    world.admin.delete(NAME)
    with pytest.raises(UnknownUser):
        world.directory.find_user_by_uuid(before.entry_uuid)
    assert world.admin.add_user(NAME).entry_uuid != before.entry_uuid


def test_an_unknown_user_is_an_error_of_its_own(world: World) -> None:
    """Nobody is found where nobody is."""
    for bare in (NAME, None):
        with pytest.raises(UnknownUser):
            world.directory.find_user(bare)


@pytest.mark.row("S47")
@hostile
def test_no_spelling_of_a_name_finds_what_it_should_not(world: World, value: str) -> None:
    """S47: with `*)(uid=*` for a name, one would be everybody; and whatever is sent gets a plain answer."""
    world.admin.add_user(NAME)
    with pytest.raises(UnknownUser):
        world.directory.find_user(value)
    with pytest.raises(UnknownUser):
        world.directory.find_user_by_uuid(value)


@pytest.mark.row("S47")
@hostile
def test_no_spelling_of_an_address_or_dn_finds_what_it_should_not(world: World, value: str) -> None:
    """S47: the same for the portal's login."""
    world.admin.add_owner("Anna de Vries", "u4bbga0008@example.nl")
    with pytest.raises(UnknownUser):
        world.directory.find_owner_by_mail(value)
    with pytest.raises(UnknownUser):
        world.directory.find_owner_by_uuid(value)
    with pytest.raises(UnknownUser):
        world.directory.find_owner(value)


def test_white_space_makes_another_address(world: World) -> None:
    """Slapd would forgive it; limits and audit count what was typed."""
    world.admin.add_owner("Anna de Vries", MAIL)
    for mail in (f"{MAIL} ", f" {MAIL}"):
        with pytest.raises(UnknownUser):
            world.directory.find_owner_by_mail(mail)


@pytest.mark.parametrize(
    "dn",
    [
        "ou=people,dc=u4bsw,dc=nl",
        "cn=idp,ou=services,dc=u4bsw,dc=nl",
        "uid=u4bbga0008,ou=koppelgebruikers,dc=u4bsw,dc=nl",
        "uid=nobody,ou=people,dc=u4bsw,dc=nl",
        r"uid=nobody\,ou=people,dc=u4bsw,dc=nl",
        "uid=nobody,ou=people,dc=evil,dc=u4bsw,dc=nl",
        "cn=admin",
    ],
)
def test_only_people_are_owners(world: World, dn: str) -> None:
    """Mail about a user goes to a person, not to whatever entry an `owner` attribute names."""
    world.admin.add_user(NAME)
    with pytest.raises(UnknownUser):
        world.directory.find_owner(dn)
