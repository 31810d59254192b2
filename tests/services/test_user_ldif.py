"""Users and owners as LDIF: exact, and refused record by record (R1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.ldif import Record
from idp.errors import LineRefused
from idp.services.intake import FileRefused, OwnedUser
from idp.services.user_ldif import ldif_lines, read_ldif
from tests.services.listed import ADDRESSES, LINES, NAMES, read

ANNA_DN = "uid=anna,ou=people,dc=u4bsw,dc=nl"
USER_DN = "uid=U1,ou=koppelgebruikers,dc=u4bsw,dc=nl"
PERSON = f"dn: {ANNA_DN}\nobjectClass: inetOrgPerson\nuid: anna\ncn: Anna de Vries\nsn: de Vries\nmail: anna@example.nl\n"
USER = f"dn: {USER_DN}\nobjectClass: account\nobjectClass: koppelgebruiker\nuid: U1\nadministratie: A\nowner: {ANNA_DN}\n"

PEOPLE = st.builds(
    lambda uid, names, surname, mail: Record(
        f"uid={uid},ou=people,dc=u4bsw,dc=nl",
        (
            ("objectClass", "inetOrgPerson"),
            ("uid", uid),
            *(("cn", name) for name in names),
            ("sn", surname),
            ("mail", mail),
        ),
    ),
    NAMES,
    st.lists(LINES, min_size=1, max_size=3),
    LINES,
    ADDRESSES,
)


def user(uid: str, administratie: str) -> Record:
    """Write a user down, as the operator does."""
    facts = (("uid", uid), ("administratie", administratie), ("owner", ANNA_DN))
    classes = (("objectClass", "account"), ("objectClass", "koppelgebruiker"))
    return Record(f"uid={uid},ou=koppelgebruikers,dc=u4bsw,dc=nl", (*classes, *facts))


@given(st.lists(PEOPLE), st.lists(st.tuples(NAMES, LINES)))
def test_whatever_is_written_is_read_as_it_was(people: list[Record], users: list[tuple[str, str]]) -> None:
    """A company would be called otherwise in every token, and nobody see why."""
    lines = read(read_ldif, ldif_lines([*people, *(user(*facts) for facts in users)]))
    read_people, read_users = [line.wanted for line in lines[: len(people)]], [line.wanted for line in lines[len(people) :]]
    assert [sorted(person.values) for person in read_people if isinstance(person, Record)] == [
        sorted(person.values) for person in people
    ]
    assert read_users == [OwnedUser(user(*facts).dn, *facts, ANNA_DN) for facts in users]


def test_entries_of_other_tools_are_read() -> None:
    """The classes above, and names in any case: ldapsearch and Directory Studio write them."""
    person = PERSON.replace(
        "objectClass: inet", "objectclass: top\nobjectClass: person\nobjectClass: organizationalPerson\nobjectClass: inet"
    )
    anna, one = (line.wanted for line in read(read_ldif, f"{person}\n{USER.replace('uid: U1', 'UID: u1')}"))
    assert isinstance(anna, Record)
    assert anna.all("objectClass") == ["inetOrgPerson"]
    assert one == OwnedUser(USER_DN, "U1", "A", ANNA_DN)


WRONG = {
    "a password": (USER + "userPassword: secret\n", "passwords are not taken in"),
    "what the server writes": (USER + "entryUUID: 0\n", "entryUUID is no attribute"),
    "what we don't know": (PERSON + "telephoneNumber: 1\n", "telephoneNumber is no attribute"),
    "a language of a value": (PERSON + "cn;lang-en: x\n", "cn;lang-en is no attribute"),
    "another class": (PERSON + "objectClass: posixAccount\n", "objectClass posixaccount is none"),
    "a container": ("dn: ou=people,dc=u4bsw,dc=nl\nobjectClass: organizationalUnit\nou: people\n", "it is neither"),
    "two owners": (USER + "owner: uid=bob,ou=people,dc=u4bsw,dc=nl\n", "exactly one owner"),
    "no administration": (USER.replace("administratie: A\n", ""), "exactly one administratie"),
    "two addresses": (PERSON + "mail: anna@elders.example\n", "exactly one mail"),
    "no address": (PERSON.replace("mail: anna@example.nl\n", ""), "exactly one mail"),
    "a malformed address": (PERSON.replace("anna@example.nl", "anna at example"), "exactly one mail"),
    "no name": (PERSON.replace("cn: Anna de Vries\n", ""), "cn is missing or wrong"),
    "a name of two lines": (PERSON + "sn:: YQpi\n", "sn is missing or wrong"),
    "a change": (USER.replace("objectClass: account", "changetype: add\nobjectClass: account"), "it holds changetype"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_record_that_is_none_of_ours_says_why(kind: str) -> None:
    """It would be taken in by half; and the rest of the file must not suffer."""
    text, sentence = WRONG[kind]
    wrong, right = read(read_ldif, f"version: 1\n\n{text}\n{PERSON}")
    assert isinstance(wrong.wanted, LineRefused)
    assert str(wrong.wanted).startswith(sentence) or sentence in str(wrong.wanted)
    assert wrong.number == 3
    assert isinstance(right.wanted, Record)


def test_another_version_is_refused_as_a_whole() -> None:
    """Nobody knows what it would mean."""
    with pytest.raises(FileRefused, match="another version"):
        read(read_ldif, f"version: 2\n\n{PERSON}")
