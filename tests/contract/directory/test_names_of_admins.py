"""Admins name entries as they like, with characters of every kind: each is read, bound and written as itself."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from idp.adapters.ldap import LdapOperator, LdapServer, SimpleBind
from idp.adapters.ldap.spelling import NotAName, escaped, parse_dn
from idp.errors import InvalidCredentials
from tests.contract.directory.alphabet import CATEGORIES, METACHARACTERS, some_of
from tests.contract.directory.worlds import MAIL, NAME, OTHER_PASSWORD, PASSWORD
from tests.slapd import BASE_DN, PEOPLE_DN, SUPPORT_DN, USERS_DN, RunningSlapd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.directory.worlds import World

CHARACTERS = {category: some_of(category, 4) for category in CATEGORIES if category != "Cs"}  # Cs: no UTF-8 at all
CHARACTERS |= {"metacharacters": list(METACHARACTERS)}


@dataclass(frozen=True)
class Person:
    """Somebody below `ou=people` or `ou=support`.

    Args:
        number: tells them apart.
        rdn: their own part of their DN.
        name: its value.
    """

    number: int
    rdn: str
    name: str

    @property
    def dn(self) -> str:
        """As it is written by whoever adds it."""
        return f"{self.rdn},{PEOPLE_DN}"

    @property
    def mail(self) -> str:
        """The address."""
        return f"p{self.number}@example.nl"

    @property
    def uid(self) -> str:
        """The name of the koppelgebruiker that is theirs."""
        return f"U{self.number:05}"

    def ldif(self) -> str:
        """Add them, with a koppelgebruiker."""
        person = f"objectClass: inetOrgPerson\ncn:: {encoded(self.name)}\nsn: x\nmail: {self.mail}\nuserPassword: {PASSWORD}\n"
        policy = f"pwdPolicySubentry: cn=people,ou=policies,{BASE_DN}\n"
        user = f"objectClass: account\nobjectClass: koppelgebruiker\nadministratie: A\nowner:: {encoded(self.dn)}\n"
        return f"dn:: {encoded(self.dn)}\n{person}{policy}\ndn: uid={self.uid},{USERS_DN}\n{user}\n"


def encoded(text: str) -> str:
    """Write a value in LDIF."""
    return base64.b64encode(text.encode()).decode()


def people(characters: list[str]) -> Iterator[Person]:
    """Give people with each character at the beginning, in the middle and at the end of a name; some names are of two parts."""
    for place, character in enumerate(characters):
        for shape, name in enumerate((f"{character}v{place}", f"w{character}{place}", f"y{place}{character}")):
            yield Person(place * 4 + shape, f"cn={escaped(name)}", name)
        name = f"{character}b{place}{character}"
        yield Person(place * 4 + 3, f"cn={escaped(name)}+mail={escaped(f'p{place * 4 + 3}@example.nl')}", name)


@pytest.mark.parametrize("kind", CHARACTERS)
def test_an_owner_is_themselves(slapd: RunningSlapd, real: World, kind: str) -> None:
    """Who is called `Bakkerij #1` gets their mail and gets in, as anybody does."""
    everybody = list(people(CHARACTERS[kind]))
    slapd.tool("ldapadd", ldif="".join(person.ldif() for person in everybody))
    directory = real.directory
    owners = {person.uid: directory.find_owner_by_mail(person.mail) for person in everybody}
    assert len({owner.dn for owner in owners.values()}) == len(everybody)
    for person in everybody:
        owner, user = owners[person.uid], directory.find_user(person.uid)
        assert directory.find_owner(user.owner_dn) == directory.find_owner(person.dn) == owner
        assert [mine.uid for mine in directory.users_of(owner)] == [person.uid]
    for person in everybody[:: len(everybody) // 4]:
        owner = owners[person.uid]
        directory.bind_owner(owner, PASSWORD)
        directory.set_owner_password(owner, owner.seen, OTHER_PASSWORD)
        directory.bind_owner(directory.find_owner(owner.dn), OTHER_PASSWORD)
        with pytest.raises(InvalidCredentials):
            directory.bind_owner(directory.find_owner(owner.dn), PASSWORD)


@pytest.mark.row("R25")
@pytest.mark.parametrize("kind", CHARACTERS)
def test_support_acts_under_its_own_name(slapd: RunningSlapd, real: World, kind: str) -> None:
    """The audit says who it was, also of a colleague with an uncommon name; and they can do their work."""
    owner = real.admin.add_owner("Anna de Vries", MAIL)
    real.admin.add_user(NAME, owner)
    for place, person in enumerate(list(people(CHARACTERS[kind]))[::4]):
        dn = f"cn={escaped(person.name)},{SUPPORT_DN}"
        classes = "objectClass: person\nobjectClass: simpleSecurityObject\nsn: x\n"
        secret = f"userPassword: {PASSWORD}\n"
        slapd.tool("ldapadd", ldif=f"dn: {dn}\n{classes}cn:: {encoded(person.name)}\n{secret}")
        supporter = LdapOperator(server=LdapServer(slapd.embedded.ldapi_url), base_dn=BASE_DN, operator=SimpleBind(dn, PASSWORD))
        try:
            told = supporter.identity.removeprefix("dn:")
            assert parse_dn(told)[1:] == parse_dn(SUPPORT_DN)
            supporter.change_mail(owner, f"anna{place}@example.nl")
            assert supporter.find_owner(owner.dn).mail == f"anna{place}@example.nl"
        finally:
            supporter.close()


@pytest.mark.parametrize(
    "dn",
    [
        "",
        " ",
        "x",
        "=x",
        "cn",
        "cn=x,",
        ",cn=x",
        "cn=x,,cn=y",
        "cn=\ud800",
        "\ud800=x",
        "é=x",
        "c n=x",
        "1a=x",
        "cn=a\0",
        "cn=x\\",
    ],
)
def test_what_is_no_name_is_said_to_be_none(dn: str) -> None:
    """An owner attribute may hold anything by way of an admin who overrides the schema."""
    with pytest.raises(NotAName):
        parse_dn(dn)


@pytest.mark.parametrize(
    ("dn", "parsed"),
    [
        (r"CN = a\, b\2c c#d\\ + L=x , dc=nl ", [{("cn", r"a, b, c#d\ "[:-1]), ("l", "x")}, {("dc", "nl")}]),
        (r"cn=\ a\ ,dc=nl", [{("cn", " a ")}, {("dc", "nl")}]),
        (r"cn=a\\\+b=c", [{("cn", r"a\+b=c")}]),
        (r"cn=\c3\a9\C3\A9é", [{("cn", "ééé")}]),
        ("cn=", [{("cn", "")}]),
    ],
)
def test_a_name_is_taken_apart(dn: str, parsed: list[set[tuple[str, str]]]) -> None:
    """RFC 4514 section 3: whatever the spelling, one entry has one name."""
    assert parse_dn(dn) == parsed
