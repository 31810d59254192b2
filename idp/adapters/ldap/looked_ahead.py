"""Who is there of those who are to be created next, asked at once: one by one, most of an import's time would go into asking."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ldap3 import LEVEL, SUBTREE

from idp.adapters.ldap.entries import OWNER_ATTRIBUTES, to_owner
from idp.adapters.ldap.people import OWNERS, USERS, Search
from idp.adapters.ldap.spelling import can_be_looked_up, either, equals, every
from idp.errors import EntryMalformed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp.adapters.ldap.entries import Entry
    from idp.adapters.ldap.lane import Lane
    from idp.adapters.ldap.tree import Tree
    from idp.domain.people import Owner
    from idp.ports.directory import NewUser


@dataclass(slots=True)
class LookedAhead:
    """What was found. Where something has changed since, adding the entry fails as it would have a moment later.

    Args:
        free: names that nobody had; each is good for one use.
        owners: by address in lower case; None: nobody had it.
    """

    free: set[str] = field(default_factory=set)
    owners: dict[str, Owner | None] = field(default_factory=dict)

    @classmethod
    def read(cls, lane: Lane, tree: Tree, news: Sequence[NewUser]) -> LookedAhead:
        """Ask once for all names, and once for all addresses."""
        names = {new.uid.upper() for new in news}
        mails = {new.owner_mail.lower() for new in news if can_be_looked_up(new.owner_mail)}
        users = lane.ask(Search(tree.users_dn, LEVEL, _any_of(USERS, "uid", names), ("uid",)).all) if names else []
        people = lane.ask(Search(tree.people_dn, SUBTREE, _any_of(OWNERS, "mail", mails), OWNER_ATTRIBUTES).all) if mails else []
        taken = {value.upper() for entry in users for value in entry.values.get("uid", [])}
        return cls(names - taken, dict.fromkeys(mails - _addresses(people).keys()) | _owners(people))


def _any_of(kind: str, attribute: str, values: set[str]) -> str:
    return every(kind, either(*(equals(attribute, value) for value in sorted(values))))


def _addresses(people: Sequence[Entry]) -> Counter[str]:
    return Counter(value.lower() for entry in people for value in entry.values.get("mail", []))


def _owners(people: Sequence[Entry]) -> dict[str, Owner | None]:
    """Give those who are beyond doubt; the others are looked up one by one, and it is told what is wrong with them."""
    found: dict[str, Owner | None] = {}
    addresses = _addresses(people)
    for entry in people:
        try:
            owner = to_owner(entry)
        except EntryMalformed:
            continue
        if owner.mail is not None and addresses[owner.mail.lower()] == 1:
            found[owner.mail.lower()] = owner
    return found
