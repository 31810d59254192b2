"""Who was in the directory before us, and is to go on there as before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ldap3 import SUBTREE

from idp.adapters.ldap.border import TooMuchToRead
from idp.adapters.ldap.newcomers import POLICY
from idp.adapters.ldap.people import Search
from idp.adapters.ldap.spelling import ANYTHING, either, equals, present
from idp.adapters.ldap.tree import Tree, is_at_or_below, is_same_dn

if TYPE_CHECKING:
    from idp.adapters.directory_templates import Naming
    from idp.adapters.ldap.view import View

_WITH_PASSWORDS = either(present("userPassword"), *(equals("objectClass", name) for name in ("person", "account")))
"""Also who has none yet, or whose is hidden from whoever looks."""


@dataclass(frozen=True)
class Others:
    """Looks for entries that are not ours: they have no policy of their own, which each of ours gets (`Newcomers`).

    Args:
        naming: the names of ours.
        view: what the operator sees.
    """

    naming: Naming
    view: View

    @cached_property
    def among_people(self) -> bool:
        """Tell whether `ou=people` holds any. Raises `DirectoryUnavailable`."""
        people_dn = Tree(self.naming.base_dn).people_dn
        return self._any(Search(people_dn, SUBTREE, ANYTHING, (POLICY,)), people_dn)

    def with_passwords(self, suffix: str, root_dn: str | None) -> bool:
        """Tell whether a default policy would change anything for anybody.

        Args:
            suffix: of the database, for the whole of which it would hold.
            root_dn: the database's, for whom none holds.

        Raises:
            DirectoryUnavailable: no answer.
        """
        ours = (self.naming.service_dn, self.naming.decoy_dn, *filter(None, [root_dn]))
        return self._any(Search(suffix, SUBTREE, _WITH_PASSWORDS, (POLICY,)), *ours)

    def _any(self, search: Search, *ours: str) -> bool:
        users_dn = Tree(self.naming.base_dn).users_dn
        try:
            return any(
                entry.first(POLICY) is None
                and not is_at_or_below(entry.dn, users_dn)
                and not any(is_same_dn(entry.dn, dn) for dn in ours)
                for entry in self.view.all(search)
            )
        except TooMuchToRead:
            return True
