"""Koppelgebruikers and owners as entries: how they are added, and how they are written down to be added elsewhere."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.adapters.ldap.outcome import assert_done
from idp.adapters.ldap.post_read import ask_for, told_entry
from idp.adapters.ldap.spelling import parse_dn
from idp.domain.ldif import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp.adapters.ldap.entries import Entry
    from idp.adapters.ldap.tree import Tree
    from idp.adapters.ldap.writing import Writer
    from idp.ports.directory import NewUser

POLICY = "pwdPolicySubentry"
PERSON_ATTRIBUTES = ("uid", "cn", "sn", "mail", "preferredLanguage", POLICY)

_USER_CLASSES = ("account", "koppelgebruiker")  # RFC 4524 section 3.1, and ours
_PERSON_CLASSES = ("inetOrgPerson",)  # RFC 2798


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Writes entries.

    Args:
        tree: where they are.
        writer: of whoever adds them.
    """

    tree: Tree
    writer: Writer

    def user(self, uid: str, administratie: str, owner_dn: str) -> Record:
        """Write a koppelgebruiker down; the name in upper case."""
        bare = uid.upper()
        facts = (("uid", bare), ("administratie", administratie), ("owner", owner_dn))
        return Record(self.tree.user_dn(bare), (*_classes(_USER_CLASSES), *facts))

    def user_with_policy(self, user: Record) -> Record:
        """Put a koppelgebruiker under their policy: a directory of one's own may have another default, or none (R27)."""
        return Record(user.dn, (*user.values, (POLICY, self.tree.users_policy_dn)))

    def person(self, new: NewUser) -> Record:
        """Write a new owner down, under a name of no meaning, since every other may change: the address, the person's own."""
        uid, words = str(uuid.uuid4()), new.owner_name.split()
        facts = (
            ("uid", uid),
            ("cn", new.owner_name),
            ("sn", words[-1] if words else new.owner_name),
            ("mail", new.owner_mail),
            ("preferredLanguage", new.language),
        )
        return self.with_policy(Record(self.tree.owner_dn(uid), (*_classes(_PERSON_CLASSES), *facts)))

    def kept_person(self, entry: Entry) -> Record | None:
        """Write an owner down who is there; None when the name in its DN is of an attribute that isn't written down."""
        if not _is_named_by(entry.dn, PERSON_ATTRIBUTES):
            return None
        facts = [(name, value) for name in PERSON_ATTRIBUTES for value in entry.values.get(name.lower(), [])]
        return self.with_policy(Record(entry.dn, (*_classes(_PERSON_CLASSES), *facts)))

    def with_policy(self, person: Record) -> Record:
        """Put a person under the people's policy unless they are under another: else they would wait for a password (R1)."""
        if person.all(POLICY):
            return person
        return Record(person.dn, (*person.values, (POLICY, self.tree.people_policy_dn)))

    def add(self, record: Record, attributes: tuple[str, ...]) -> Entry:
        """Add an entry, and give it as it is then; without values where the server doesn't tell. Raises as `assert_done`."""
        values: dict[str, str | list[str]] = {name: record.all(name) for name, _ in record.without("objectClass").values}
        result = self.writer.add_entry(record.dn, record.all("objectClass"), values, [ask_for(("entryDN", *attributes))])
        assert_done(result["result"])
        return told_entry(result, record.dn)


def _classes(names: Sequence[str]) -> list[tuple[str, str]]:
    return [("objectClass", name) for name in names]


def _is_named_by(dn: str, attributes: Sequence[str]) -> bool:
    named_by = [kind for kind, _ in parse_dn(dn)[0]]
    return len(named_by) == 1 and named_by[0] in [attribute.lower() for attribute in attributes]
