"""Whether unknown names cost as much as known ones, and whether passwords came in by the front door. Operators see that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ldap3 import LEVEL, SUBTREE

from idp.adapters.ldap.checks.findings import Finding, unseen
from idp.adapters.ldap.checks.shape import INSTALL
from idp.adapters.ldap.people import OWNERS, USERS, Search
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
    if _cost(hashed) == 0 or _cost(hashed) != _cost_now(site, hashed):
        problem = f"the hash of {site.decoy_dn} costs another time than a new one: unknown names are told apart by it"
        yield Finding("decoy", problem, "write it a long random password, and let the server hash that")


def of_another_cost(site: Site) -> Iterator[Finding]:
    """Each hash costs what one costs that the server makes now; those that came from elsewhere, or from former times, don't."""
    entry = site.as_operator.read(site.decoy_dn, "userPassword") if site.as_operator else None
    if site.as_operator is None or entry is None:
        return
    now = _cost_now(site, entry.first("userPassword") or "")
    for kind, search in _with_hash(site).items():
        others, example = 0, ""
        for other in site.as_operator.all(search):
            if any(_cost(value) != now for value in other.values.get("userpassword", [])):
                others, example = others + 1, example or other.dn
        if others:
            problem = (
                f"{others} {kind} have a hash of another scheme or cost than a new one, such as {example}: told apart by time"
            )
            yield Finding("of_another_cost", problem, "they keep it until their next change: have them choose a new password")


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


def _with_hash(site: Site) -> dict[str, Search]:
    return {
        "koppelgebruikers": Search(site.tree.users_dn, LEVEL, every(USERS, present("userPassword")), ("userPassword",)),
        "owners": Search(site.tree.people_dn, SUBTREE, every(OWNERS, present("userPassword")), ("userPassword",)),
    }


def _cost_now(site: Site, decoy_hash: str) -> int:
    # Where the configuration doesn't say, the dearest of a few; a directory that was migrated may have none that is new.
    configured = _configured_cost(site)
    if configured or site.as_operator is None:
        return configured
    users = site.as_operator.some(_with_hash(site)["koppelgebruikers"])
    return max((_cost(user.first("userPassword") or "") for user in users), default=0) or _cost(decoy_hash)


def _configured_cost(site: Site) -> int:
    frontend = site.config.frontend if site.config else None
    if site.config is None or frontend is None or (frontend.first("olcPasswordHash") or "").upper() != "{ARGON2}":
        return 0
    arguments = dict(word.split("=", 1) for word in site.config.modules().get("argon2", []) if "=" in word)
    try:
        return int(arguments["m"]) * int(arguments["t"])
    except (KeyError, ValueError):  # the module's own, which depend on what it was built with
        return 0


def _cost(hashed: str) -> int:
    found = _ARGON2.match(hashed)
    return int(found[1]) * int(found[2]) if found else 0
