"""What the fake can't show: secrets, limits, restarts, other places, answers that break off, on a real slapd without a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.adapters.ldap import LdapDirectory
from idp.domain.directory_change import Kind
from idp.errors import DirectoryUnavailable, PositionLost
from tests.contract.directory.worlds import PASSWORD, SlapdAdmin, World
from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN
from tests.unlogged_slapd import show

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.adapters.ldap.content_sync import LdapContent
    from idp.ports.changes import Refresh
    from tests.slapd import RunningSlapd

MANY = 700
"""More than the service's size limit (500), and more than a page."""


@pytest.fixture
def world(unlogged: RunningSlapd, open_directory: Callable[..., LdapDirectory]) -> World:
    """The adapter, and an admin."""
    directory = open_directory(unlogged)
    return World(directory, SlapdAdmin(unlogged, directory), unlogged.stop, unlogged.start)


@pytest.fixture
def content(world: World) -> LdapContent:
    """The content, as the service sees it."""
    assert isinstance(world.directory, LdapDirectory)
    return world.directory.content


def add_many(slapd: RunningSlapd, count: int) -> None:
    """Add users."""
    classes = "changetype: add\nobjectClass: account\nobjectClass: koppelgebruiker\nadministratie: A\nowner: cn=x\n"
    slapd.modify("\n".join(f"dn: uid=MANY{number},{USERS_DN}\n{classes}" for number in range(count)))


def let_service_see(slapd: RunningSlapd, dn: str) -> None:
    """Let it see users below an entry where none belong, until `show`."""
    rule = f'to dn.children="{dn}" filter=(objectClass=koppelgebruiker) by dn.exact="{slapd.embedded.service_dn}" read by * break'
    slapd.modify(f"dn: olcDatabase={{1}}mdb,cn=config\nchangetype: modify\nadd: olcAccess\nolcAccess: {{0}}{rule}\n")


def is_gone(refresh: Refresh, entry_uuid: str) -> bool:
    """Tell whether an entry is told to be gone, in whichever way."""
    return entry_uuid in refresh.gone if refresh.present is None else entry_uuid not in refresh.present


@pytest.mark.row("S34")
def test_a_password_shows_by_its_time_and_by_nothing_else(content: LdapContent, world: World) -> None:
    """S34: what the directory hides would be kept in our database."""
    owner = world.owner_with_password()
    position = content.now()
    user = world.admin.add_user("U4BBGA0042", owner, PASSWORD)
    world.admin.set_password(user.uid, "een heel andere wachtzin")
    (seen,) = content.since(position).entries
    changed = world.directory.find_user(user.uid).password_changed
    assert seen.entry.values["pwdChangedTime"] == (changed,)
    everything = [entry for page in content.everything() for entry in page]
    assert {entry.entry.kind for entry in everything} == set(Kind)
    for secret in ("ARGON2", "userPassword", "wachtzin", "pwdHistory"):
        assert secret not in f"{everything}{[entry.entry.values for entry in everything]}{seen.entry.values}"


def test_what_the_service_does_itself_is_known_as_such(content: LdapContent, world: World) -> None:
    """Its owner would be told twice of each reset."""
    user = world.user_with_password()
    position = content.now()
    world.directory.set_user_password(user, user.seen, "een heel andere wachtzin")
    (seen,) = content.since(position).entries
    assert (seen.by_service, seen.entry.revision) == (True, world.user.revision)


@pytest.mark.row("S46")
def test_who_is_moved_out_is_gone(content: LdapContent, world: World, unlogged: RunningSlapd) -> None:
    """S46: no path finds a user elsewhere, though the service may see that place."""
    let_service_see(unlogged, f"ou=services,{BASE_DN}")
    users = [world.admin.add_user(uid) for uid in ("U4BBGA0042", "U4BBGA0043")]
    position = content.now()
    unlogged.tool("ldapmodrdn", "-s", f"ou=services,{BASE_DN}", f"uid=U4BBGA0042,{USERS_DN}", "uid=U4BBGA0042")
    unlogged.tool("ldapmodrdn", "-s", f"uid=U4BBGA0042,ou=services,{BASE_DN}", f"uid=U4BBGA0043,{USERS_DN}", "uid=U4BBGA0043")
    refresh = content.since(position)
    show(unlogged)
    for dn in (f"uid=U4BBGA0043,uid=U4BBGA0042,ou=services,{BASE_DN}", f"uid=U4BBGA0042,ou=services,{BASE_DN}"):
        unlogged.tool("ldapdelete", dn)
    assert all(is_gone(refresh, user.entry_uuid) for user in users)
    assert not refresh.entries


def test_who_lost_what_makes_a_user_is_gone(content: LdapContent, world: World, unlogged: RunningSlapd) -> None:
    """An entry that is no koppelgebruiker any more would keep its couplings."""
    user = world.admin.add_user("U4BBGA0042")
    position = content.now()
    steps = "delete: owner\n-\ndelete: administratie\n-\ndelete: objectClass\nobjectClass: koppelgebruiker\n"
    unlogged.modify(f"dn: uid=U4BBGA0042,{USERS_DN}\nchangetype: modify\n{steps}")
    refresh = content.since(position)
    assert is_gone(refresh, user.entry_uuid)
    assert not refresh.entries


def test_an_owner_deep_down_and_a_policy_are_what_they_are(content: LdapContent, unlogged: RunningSlapd) -> None:
    """An owner named by their name would be taken for something else; and who changed the policy, nobody would know."""
    dn = f"cn=Vries\\, Anna de,{PEOPLE_DN}"
    unlogged.tool("ldapadd", ldif=f"dn: {dn}\nobjectClass: inetOrgPerson\nsn: V\nmail: v@example.nl\n")
    position = content.now()
    unlogged.write(dn, "mail", "anna@example.nl")
    unlogged.write(f"cn=people,ou=policies,{BASE_DN}", "pwdInHistory", "5")
    owner, policy = sorted(content.since(position).entries, key=lambda seen: seen.entry.kind, reverse=True)
    assert (owner.entry.kind, owner.entry.uid, owner.entry.values) == (Kind.OWNER, "", {"mail": ("anna@example.nl",)})
    assert (policy.entry.kind, policy.entry.values) == (Kind.OTHER, {})


def test_more_than_may_be_given_at_a_time_is_all_read(content: LdapContent, unlogged: RunningSlapd) -> None:
    """After an import, an answer that ends at the server's limit would be taken for the whole; or nothing be noticed any more."""
    position = content.now()
    add_many(unlogged, MANY)
    with pytest.raises(PositionLost):
        content.since(position)
    found = [seen.entry.uid for page in content.everything() for seen in page if seen.entry.kind is Kind.USER]
    assert sorted(found) == sorted(f"MANY{number}" for number in range(MANY))
    now = content.now()
    unlogged.tool("ldapdelete", f"uid=MANY0,{USERS_DN}")
    refresh = content.since(now)
    assert refresh.gone if refresh.present is None else len(refresh.present) >= MANY - 1


def test_a_restart_loses_nothing(content: LdapContent, world: World, unlogged: RunningSlapd) -> None:
    """A deletion before a restart, which empties the server's session log, would never be noticed."""
    user, other = (world.admin.add_user(uid) for uid in ("U4BBGA0042", "U4BBGA0043"))
    position = content.now()
    world.admin.delete(user.uid)
    unlogged.stop()
    unlogged.start()
    refresh = content.since(position)
    assert is_gone(refresh, user.entry_uuid)
    assert not is_gone(refresh, other.entry_uuid)
    assert not content.since(refresh.position).entries


def test_an_answer_that_breaks_off_is_none(content: LdapContent, unlogged: RunningSlapd) -> None:
    """Who was not read before the server went away would be taken for deleted."""
    add_many(unlogged, MANY)
    pages = content.everything()
    next(pages)
    unlogged.stop()
    with pytest.raises(DirectoryUnavailable):
        list(pages)


def test_a_cookie_that_the_server_does_not_understand_is_lost(content: LdapContent, world: World) -> None:
    """It is taken for none, with an answer from which nobody could tell who is gone."""
    world.admin.add_user("U4BBGA0042")
    with pytest.raises(PositionLost):
        content.since("hello")
    assert content.since("rid=000,csn=20200101000000.000000Z#000000#000#000000").present is not None
