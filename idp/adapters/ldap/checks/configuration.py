"""Whether the server is configured as we need it: what only an operator with access to `cn=config` sees."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from idp.adapters.ldap.checks.findings import Finding, unseen
from idp.adapters.ldap.checks.shape import INSTALL
from idp.adapters.ldap.server_config import CONFIG_DN, UNCHECKED
from idp.adapters.ldap.tree import is_at_or_below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.adapters.ldap.checks.site import Site
    from idp.adapters.ldap.entries import Entry

LOOKED_UP = ("uid", "mail", "owner", "entryUUID")

_UNLIMITED = ("size.prtotal=unlimited", "size=unlimited", "size.hard=unlimited", "unlimited", "-1")


def configuration(site: Site) -> Iterator[Finding]:
    """Somebody looks who can see how the server is configured, and it has a database for us."""
    if site.config is None:
        options = "--as, or --config-dn" if site.as_configurer is None else "--config-dn"
        what = f"{CONFIG_DN} (indexes, overlays, limits, access rules)"
        yield unseen("configuration", what, (site.as_configurer or site.as_service).name, options)
    elif site.config.database is None:
        yield Finding("configuration", f"no database of the server holds {site.base_dn}", "mend directory.base_dn")


def indexes(site: Site) -> Iterator[Finding]:
    """What is looked up at every request is indexed."""
    if site.config is None or site.config.database is None:
        return
    present = site.config.indexes()
    for attribute in LOOKED_UP:
        if "eq" not in present.get(attribute.lower(), set()):
            problem = f"{attribute} is not indexed: each look-up reads everybody"
            yield Finding("indexes", problem, f"add olcDbIndex: {attribute} eq, or {INSTALL}")


def uniqueness(site: Site) -> Iterator[Finding]:
    """No two users have one name, and no two owners one address, also when they are added at the same moment."""
    if site.config is None or site.config.database is None:
        return
    rules = site.config.overlay("unique")
    uris = rules.values.get("olcuniqueuri", []) if rules else []
    for attribute, container in (("uid", site.tree.users_dn), ("mail", site.tree.people_dn)):
        if not any(_covers(word, attribute, container) for uri in uris for word in uri.split()):
            yield Finding("uniqueness", f"the overlay unique does not hold {attribute} unique below {container}", INSTALL)


def policy_overlay(site: Site) -> Iterator[Finding]:
    """Policies hold, and no password stays in the clear. Which one holds for whom, `people` looks at."""
    if site.config is None or site.config.database is None:
        return
    ppolicy = site.config.overlay("ppolicy")
    if ppolicy is None:
        yield Finding("policy_overlay", f"the database of {site.base_dn} has no overlay ppolicy: no policy holds", INSTALL)
        return
    if not _is_true(ppolicy, "olcPPolicyHashCleartext"):
        yield Finding("policy_overlay", "passwords that are written in the clear stay so", "set olcPPolicyHashCleartext: TRUE")


def hashing(site: Site) -> Iterator[Finding]:
    """Passwords are hashed with Argon2, however they are set."""
    if site.config is None or site.config.frontend is None:
        return
    scheme = site.config.frontend.first("olcPasswordHash") or "{SSHA}"
    if scheme.upper() != "{ARGON2}":
        problem = f"olcPasswordHash is {scheme}: passwords are hashed too cheaply"
        yield Finding("hashing", problem, "load the module argon2 and set olcPasswordHash: {ARGON2}, or " + INSTALL)


def change_log(site: Site) -> Iterator[Finding]:
    """The log of changes keeps no password that was refused, and says what was before."""
    log = site.config.overlay("accesslog") if site.config else None
    if log is None:
        return
    if not _is_true(log, "olcAccessLogSuccess"):
        yield Finding("change_log", "the accesslog keeps refused passwords, in the clear", "set olcAccessLogSuccess: TRUE")
    if log.first("olcAccessLogOld") is None:
        problem = "the accesslog does not keep what was before (olcAccessLogOld): nobody tells a former mail address of a new one"
        yield Finding("change_log", problem, INSTALL)


def size_limits(site: Site) -> Iterator[Finding]:
    """A list of users does not silently end after the first few hundred, and a look-up never reads everybody."""
    if site.config is None or site.config.database is None:
        return
    limits = site.config.limits_of(site.service.dn)
    if not any(limit in _UNLIMITED for limit in limits.split()):
        problem = f"the service's lists end at a limit of the server ({limits})"
        yield Finding("size_limits", problem, _limits_for(site))
    elif _has_log(site) and "size.unchecked=" not in limits:
        problem = "a look-up that has lost its index would read everybody (no size.unchecked)"
        yield Finding("size_limits", problem, _limits_for(site))
    elif not _has_log(site) and "size.unchecked=" in limits:
        problem = "without a log of changes the service must read everybody to follow them, and may not (size.unchecked)"
        yield Finding("size_limits", problem, _limits_for(site))


def _has_log(site: Site) -> bool:
    return site.config is not None and site.config.overlay("accesslog") is not None


def _limits_for(site: Site) -> str:
    words = f'set olcLimits: dn.exact="{site.service.dn}" size.prtotal=unlimited'
    return f"{words} {UNCHECKED}" if _has_log(site) else words


def _covers(uri: str, attribute: str, container: str) -> bool:
    # ldap:///base?attributes?scope?filter (RFC 4516); without a base, the whole database.
    if not uri.startswith("ldap:///"):
        return False
    base, _, rest = uri.removeprefix("ldap:///").partition("?")
    names, _, rest = rest.partition("?")
    scope = rest.partition("?")[0]
    return attribute in names.lower().split(",") and scope in ("sub", "one") and is_at_or_below(container, unquote(base))


def _is_true(entry: Entry, attribute: str) -> bool:
    return (entry.first(attribute) or "").upper() == "TRUE"
