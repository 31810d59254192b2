"""Whether unknown names cost as much as known ones, and whether passwords came in by the front door. Operators see that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ldap3 import LEVEL, SUBTREE

from idp.adapters.ldap.checks.findings import Finding, unseen
from idp.adapters.ldap.checks.shape import INSTALL
from idp.adapters.ldap.people import USERS, Search
from idp.adapters.ldap.spelling import every, negated, present

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.adapters.ldap.checks.site import Site

_ARGON2 = re.compile(r"\{ARGON2\}\$argon2id?\$v=\d+\$m=(\d+),t=(\d+),p=\d+\$", re.IGNORECASE)


def decoy(site: Site) -> Iterator[Finding]:
    """The entry that unknown names bind to is there, and its hash costs what users' hashes cost."""
    entry = site.as_operator.read(site.decoy_dn, "userPassword") if site.as_operator else None
    if site.as_operator is None:
        yield unseen("decoy", site.decoy_dn, site.as_anybody.name)
        return
    if entry is None:
        yield Finding("decoy", f"{site.decoy_dn} is missing: unknown names are told apart by their time", INSTALL)
        return
    hashed = entry.first("userPassword")
    if hashed is None:
        yield unseen("decoy", f"the hash of {site.decoy_dn}", site.as_operator.name)
        return
    search = Search(site.tree.users_dn, LEVEL, every(USERS, present("userPassword")), ("userPassword",))
    users = [_cost(user.first("userPassword") or "") for user in site.as_operator.some(search)]
    if _cost(hashed) == 0 or (users and _cost(hashed) != max(users)):
        problem = f"the hash of {site.decoy_dn} costs another time than users' hashes: unknown names are told apart by it"
        yield Finding("decoy", problem, "write it a long random password, and let the server hash that")


def loaded_offline(site: Site) -> Iterator[Finding]:
    """Each password came through the server: one that slapadd loaded has no age, and looks as if it were not there."""
    if site.as_operator is None:
        return
    wanted = every(present("userPassword"), negated(present("pwdChangedTime")))
    for container in (site.tree.users_dn, site.tree.people_dn):
        names = [entry.dn for entry in site.as_operator.all(Search(container, SUBTREE, wanted, ("1.1",)))]
        if names:
            problem = f"{len(names)} entries have a password without pwdChangedTime, such as {names[0]}"
            yield Finding("loaded_offline", problem, "set these passwords anew, over LDAP")


def _cost(hashed: str) -> int:
    found = _ARGON2.match(hashed)
    return int(found[1]) * int(found[2]) if found else 0
