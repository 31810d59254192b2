"""Whether each koppelgebruiker and each owner is what the service takes them for. Reads everybody, as whoever sees most."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from ldap3 import LEVEL, SUBTREE

from idp.adapters.ldap.checks.findings import Finding
from idp.adapters.ldap.people import OWNERS, USERS, Search
from idp.adapters.ldap.tree import is_same_dn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.adapters.ldap.checks.site import Site
    from idp.adapters.ldap.entries import Entry

_NAME = re.compile(r"[A-Z0-9]{1,32}", re.ASCII | re.IGNORECASE)
_LONGEST_ADMINISTRATIE = 256
_POLICY = "pwdPolicySubentry"


class _Tally:
    """Counts entries by what is wrong with them, and keeps one name of each kind."""

    def __init__(self, check: str) -> None:
        self._check = check
        self._counts: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._examples: dict[tuple[str, str], str] = {}

    def add(self, entry: Entry, problem: str, remedy: str) -> None:
        """Count one."""
        self._counts[problem, remedy] += 1
        self._examples.setdefault((problem, remedy), entry.dn)

    def findings(self) -> Iterator[Finding]:
        """Give one finding a kind."""
        for (problem, remedy), count in self._counts.items():
            some = "1 entry" if count == 1 else f"{count} entries"
            yield Finding(self._check, f"{some} {problem}: {self._examples[problem, remedy]}", remedy)


def owners(site: Site) -> Iterator[Finding]:
    """Each owner has the one address that mail goes to, and doesn't wait for a portal password."""
    tally = _Tally("owners")
    wanted = Search(site.tree.people_dn, SUBTREE, OWNERS, ("mail", _POLICY))
    for entry in site.as_anybody.all(wanted):
        count = len(entry.values.get("mail", []))
        if count != 1:
            tally.add(entry, "without a mail address" if count == 0 else "with two mail addresses", "leave exactly one mail")
        if not is_same_dn(entry.first(_POLICY) or "", site.tree.people_policy_dn):
            tally.add(entry, "of people under another policy than theirs", f"set {_POLICY}: {site.tree.people_policy_dn}")
    yield from tally.findings()


def users(site: Site) -> Iterator[Finding]:
    """Each koppelgebruiker has a name that can be typed, an administration, and one owner who exists."""
    tally = _Tally("users")
    everybody = Search(site.tree.people_dn, SUBTREE, OWNERS, ("1.1",))
    people = {entry.dn.lower() for entry in site.as_anybody.all(everybody)}
    wanted = ("uid", "administratie", "owner", _POLICY)
    for entry in site.as_anybody.all(Search(site.tree.users_dn, LEVEL, USERS, wanted)):
        for problem, remedy in _faults(site, entry, people):
            tally.add(entry, problem, remedy)
    yield from tally.findings()


def _faults(site: Site, entry: Entry, people: set[str]) -> Iterator[tuple[str, str]]:
    owner_dns = entry.values.get("owner", [])
    if len(owner_dns) != 1:
        yield "without exactly one owner", "leave exactly one owner"
    elif owner_dns[0].lower() not in people:
        yield "with an owner who does not exist", f"set owner to an entry below {site.tree.people_dn}"
    if not _NAME.fullmatch(entry.one("uid") or ""):
        yield "with a name that nobody can type", "use one uid of letters and digits, at most 32"
    if not _is_identifier(entry.one("administratie") or ""):
        yield "with a malformed administratie", "write it as tokens should carry it, without spaces around it"
    if not is_same_dn(entry.first(_POLICY) or site.tree.users_policy_dn, site.tree.users_policy_dn):
        yield "of koppelgebruikers under another policy than theirs", f"delete {_POLICY}"


def _is_identifier(value: str) -> bool:
    return value != "" and value == value.strip() and value.isprintable() and len(value) <= _LONGEST_ADMINISTRATIE
