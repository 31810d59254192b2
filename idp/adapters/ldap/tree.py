"""Names in the directory: where entries are, and what a name says about its entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.adapters.ldap.spelling import NotAName, child_dn, parse_dn
from idp.domain.directory_change import Kind

if TYPE_CHECKING:
    from idp.adapters.ldap.spelling import Rdn


@dataclass(frozen=True, slots=True)
class Tree:
    """The directory's shape.

    Args:
        base_dn: its root.
    """

    base_dn: str

    @property
    def users_dn(self) -> str:
        """Koppelgebruikers are its children."""
        return f"ou=koppelgebruikers,{self.base_dn}"

    @property
    def people_dn(self) -> str:
        """Owners are below it."""
        return f"ou=people,{self.base_dn}"

    @property
    def policies_dn(self) -> str:
        """Password policies are below it."""
        return f"ou=policies,{self.base_dn}"

    @property
    def users_policy_dn(self) -> str:
        """The password policy of koppelgebruikers, and everybody's who has no other."""
        return f"cn=koppelgebruikers,{self.policies_dn}"

    @property
    def people_policy_dn(self) -> str:
        """The password policy of owners."""
        return f"cn=people,{self.policies_dn}"

    def user_dn(self, uid: str) -> str:
        """Give the DN of a koppelgebruiker."""
        return child_dn("uid", uid, self.users_dn)

    def owner_dn(self, uid: str) -> str:
        """Give the DN of an owner whom we name ourselves; admins may name theirs as they like."""
        return child_dn("uid", uid, self.people_dn)

    def is_person(self, dn: str) -> bool:
        """Tell whether a DN is below `ou=people`, by its parts: a comma with a backslash before it parts nothing."""
        return _depth_below(dn, self.people_dn) > 0

    def is_user(self, dn: str) -> bool:
        """Tell whether a DN is that of a koppelgebruiker: directly below their container."""
        return _depth_below(dn, self.users_dn) == 1

    def kind_of(self, dn: str) -> Kind:
        """Tell what sort of entry a DN is of, by its place."""
        if self.is_user(dn):
            return Kind.USER
        return Kind.OWNER if self.is_person(dn) else Kind.OTHER


def is_same_dn(one: str, other: str) -> bool:
    """Tell whether two DNs name the same entry, however they are spelt."""
    try:
        return _parts(one) == _parts(other)
    except NotAName:
        return False


def is_at_or_below(dn: str, container_dn: str) -> bool:
    """Tell whether an entry is in a part of the tree; the root, an empty DN, holds all."""
    return not container_dn or is_same_dn(dn, container_dn) or _depth_below(dn, container_dn) > 0


def first_value(dn: str, attribute: str) -> str:
    """Give the value of a DN's first part; empty when that is of another attribute, or no DN."""
    try:
        return dict(parse_dn(dn)[0]).get(attribute, "")
    except NotAName:
        return ""


def _depth_below(dn: str, container_dn: str) -> int:
    try:
        parts, container = _parts(dn), _parts(container_dn)
    except NotAName:
        return 0
    return len(parts) - len(container) if parts[-len(container) :] == container else 0


def _parts(dn: str) -> list[Rdn]:
    return [frozenset((attribute, value.lower()) for attribute, value in rdn) for rdn in parse_dn(dn)]
