"""Whether the service may do what it must, and nothing more.

What it may write is found out without writing: it asks for the deletion of values that are not there. slapd looks at the rights
first, and answers noSuchAttribute only to those who may; in one Modify, an addition beside it is judged and then undone. (An
assertion that never holds would tell nothing: slapd looks at it before it looks at the rights.)
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, TypeAlias

from ldap3 import LEVEL, MODIFY_ADD, MODIFY_DELETE, SUBTREE
from ldap3.core.results import RESULT_NO_SUCH_ATTRIBUTE, RESULT_REFERRAL, RESULT_UNWILLING_TO_PERFORM

from idp.adapters.ldap.border import TooMuchToRead
from idp.adapters.ldap.checks.findings import Finding
from idp.adapters.ldap.entries import OWNER_ATTRIBUTES, USER_ATTRIBUTES
from idp.adapters.ldap.people import OWNERS, USERS, Search
from idp.adapters.ldap.server_config import LOG_DN
from idp.adapters.ldap.spelling import ANYTHING, either, equals, present
from idp.errors import DirectoryRefuses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from idp.adapters.ldap.checks.site import Site
    from idp.adapters.ldap.entries import Entry
    from idp.adapters.ldap.view import View

    Changes: TypeAlias = Mapping[str, list[tuple[str, list[bytes]]]]

_ACCESS = (
    "put rules of yours that stand before ours behind them: `idp directory install --dry-run` names these, and prints ours "
    "where they are missing; all of ours are in config/ldap/server.ldif"
)
_FEW = 20
_RELAX = ("1.3.6.1.4.1.4203.666.5.12", True, None)
_NEVER = b"19020304050607Z"
"""A moment that stands in no entry."""

_TAKES_NO_CHANGES = (RESULT_UNWILLING_TO_PERFORM, RESULT_REFERRAL)
"""Of `olcReadOnly` and a replica without `olcUpdateRef`; of one with it."""


def hashes_hidden(site: Site) -> Iterator[Finding]:
    """The service neither reads hashes nor searches by them, with which they could be guessed."""
    for container in (site.tree.users_dn, site.tree.people_dn):
        for attribute in ("userPassword", "pwdHistory"):
            if _shown(site, container, attribute):
                yield Finding("hashes_hidden", f"the service can read or search {attribute} below {container}", _ACCESS)
            if _shown_to_strangers(site, site.witnesses(container), attribute):
                yield Finding("hashes_hidden", f"everybody can read or search {attribute} below {container}", _ACCESS)


def log_hidden(site: Site) -> Iterator[Finding]:
    """The service reads no password's value from the log, and can't search the log by values; strangers see none at all."""
    changes = either(equals("objectClass", "auditModify"), equals("objectClass", "auditAdd"))
    logged = [entry.dn for entry in site.as_service.some(Search(LOG_DN, LEVEL, changes, ("1.1",)))[:_FEW]]
    if any(_shown_to_strangers(site, logged, attribute) for attribute in ("reqMod", "reqOld")):
        yield Finding("log_hidden", f"everybody can read or search what was changed, in {LOG_DN}", _ACCESS)
    for attribute in ("reqMod", "reqOld"):
        if site.as_service.some(Search(LOG_DN, LEVEL, present(attribute), ("1.1",))):
            yield Finding("log_hidden", f"the service can search {LOG_DN} by {attribute}, and so guess at hashes", _ACCESS)
    for entry in site.as_service.some(Search(LOG_DN, LEVEL, equals("objectClass", "auditModify"), ("reqMod", "reqOld"))):
        values = [*entry.values.get("reqmod", []), *entry.values.get("reqold", [])]
        if any(value.startswith(("userPassword", "pwdHistory")) for value in values):
            yield Finding("log_hidden", f"the service can read passwords in {LOG_DN}", _ACCESS)
            return


def not_too_many(site: Site) -> Iterator[Finding]:
    """The service is an ordinary writer, who can't lift a lock or change who a user is."""
    dn = site.probe
    forbidden: dict[str, Changes] = {
        "delete locks (pwdAccountLockedTime)": {"pwdAccountLockedTime": [(MODIFY_DELETE, [_NEVER])]},
        "delete locks (pwdEndTime)": {"pwdEndTime": [(MODIFY_DELETE, [_NEVER])]},
        "change a user's owner": {"owner": [(MODIFY_DELETE, [f"cn={secrets.token_hex(8)}".encode()])]},
    }
    for what, change in forbidden.items():
        if _may(site, dn, change):
            yield Finding("not_too_many", f"the service can {what}", _ACCESS)
    if (
        site.as_service.writer.modify(dn, {"pwdChangedTime": [(MODIFY_DELETE, [_NEVER])]}, [_RELAX])["result"]
        == RESULT_NO_SUCH_ATTRIBUTE
    ):
        yield Finding("not_too_many", "the service has manage: no password policy holds for it", _ACCESS)


def not_too_few(site: Site) -> Iterator[Finding]:
    """The service can write passwords, and add a block; the server takes changes at all."""
    dn = site.probe
    password: Changes = {"userPassword": [(MODIFY_DELETE, [secrets.token_urlsafe(32).encode()])]}
    answer = _answer(site, dn, password)
    if answer in _TAKES_NO_CHANGES:
        problem = "the server takes no changes: it is read-only, or a replica; nobody can choose a password"
        yield Finding("not_too_few", problem, "name the server that takes them in directory.url, or set its olcReadOnly: FALSE")
        return
    if answer != RESULT_NO_SUCH_ATTRIBUTE:
        yield Finding("not_too_few", "the service can't write userPassword of koppelgebruikers", _ACCESS)
        return
    if not _may(site, site.tree.people_dn, password):
        yield Finding("not_too_few", "the service can't write userPassword of owners", _ACCESS)
    for lock in ("pwdEndTime", "pwdAccountLockedTime"):
        if not _may(site, dn, {lock: [(MODIFY_ADD, [_NEVER])], **password}):
            yield Finding("not_too_few", f"the service can't add {lock}: it can't block", _ACCESS)


def reads_people(site: Site) -> Iterator[Finding]:
    """The service sees of users and owners what the operator sees, as far as it needs it."""
    if site.as_operator is None:
        return
    kinds = {
        "koppelgebruikers": Search(site.tree.users_dn, LEVEL, USERS, USER_ATTRIBUTES),
        "owners": Search(site.tree.people_dn, SUBTREE, OWNERS, OWNER_ATTRIBUTES),
    }
    for kind, search in kinds.items():
        entries = site.as_operator.some(search)
        wanted = {name for entry in entries for name, values in entry.values.items() if values}
        read = [site.as_service.read(entry.dn, *search.attributes) for entry in entries]
        seen = {name for entry in read if entry is not None for name, values in entry.values.items() if values}
        if missing := sorted(wanted - seen):
            yield Finding("reads_people", f"the service can't read of {kind}: {', '.join(missing)}", _ACCESS)


def _shown(site: Site, container: str, attribute: str) -> bool:
    service = site.as_service
    try:
        matched = service.some(Search(container, SUBTREE, present(attribute), ("1.1",)))
        read = service.some(Search(container, SUBTREE, ANYTHING, (attribute,)))
    except TooMuchToRead:  # then those few that somebody else can name
        matched, read = _of_each(service, site.witnesses(container), attribute)
    return bool(matched) or any(entry.values.get(attribute.lower()) for entry in read)


def _shown_to_strangers(site: Site, names: list[str], attribute: str) -> bool:
    # Entry by entry: no limit keeps a stranger's search from reading everybody.
    try:
        matched, read = _of_each(site.as_nobody, names, attribute)
    except DirectoryRefuses:  # such as olcRequires: authc
        return False
    return bool(matched) or any(entry.values.get(attribute.lower()) for entry in read)


def _of_each(view: View, names: list[str], attribute: str) -> tuple[list[Entry], list[Entry]]:
    matched = [entry for dn in names if (entry := view.read(dn, "1.1", condition=present(attribute)))]
    return matched, [entry for dn in names if (entry := view.read(dn, attribute))]


def _may(site: Site, dn: str, change: Changes) -> bool:
    return _answer(site, dn, change) == RESULT_NO_SUCH_ATTRIBUTE


def _answer(site: Site, dn: str, change: Changes) -> int:
    return int(site.as_service.writer.modify(dn, change)["result"])
