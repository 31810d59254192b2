"""Entries that other tools have made, on a real slapd: what is ambiguous is nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.adapters.ldap.spelling import can_be_looked_up, escaped
from idp.adapters.ldap.tree import Tree
from idp.errors import UnknownUser
from tests.contract.directory.worlds import MAIL, NAME
from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN

if TYPE_CHECKING:
    from tests.contract.directory.worlds import World
    from tests.slapd import RunningSlapd

USER = "objectClass: account\nobjectClass: koppelgebruiker\nadministratie: X\nowner: uid=x," + PEOPLE_DN + "\n"
PERSON = "objectClass: inetOrgPerson\ncn: X\nsn: X\n"


def add(slapd: RunningSlapd, dn: str, ldif: str) -> None:
    """Add an entry as an admin who overrides what is checked."""
    slapd.tool("ldapadd", "-e", "relax", ldif=f"dn: {dn}\n{ldif}")


@pytest.mark.row("R10")
def test_another_spelling_of_a_name_is_another_name(slapd: RunningSlapd, real: World) -> None:
    """R10: to slapd a full-width letter is the same; limits and grants would count it as another user."""
    add(slapd, f"uid=\uff354BBGA0008,{USERS_DN}", USER)
    with pytest.raises(UnknownUser):
        real.directory.find_user(NAME)


def test_two_entries_of_one_name_are_nobody(slapd: RunningSlapd, real: World) -> None:
    """Whose password it is must never be a matter of which one comes first."""
    add(slapd, f"uid={NAME},{USERS_DN}", USER)
    add(slapd, f"cn=second,{USERS_DN}", USER + f"objectClass: extensibleObject\nuid: {NAME}\n")
    with pytest.raises(UnknownUser):
        real.directory.find_user(NAME)


def test_two_people_of_one_address_are_nobody(slapd: RunningSlapd, real: World) -> None:
    """Else the one would be let in, or written to, as the other."""
    for uid in ("one", "two"):
        add(slapd, f"uid={uid},{PEOPLE_DN}", PERSON + f"mail: {MAIL}\n")
    with pytest.raises(UnknownUser):
        real.directory.find_owner_by_mail(MAIL)


def test_a_user_of_two_names_is_nobody(slapd: RunningSlapd, real: World) -> None:
    """Its DN is made from its name, and tokens and mail say which it is: there must be one."""
    add(slapd, f"uid={NAME},{USERS_DN}", USER + "uid: U4BBGA0009\n")
    for name in (NAME, "U4BBGA0009"):
        with pytest.raises(UnknownUser):
            real.directory.find_user(name)


def test_an_owner_without_the_one_address_gets_no_mail(slapd: RunningSlapd, real: World) -> None:
    """Of two addresses nobody can say which one is "that owner's mail"."""
    add(slapd, f"uid=none,{PEOPLE_DN}", PERSON)
    assert real.directory.find_owner(f"uid=none,{PEOPLE_DN}").mail is None


@pytest.mark.parametrize(("preferred", "language"), [("en", "en"), ("EN-gb, nl;q=0.5", "en"), ("nl", "nl"), ("fy", "nl")])
def test_an_owner_is_written_to_in_a_language_that_we_have(
    slapd: RunningSlapd, real: World, preferred: str, language: str
) -> None:
    """RFC 2798 section 2.7 takes any Accept-Language header."""
    add(slapd, f"uid=x,{PEOPLE_DN}", PERSON + f"preferredLanguage: {preferred}\n")
    assert real.directory.find_owner(f"uid=x,{PEOPLE_DN}").language == language


def test_an_alias_leads_nowhere(slapd: RunningSlapd, real: World) -> None:
    """An owner is an entry below ou=people, not one that such an entry points to."""
    add(slapd, f"uid=x,{PEOPLE_DN}", PERSON)
    add(
        slapd,
        f"cn=alias,{PEOPLE_DN}",
        f"objectClass: alias\nobjectClass: extensibleObject\naliasedObjectName: uid=x,{PEOPLE_DN}\n",
    )
    with pytest.raises(UnknownUser):
        real.directory.find_owner(f"cn=alias,{PEOPLE_DN}")


@pytest.mark.parametrize(
    ("dn", "below"),
    [
        (f"uid=x,{PEOPLE_DN}", True),
        (f"UID=x, OU=People, {BASE_DN}", True),
        (f"uid=x,ou=nl,{PEOPLE_DN}", True),
        (PEOPLE_DN, False),
        (rf"uid=x\,ou=people,{BASE_DN}", False),
        (f"uid=x,ou=otherpeople,{BASE_DN}", False),
        (f"uid=x,ou=people+cn=y,{BASE_DN}", False),
        ("", False),
        ("x", False),
        ("uid=\ud800", False),
        (f"uid={'x' * 600},{PEOPLE_DN}", False),
    ],
)
def test_people_are_told_by_the_parts_of_their_names(dn: str, below: bool) -> None:  # noqa: FBT001  # the expectation
    """A comparison of texts would take some strangers for people."""
    assert Tree(BASE_DN).is_person(dn) is below


def test_a_value_stands_for_itself() -> None:
    """In filters and in names."""
    assert escaped("a*)(\0é") == r"\61\2a\29\28\00\c3\a9"
    assert [can_be_looked_up(value) for value in ("a", "a\0", "\ud800", "x" * 513, "x" * 512)] == [
        True,
        False,
        False,
        False,
        True,
    ]
