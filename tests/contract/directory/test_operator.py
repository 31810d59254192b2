"""What an operator does, bound as themselves, on a real slapd."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import pytest

from idp.adapters.ldap import LdapDirectory, LdapOperator, LdapServer, SimpleBind, SocketIdentity
from idp.domain.people import Locks
from idp.errors import AlreadyExists, DirectoryUnavailable, Forbidden, InvalidCredentials, UnknownUser, ValueRefused
from idp.ports.directory import NewUser
from tests.contract.directory.conftest import TIMEOUT_S
from tests.contract.directory.identities import SUPPORTER_DN, Cast
from tests.contract.directory.worlds import MAIL, NAME, OTHER_PASSWORD, PASSWORD, WRONG, in_time
from tests.slapd import BASE_DN, RunningSlapd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ldap3 import Connection

    from idp.adapters.ldap.server import Identity
    from tests.contract.directory.worlds import World

NEW = NewUser("U4BBGA0042", "Bakkerij De Vries", MAIL, "Anna de Vries", "en")


@pytest.fixture
def bound_as(slapd: RunningSlapd) -> Iterator[Callable[..., LdapOperator]]:
    """A way to be an operator."""
    operators: list[LdapOperator] = []

    def bind(identity: Identity) -> LdapOperator:
        url = slapd.embedded.ldapi_url if isinstance(identity, SocketIdentity) else slapd.embedded.ldap_url
        operators.append(LdapOperator(server=LdapServer(url, timeout_s=TIMEOUT_S), base_dn=BASE_DN, operator=identity))
        return operators[-1]

    yield bind
    for operator in operators:
        operator.close()


@pytest.fixture
def admin(bound_as: Callable[..., LdapOperator]) -> LdapOperator:
    """Whoever runs slapd, on its socket."""
    return bound_as(SocketIdentity())


@pytest.fixture
def supporter(slapd: RunningSlapd, real: World, tmp_path: Path, bound_as: Callable[..., LdapOperator]) -> LdapOperator:
    """Somebody of customer support; the koppelgebruiker and its owner are there."""
    Cast.assemble(slapd, real, tmp_path)
    return bound_as(SimpleBind(SUPPORTER_DN, PASSWORD))


def test_the_audit_names_who_the_server_says_is_bound(admin: LdapOperator, supporter: LdapOperator) -> None:
    """Not who they say they are."""
    assert admin.identity == f"dn:cn=admin,{BASE_DN}"
    assert supporter.identity == f"dn:{SUPPORTER_DN}"


def test_a_socket_that_tells_nobody_is_said_to_be_one(tmp_path: Path) -> None:
    """Some servers offer no SASL EXTERNAL, or not to everybody; there is another way in, and it is named."""
    closed = RunningSlapd.start_in(tmp_path)
    try:
        closed.modify("dn: cn=config\nchangetype: modify\nreplace: olcSaslSecProps\nolcSaslSecProps: minssf=256\n")
        server = LdapServer(closed.embedded.ldapi_url, timeout_s=TIMEOUT_S)
        operator = LdapOperator(server=server, base_dn=BASE_DN, operator=SocketIdentity())
        with pytest.raises(Forbidden, match="say who you are with --as"):
            operator.find_user(NAME)
    finally:
        closed.stop()


def test_a_wrong_password_is_said_at_once(bound_as: Callable[..., LdapOperator]) -> None:
    """An operator gets a sentence, and nobody is blamed for being away."""
    operator = bound_as(SimpleBind(SUPPORTER_DN, WRONG))
    with pytest.raises(Forbidden, match="password"):
        _ = operator.identity
    with pytest.raises(Forbidden):
        operator.find_user(NAME)


def test_an_operators_password_is_taken_as_it_is(
    slapd: RunningSlapd, supporter: LdapOperator, bound_as: Callable[..., LdapOperator]
) -> None:
    """With a no-break space in it, say."""
    password = "drie  spaties\u00a0en een harde"
    assert supporter.identity
    slapd.write(SUPPORTER_DN, "userPassword", password)
    assert bound_as(SimpleBind(SUPPORTER_DN, password)).identity == f"dn:{SUPPORTER_DN}"


@pytest.mark.row("R1")
def test_an_invitation_makes_a_user_without_a_password_and_its_owner(admin: LdapOperator, real: World) -> None:
    """R1: the owner sets the passwords; until then the user can't be used."""
    user, owner = admin.create_user(NEW)
    assert (user.uid, user.administratie, user.owner_dn, user.password_changed) == (NEW.uid, NEW.administratie, owner.dn, None)
    assert (owner.name, owner.mail, owner.language, owner.password_changed) == ("Anna de Vries", MAIL, "en", None)
    assert real.directory.find_user(NEW.uid) == user
    assert real.directory.find_owner(owner.dn) == owner
    real.directory.set_owner_password(owner, owner.seen, PASSWORD)
    owner = admin.find_owner(owner.dn)
    real.directory.set_owner_password(owner, owner.seen, OTHER_PASSWORD)  # the people's policy: no 24 hours


@pytest.mark.row("R1")
def test_an_owner_who_exists_is_taken(admin: LdapOperator) -> None:
    """R1: one owner for a user, many users for an owner; the address finds them, in any case."""
    _, owner = admin.create_user(NEW)
    second = NewUser("u4bbga0043", "Een andere zaak", MAIL.upper(), "A. de Vries")
    user, found = admin.create_user(second)
    assert (user.uid, found) == ("U4BBGA0043", owner)


def test_a_name_that_is_taken_is_left_alone(admin: LdapOperator) -> None:
    """And no owner is made for nothing."""
    user, owner = admin.create_user(NEW)
    with pytest.raises(AlreadyExists):
        admin.create_user(NewUser(NEW.uid.lower(), "X", "new@example.nl", "N"))
    assert admin.find_user(NEW.uid) == user
    with pytest.raises(UnknownUser):
        admin.find_owner_by_mail("new@example.nl")
    assert admin.find_owner(owner.dn) == owner


def test_an_invitation_that_died_half_way_is_finished_by_the_next(admin: LdapOperator, real: World) -> None:
    """What a crash leaves is an owner without a user, and never a user without an owner."""
    owner = real.admin.add_owner("Anna de Vries", MAIL)
    user, found = admin.create_user(NEW)
    assert (user.owner_dn, found) == (owner.dn, owner)


def test_two_invitations_at_once_make_one_owner(admin: LdapOperator) -> None:
    """Two colleagues invite the same customer."""
    rounds, colleagues = 8, 4
    together = threading.Barrier(colleagues)

    def invite(turn: int, colleague: int) -> str:
        together.wait(timeout=10)
        _, owner = admin.create_user(NewUser(f"U{turn}X{colleague}", "X", f"{turn}@example.nl", "Anna de Vries"))
        return owner.dn

    with ThreadPoolExecutor(colleagues) as pool:
        for turn in range(rounds):
            assert len(set(pool.map(partial(invite, turn), range(colleagues)))) == 1


class Counting(LdapServer):
    """Counts what is asked, and who is bound."""

    asked: ClassVar[list[str]] = []

    def connect(self, identity: Identity | None = None) -> tuple[Connection, int]:
        """Connect, and watch."""
        connection, code = super().connect(identity)
        for name in ("search", "add"):
            connection.__dict__[name] = self._watched(name, getattr(connection, name))
        self.asked.append("bind")
        return connection, code

    def _watched(self, name: str, method: Callable[..., object]) -> Callable[..., object]:
        def ask(*arguments: object, **named: object) -> object:
            self.asked.append(name)
            return method(*arguments, **named)

        return ask


def test_many_are_created_without_asking_for_each(slapd: RunningSlapd) -> None:
    """A list of a hundred thousand would take a day instead of an hour: to bind takes longer than to write, to ask as long."""
    news = [NewUser(f"U{number:04}", "X", f"{number // 2}@example.nl", "Anna") for number in range(10)]
    operator = LdapOperator(server=Counting(slapd.embedded.ldapi_url), base_dn=BASE_DN, operator=SocketIdentity())
    Counting.asked.clear()
    operator.look_ahead(news)
    for new in news:
        operator.create_user(new)
    operator.close()
    assert Counter(Counting.asked) == {"bind": 2, "search": 2, "add": 15}


def test_an_address_of_an_entry_that_hands_have_broken_is_told(slapd: RunningSlapd, admin: LdapOperator) -> None:
    """One owner with two addresses would end the list of all, with *there is no such user*."""
    lines = "objectClass: inetOrgPerson\nuid: x\ncn: X\nsn: X\nmail: anna@example.nl\n"
    slapd.tool("ldapadd", ldif=f"dn: uid=x,ou=people,{BASE_DN}\n{lines}")
    slapd.modify(f"dn: uid=x,ou=people,{BASE_DN}\nchangetype: modify\nadd: mail\nmail: two@example.nl\n", "-e", "relax")
    for _ in range(2):
        with pytest.raises(ValueRefused, match="not as it should be"):
            admin.create_user(NEW)
        admin.look_ahead([NEW])
    with pytest.raises(UnknownUser):
        admin.find_user(NEW.uid)


@pytest.mark.parametrize("text", ["*)(uid=*", "a,b+c=d\\e", " vooraan en achteraan ", "#1 & Zn. <x>", "é \u2603"])
def test_any_text_is_a_name(admin: LdapOperator, text: str) -> None:
    """Companies are called what they are called."""
    user, owner = admin.create_user(NewUser(NEW.uid, text, MAIL, text))
    assert (user.administratie, owner.name) == (text, text)


def test_a_value_that_the_directory_does_not_take_is_refused(admin: LdapOperator) -> None:
    """In a sentence, and with nothing made."""
    for new in (NewUser(NEW.uid, "X", "an\u00e9@example.nl", "N"), NewUser(NEW.uid, "", "leeg@example.nl", "N")):
        with pytest.raises(Forbidden):
            admin.create_user(new)
        with pytest.raises(UnknownUser):
            admin.find_user(NEW.uid)


def test_all_users_are_listed_past_the_servers_limit(slapd: RunningSlapd, supporter: LdapOperator) -> None:
    """A list that silently ends after 500 is a wrong list."""
    entry = "dn: uid={uid},ou=koppelgebruikers," + BASE_DN + "\nobjectClass: account\nobjectClass: koppelgebruiker\n"
    entry += "administratie: X\nowner: uid=x,ou=people," + BASE_DN + "\n"
    slapd.tool("ldapadd", ldif="\n".join(entry.format(uid=f"U{number:04}") for number in range(510)))
    assert sorted(user.uid for user in supporter.all_users()) == sorted([NAME, *(f"U{number:04}" for number in range(510))])
    first = next(supporter.all_users())  # who stops half-way leaves nothing open
    assert supporter.find_user(first.uid) == first


@pytest.mark.row("R24")
def test_support_releases(supporter: LdapOperator, real: World) -> None:
    """R24: effective at once."""
    real.admin.set_password(NAME, PASSWORD)
    supporter.release(supporter.find_user(NAME))
    released = real.user
    assert released.released
    real.directory.set_user_password(released, released.seen, OTHER_PASSWORD)


def test_a_block_survives_and_is_lifted_as_a_whole(supporter: LdapOperator, real: World) -> None:
    """Whoever wrote it, with whichever attribute."""
    supporter.block(real.user)
    supporter.block(real.user)
    with pytest.raises(InvalidCredentials):
        real.directory.bind_user(real.user, PASSWORD)
    real.admin.write(real.user, "pwdAccountLockedTime", "000001010000Z")
    real.admin.write(real.user, "pwdStartTime", "20990101000000Z")
    for _ in range(2):
        supporter.unblock(real.user)
        assert real.user.locks == Locks()
    real.directory.bind_user(real.user, PASSWORD)


def test_a_block_comes_before_an_end_that_was_planned(supporter: LdapOperator, real: World) -> None:
    """Support may replace the end, which the service may not."""
    real.admin.write(real.user, "pwdEndTime", in_time(timedelta(days=30)))
    supporter.block(real.user)
    assert real.user.locks == Locks(end="19700101000000Z")


@pytest.mark.row("R25")
def test_support_mends_an_address(supporter: LdapOperator, real: World) -> None:
    """R25: unless somebody else has it: mail would go to either."""
    other = real.admin.add_owner("Bob Bakker", "bob@example.nl")
    owner = real.directory.find_owner(real.user.owner_dn)
    with pytest.raises(AlreadyExists):
        supporter.change_mail(owner, other.mail or "")
    supporter.change_mail(owner, "anna@nieuw.example.nl")
    assert real.directory.find_owner(owner.dn).mail == "anna@nieuw.example.nl"


def test_support_may_not_create(supporter: LdapOperator) -> None:
    """The directory decides who may what, not our code."""
    with pytest.raises(Forbidden):
        supporter.create_user(NEW)


def test_a_user_made_anew_is_not_touched(supporter: LdapOperator, real: World) -> None:
    """Between looking and acting another user may have got the name."""
    before = real.user
    real.admin.delete(NAME)
    for act in (supporter.block, supporter.unblock, supporter.release):
        with pytest.raises(UnknownUser):
            act(before)
    real.admin.add_user(NAME)
    for act in (supporter.block, supporter.unblock, supporter.release):
        with pytest.raises(UnknownUser):
            act(before)
    assert real.user.locks == Locks()


def test_a_directory_that_is_away_is_said_to_be(slapd: RunningSlapd, supporter: LdapOperator, real: World) -> None:
    """Each command ends in a sentence."""
    user, owner = real.user, real.directory.find_owner(real.user.owner_dn)
    slapd.stop()
    for act in (
        lambda: supporter.identity,
        lambda: supporter.create_user(NEW),
        lambda: supporter.find_user(NAME),
        lambda: supporter.find_owner(owner.dn),
        lambda: list(supporter.all_users()),
        lambda: supporter.release(user),
        lambda: supporter.block(user),
        lambda: supporter.unblock(user),
        lambda: supporter.change_mail(owner, MAIL),
    ):
        with pytest.raises(DirectoryUnavailable):
            act()
    slapd.start()
    assert supporter.find_user(NAME).uid == NAME


def test_each_change_tells_its_position_in_the_log(admin: LdapOperator, real: World) -> None:
    """What a command has told would be told once more by who reads the log."""
    assert isinstance(real.directory, LdapDirectory)
    log = real.directory.changes
    begin = log.end()
    user, owner = admin.create_user(NEW)
    told = [user.revision, admin.release(user), admin.block(user), admin.unblock(user)]
    told.append(admin.change_mail(owner, "anna@nieuw.example.nl"))
    logged = log.read(begin, 9)
    assert [change.position for change in logged[1:]] == told  # the first is the owner's being added
    assert admin.find_user(NEW.uid).revision == told[3]
