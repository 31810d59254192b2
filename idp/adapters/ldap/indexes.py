"""Whether look-ups are answered by an index, by the time that they take: for servers that read everybody rather than refuse."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from ldap3 import BASE

from idp.adapters.ldap.people import Search, look_ups
from idp.adapters.ldap.spelling import ANYTHING
from idp.errors import LookUpsNotIndexed

if TYPE_CHECKING:
    from ldap3 import Connection

    from idp.adapters.ldap.tree import Tree

_TRIES = 5
_READS = 50
"""The fastest counts: what else the machine does makes some slower, and none faster. Reads are short, and many can be made."""

_NOTICED_S = 0.01
_TIMES_A_READ = 30
"""With an index, a look-up takes as long as reading one entry, whatever the number of entries."""


def assert_quick(connection: Connection, tree: Tree) -> None:
    """Compare look-ups of what isn't there with the reading of one entry.

    Raises:
        LookUpsNotIndexed: one takes so much longer that everybody must have been read for it.
        DirectoryUnavailable: no answer, or none that makes sense.
    """
    one_entry = Search(tree.users_dn, BASE, ANYTHING, ("entryUUID",))
    limit_s = max(_NOTICED_S, _TIMES_A_READ * _fastest_s(one_entry, connection, _READS))
    for search in look_ups(tree):
        if _fastest_s(search, connection, _TRIES, limit_s) > limit_s:
            raise LookUpsNotIndexed(search.by)


def _fastest_s(search: Search, connection: Connection, tries: int, enough_s: float = 0) -> float:
    fastest_s = math.inf
    for _ in range(tries):
        began = time.perf_counter()
        search.all(connection)
        fastest_s = min(fastest_s, time.perf_counter() - began)
        if fastest_s <= enough_s:
            break
    return fastest_s
