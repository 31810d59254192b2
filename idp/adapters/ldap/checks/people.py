"""Whether each koppelgebruiker and each owner is what the service takes them for. Reads everybody, as whoever sees most."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

from ldap3 import LEVEL, SUBTREE

from idp.adapters.ldap.checks.findings import Finding
from idp.adapters.ldap.entries import NO_ADMINISTRATIE, NO_NAME, NO_OWNER, NO_UUID, user_faults
from idp.adapters.ldap.people import OWNERS, USERS, Search
from idp.adapters.ldap.tree import is_same_dn
from idp.domain.directory_time import parse_generalized_time
from idp.domain.mail_address import is_address
from idp.domain.people import FARTHEST_END

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.adapters.ldap.checks.site import Site
    from idp.adapters.ldap.entries import Entry

_LONGEST_ADMINISTRATIE = 256
_POLICY = "pwdPolicySubentry"
_MOMENTS = ("pwdEndTime", "pwdStartTime")

_REMEDIES = {
    NO_UUID: "let the service read it",
    NO_NAME: "use one uid of letters and digits, at most 32",
    NO_OWNER: "leave exactly one owner",
    NO_ADMINISTRATIE: "leave exactly one administratie",
}


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
    tally, addresses = _Tally("owners"), set[str]()
    wanted = Search(site.tree.people_dn, SUBTREE, OWNERS, ("mail", _POLICY, *_MOMENTS))
    for entry in _some(site, wanted):
        for problem, remedy in (*_address_faults(entry, addresses), *_moment_faults(entry)):
            tally.add(entry, problem, remedy)
        if not is_same_dn(entry.first(_POLICY) or "", site.tree.people_policy_dn):
            tally.add(entry, "of people under another policy than theirs", f"set {_POLICY}: {site.tree.people_policy_dn}")
    yield from tally.findings()


def users(site: Site) -> Iterator[Finding]:
    """Each koppelgebruiker has a name that can be typed, an administration, and one owner who exists."""
    tally, names, looked_at = _Tally("users"), set[str](), 0
    people = {entry.dn.lower() for entry in _some(site, Search(site.tree.people_dn, SUBTREE, OWNERS, ("1.1",)))}
    wanted = ("uid", "entryUUID", "administratie", "owner", _POLICY, *_MOMENTS)
    for entry in _some(site, Search(site.tree.users_dn, LEVEL, USERS, wanted)):
        for problem in user_faults(entry):
            tally.add(entry, problem, _REMEDIES[problem])
        for problem, remedy in (*_faults(site, entry, people), *_name_faults(entry, names), *_moment_faults(entry)):
            tally.add(entry, problem, remedy)
        looked_at += 1
    yield from tally.findings()
    if looked_at == site.at_most:
        yield Finding("users", f"only {looked_at} users were looked at", "run `idp directory check`", is_wrong=False)


def _some(site: Site, search: Search) -> Iterator[Entry]:
    with closing(site.as_anybody.all(search)) as entries:
        yield from islice(entries, site.at_most)


def _address_faults(entry: Entry, addresses: set[str]) -> Iterator[tuple[str, str]]:
    values = entry.values.get("mail", [])
    if len(values) != 1:
        yield "without a mail address" if not values else "with two mail addresses", "leave exactly one mail"
    elif not is_address(values[0]):
        yield "with a mail address that no mail can go to", "write it as name@domain, and nothing besides"
    if addresses.intersection(value.casefold() for value in values):
        yield "with the mail address of another owner", "leave it to one of them: neither can log in"
    addresses.update(value.casefold() for value in values)


def _name_faults(entry: Entry, names: set[str]) -> Iterator[tuple[str, str]]:
    name = (entry.one("uid") or "").upper()
    if name and name in names:
        yield "with the name of another user", "leave it to one of them: neither can be used"
    names.add(name)


def _faults(site: Site, entry: Entry, people: set[str]) -> Iterator[tuple[str, str]]:
    owner_dn, administratie = entry.one("owner"), entry.one("administratie") or ""
    if owner_dn is not None and not _exists(site, owner_dn, people):
        yield "with an owner who does not exist", f"set owner to an entry below {site.tree.people_dn}"
    if administratie.strip() and not _is_identifier(administratie):
        yield "with a malformed administratie", "write it as tokens should carry it, without spaces around it"
    if not is_same_dn(entry.first(_POLICY) or _default_policy(site), site.tree.users_policy_dn):
        problem = "of koppelgebruikers under another policy than theirs, or under none"
        yield problem, f"set {_POLICY}: {site.tree.users_policy_dn}"


def _default_policy(site: Site) -> str:
    overlay = site.config.overlay("ppolicy") if site.config else None
    if overlay is None:  # hidden, or said by `policy_overlay`
        return site.tree.users_policy_dn
    return overlay.first("olcPPolicyDefault") or ""


def _exists(site: Site, owner_dn: str, people: set[str]) -> bool:
    if owner_dn.lower() in people:
        return True
    return site.tree.is_person(owner_dn) and site.as_anybody.read(owner_dn, "1.1", condition=OWNERS) is not None


def _moment_faults(entry: Entry) -> Iterator[tuple[str, str]]:
    for attribute in _MOMENTS:
        value = entry.first(attribute)
        moment = parse_generalized_time(value) if value is not None else None
        if value is not None and (moment is None or moment >= FARTHEST_END):
            yield f"shut out by a {attribute} that can't be relied on", "write a moment before the year 3000, or delete it"


def _is_identifier(value: str) -> bool:
    return value == value.strip() and value.isprintable() and len(value) <= _LONGEST_ADMINISTRATIE
