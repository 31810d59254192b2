"""What the tests of the services rely on in the operator in memory is what the real one does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import pytest

from idp.adapters.ldap import LdapOperator, LdapServer, SocketIdentity
from idp.domain.ldif import Record
from idp.domain.people import Locks
from idp.errors import AlreadyExists, UnknownUser, ValueRefused
from idp.ports.directory import DirectoryOperator, NewUser
from tests.contract.directory.conftest import TIMEOUT_S
from tests.contract.directory.worlds import MAIL, PASSWORD, RealClock
from tests.services.admin import AdministeredDirectory
from tests.services.operator import MemoryOperator
from tests.slapd import BASE_DN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.domain.people import Koppelgebruiker, Owner
    from tests.contract.directory.worlds import Admin, World
    from tests.slapd import RunningSlapd

NEW = NewUser("U4BBGA0042", "Bakkerij De Vries", MAIL, "Anna de Vries", "en")


class Reader(Protocol):
    """Who looks what was done."""

    def find_user(self, bare: str | None) -> Koppelgebruiker:
        """Read one."""

    def find_owner(self, dn: str) -> Owner:
        """Read one."""

    def find_owner_by_mail(self, mail: str) -> Owner:
        """Read one."""


@dataclass(frozen=True)
class Desk:
    """An operator, who looks what they did, and an admin who comes in between."""

    operator: DirectoryOperator
    reader: Reader
    admin: Admin


@pytest.fixture
def on_slapd(slapd: RunningSlapd, real: World) -> Iterator[Desk]:
    """The adapter on a real slapd, as whoever runs it."""
    server = LdapServer(slapd.embedded.ldapi_url, timeout_s=TIMEOUT_S)
    operator = LdapOperator(server=server, base_dn=BASE_DN, operator=SocketIdentity())
    yield Desk(operator, real.directory, real.admin)
    operator.close()


@pytest.fixture
def in_memory() -> Desk:
    """The fake."""
    directory = AdministeredDirectory(RealClock())
    return Desk(MemoryOperator(directory), directory, directory)


@pytest.fixture(params=["on_slapd", "in_memory"])
def desk(request: pytest.FixtureRequest) -> Desk:
    """Each in turn."""
    found: Desk = request.getfixturevalue(request.param)
    return found


def test_it_has_a_name(desk: Desk) -> None:
    """The audit would not say who it was."""
    assert desk.operator.identity


@pytest.mark.row("R1")
def test_an_invitation_makes_both(desk: Desk) -> None:
    """Neither has a password."""
    user, owner = desk.operator.create_user(NEW)
    assert (user.uid, user.administratie, user.owner_dn, user.password_changed) == (NEW.uid, NEW.administratie, owner.dn, None)
    assert (owner.name, owner.mail, owner.language, owner.password_changed) == ("Anna de Vries", MAIL, "en", None)
    assert (desk.operator.find_user(NEW.uid), desk.operator.find_owner(owner.dn)) == (user, owner)
    assert list(desk.operator.all_users()) == [user]


@pytest.mark.row("R1")
def test_an_owner_who_exists_is_taken(desk: Desk) -> None:
    """By their address, in any case."""
    owner = desk.admin.add_owner("Anna de Vries", MAIL, PASSWORD)
    user, found = desk.operator.create_user(NewUser("u4bbga0043", "X", MAIL.upper(), "A. de Vries"))
    assert (user.uid, user.owner_dn, found) == ("U4BBGA0043", owner.dn, owner)


@pytest.mark.row("R1")
def test_a_name_that_is_taken_is_left_alone(desk: Desk) -> None:
    """And no owner is made for nothing."""
    user, _ = desk.operator.create_user(NEW)
    with pytest.raises(AlreadyExists):
        desk.operator.create_user(NewUser(NEW.uid.lower(), "X", "new@example.nl", "N"))
    assert desk.reader.find_user(NEW.uid) == user
    with pytest.raises(UnknownUser):
        desk.reader.find_owner_by_mail("new@example.nl")


def test_lists_are_narrowed_to_those_who_may_be_meant(desk: Desk) -> None:
    """Support would wait for a million users to be read for the three who are blocked."""
    owner = desk.admin.add_owner("Anna de Vries", MAIL)
    for uid in ("U1", "U2", "U3", "U4"):
        desk.admin.add_user(uid, owner)
    for uid in ("U2", "U3"):
        desk.admin.set_password(uid, PASSWORD)
    desk.admin.age(desk.reader.find_user("U3"), timedelta(days=2))
    desk.admin.write(desk.reader.find_user("U4"), "pwdAccountLockedTime", "000001010000Z")
    yesterday = RealClock().now() - timedelta(days=1)
    assert [user.uid for user in desk.operator.all_users(changed_since=yesterday)] == ["U2"]
    assert [user.uid for user in desk.operator.all_users(changed_since=yesterday - timedelta(days=2))] == ["U2", "U3"]
    assert [user.uid for user in desk.operator.all_users(with_locks=True)] == ["U4"]
    assert list(desk.operator.all_users(changed_since=yesterday, with_locks=True)) == []


@pytest.mark.row("R1")
def test_who_was_written_down_can_be_made_again(desk: Desk) -> None:
    """A directory could not be moved: its people would have other names, or no password for a day."""
    user, owner = desk.operator.create_user(NEW)
    (person,) = desk.operator.all_people(pytest.fail)
    assert person.dn == owner.dn
    assert person.all("cn") == ["Anna de Vries"]
    assert (person.all("mail"), person.all("preferredLanguage")) == ([MAIL], ["en"])
    assert person.all("pwdPolicySubentry") == [f"cn=people,ou=policies,{BASE_DN}"]
    assert person.values[0] == ("objectClass", "inetOrgPerson")
    record = desk.operator.record_of(user, owner)
    assert record.dn == f"uid={NEW.uid},ou=koppelgebruikers,{BASE_DN}"
    assert (record.all("administratie"), record.all("owner")) == ([NEW.administratie], [owner.dn])
    other = Record(f"uid=carol,ou=people,{BASE_DN}", person.replaced("uid", "carol").replaced("mail", "carol@example.nl").values)
    desk.operator.add_person(other.without("pwdPolicySubentry"))
    again = [found for found in desk.operator.all_people(pytest.fail) if found.dn == other.dn]
    assert [sorted(found.values) for found in again] == [sorted(other.values)]
    assert desk.reader.find_owner(other.dn).mail == "carol@example.nl"


@pytest.mark.row("R1")
def test_a_person_is_not_made_twice_and_nowhere_else(desk: Desk) -> None:
    """Two owners at one address could not log in; and one among the services would be somebody else."""
    desk.operator.create_user(NEW)
    (person,) = desk.operator.all_people(pytest.fail)
    with pytest.raises(AlreadyExists):
        desk.operator.add_person(person)
    with pytest.raises(AlreadyExists):
        desk.operator.add_person(Record(f"uid=x,ou=people,{BASE_DN}", person.replaced("uid", "x").values))
    for place in (f"ou=services,{BASE_DN}", f"ou=nowhere,ou=people,{BASE_DN}"):
        facts = person.replaced("uid", "x").replaced("mail", "x@example.nl").values
        with pytest.raises(ValueRefused):
            desk.operator.add_person(Record(f"uid=x,{place}", facts))
    assert len(list(desk.operator.all_people(pytest.fail))) == 1


@pytest.mark.row("R1")
def test_a_look_ahead_changes_nothing_of_what_is_done(desk: Desk) -> None:
    """Users would be made twice, or get somebody else's owner, when a name stands twice in a list or a colleague is faster."""
    other = NewUser("U4BBGA0043", "X", "bob@example.nl", "Bob Bakker")
    fast, late = (NewUser(uid, "X", "carol@example.nl", "Carol") for uid in ("U4BBGA0044", "U4BBGA0045"))
    again = NewUser(NEW.uid, "X", "dave@example.nl", "Dave")
    bob = desk.admin.add_owner("Bob Bakker", "Bob@example.nl")
    desk.operator.look_ahead([NEW, other, again, fast, late])
    _, anna = desk.operator.create_user(NEW)
    assert desk.operator.create_user(other)[1] == bob
    with pytest.raises(AlreadyExists):
        desk.operator.create_user(again)
    with pytest.raises(UnknownUser):
        desk.reader.find_owner_by_mail(again.owner_mail)
    carol = desk.admin.add_owner("Carol", "carol@example.nl")
    desk.admin.add_user(fast.uid, carol)
    with pytest.raises(AlreadyExists):
        desk.operator.create_user(fast)
    assert desk.operator.create_user(late)[1] == carol
    desk.operator.look_ahead([])
    assert desk.operator.create_user(NewUser("U4BBGA0046", "X", MAIL, "Anna"))[1] == anna


@pytest.mark.row("R24")
def test_a_release_a_block_and_its_end(desk: Desk) -> None:
    """Done twice, each is no error; a block is lifted as a whole."""
    user, _ = desk.operator.create_user(NEW)
    desk.admin.set_password(user.uid, PASSWORD)
    for _ in range(2):
        desk.operator.release(user)
        desk.operator.block(user)
    blocked = desk.reader.find_user(user.uid)
    assert (blocked.released, blocked.locks) == (True, Locks(end="19700101000000Z"))
    desk.admin.write(user, "pwdAccountLockedTime", "000001010000Z")
    for _ in range(2):
        desk.operator.unblock(user)
        assert desk.reader.find_user(user.uid).locks == Locks()


@pytest.mark.row("R25")
def test_an_address_is_mended_unless_somebody_else_has_it(desk: Desk) -> None:
    """Another spelling of one's own is one's own."""
    _, owner = desk.operator.create_user(NEW)
    desk.admin.add_owner("Bob Bakker", "bob@example.nl")
    with pytest.raises(AlreadyExists):
        desk.operator.change_mail(owner, "Bob@example.nl")
    for mail in (MAIL.title(), "anna@nieuw.example.nl"):
        desk.operator.change_mail(owner, mail)
        assert desk.reader.find_owner(owner.dn).mail == mail


def test_a_user_made_anew_is_not_touched(desk: Desk) -> None:
    """Between looking and acting another user may have got the name."""
    before, owner = desk.operator.create_user(NEW)
    for made_anew in (False, True):
        desk.admin.delete(before.uid) if not made_anew else desk.admin.add_user(before.uid, owner)
        for act in (desk.operator.block, desk.operator.unblock, desk.operator.release):
            with pytest.raises(UnknownUser):
                act(before)
    assert desk.reader.find_user(before.uid).locks == Locks()
