"""Whom access rules (olcAccess: slapd.access(5)) show hashes, and the values in the log: no single look brings that to light.

Rules are gone through in slapd's order: of the database, then of the frontend; in each, the first that fits somebody decides.
Whom that is about is told apart by spelling alone. A rule about a part of the entries or values decides nothing for the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from idp.adapters.ldap.checks.findings import Finding
from idp.adapters.ldap.server_config import LOG_DN, unnumbered
from idp.adapters.ldap.tree import is_at_or_below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.adapters.ldap.checks.site import Site
    from idp.adapters.ldap.entries import Entry

_WORD = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*")+')
_DN = re.compile(r'dn(?:\.(?P<style>\w+)(?:,\w+)?)?="?(?P<dn>.*?)"?', re.IGNORECASE)
_LEVEL = re.compile(
    r"(?:real)?(?:self)?(none|disclose|auth|compare|search|read|write|add|delete|manage|[=+-][mwarscxdz0]*)", re.IGNORECASE
)
_CONTROLS = ("stop", "continue", "break")
_SHOWS_NOTHING = ("none", "disclose", "auth")
_ONE = ("exact", "base", "baseobject")
_MANY = ("subtree", "sub", "children", "one", "onelevel")

_WITHOUT_RULES = "to * by * read"
"""What slapd does where there is no rule at all."""


class _Reach(Enum):
    """How far a rule is about something. Where it can't be told (filters, expressions), it may be all, and may be nothing."""

    NONE = 0
    UNSURE = 1
    PART = 2
    WHOLE = 3


@dataclass(frozen=True, slots=True)
class _Clause:
    """One `by` of a rule.

    Args:
        who: as it is spelt.
        access: a level or privileges; empty when not given.
        control: stop, continue or break.
    """

    who: tuple[str, ...]
    access: str
    control: str

    @classmethod
    def read(cls, words: list[str]) -> _Clause:
        control = words.pop().lower() if words[-1].lower() in _CONTROLS else "stop"
        access = words.pop() if len(words) > 1 and _LEVEL.fullmatch(words[-1]) else ""
        return cls(tuple(words), access, control)

    @property
    def shows(self) -> bool:
        found = _LEVEL.fullmatch(self.access)
        level = found[1].lower() if found else "none"
        return any(right in level for right in "rsc") if level[0] in "=+" else level[0] != "-" and level not in _SHOWS_NOTHING

    @property
    def is_one(self) -> bool:
        """Tell whether this is about one identity at most."""
        return any((found := _DN.fullmatch(word)) and (found["style"] or "exact").lower() in _ONE for word in self.who)

    @property
    def is_clear(self) -> bool:
        """Tell whether it is plain whom this is about: not for a group, an expression or a condition on the connection."""
        if len(self.who) != 1 or self.control == "continue":
            return False
        found = _DN.fullmatch(self.who[0])
        return self.who[0].lower() in ("*", "anonymous", "users", "self") or bool(found and (found["style"] or "") in _MANY)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One value of olcAccess.

    Args:
        text: without its number.
        what: words between `to` and the first `by`.
        clauses: each `by`.
    """

    text: str
    what: list[str]
    clauses: list[_Clause]

    @classmethod
    def read(cls, value: str) -> _Rule:
        text = unnumbered(value)
        parts: list[list[str]] = [[]]
        for word in _WORD.findall(text):
            if word.lower() == "by":
                parts.append([])
            else:
                parts[-1].append(word)
        return cls(text, parts[0][1:], [_Clause.read(part) for part in parts[1:] if part])

    def reach(self, container: str, attribute: str) -> _Reach:
        """Tell whether this is about an attribute of the entries below a container."""
        reaches = [_reach(word, container, attribute) for word in self.what]
        return min(reaches, key=lambda reach: reach.value, default=_Reach.UNSURE)


def access_rules(site: Site) -> Iterator[Finding]:
    """Nobody reads, searches or compares hashes, or the values in the log, but whom a rule names by their DN."""
    config = site.config
    if config is None or config.database is None:
        return
    containers = (site.tree.users_dn, site.tree.people_dn)
    hashes = [(container, attribute) for container in containers for attribute in ("userPassword", "pwdHistory")]
    hashes.append((f"ou=services,{site.base_dn}", "userPassword"))
    yield from _exposed(_rules(config.database, config.frontend), hashes)
    if config.log_database is not None:
        yield from _exposed(_rules(config.log_database, config.frontend), [(LOG_DN, "reqMod"), (LOG_DN, "reqOld")])


def _rules(*databases: Entry | None) -> list[_Rule]:
    values = [value for entry in databases if entry is not None for value in entry.values.get("olcaccess", [])]
    return [_Rule.read(value) for value in values or [_WITHOUT_RULES]]


def _exposed(rules: list[_Rule], wanted: list[tuple[str, str]]) -> Iterator[Finding]:
    shown: dict[tuple[str, str, bool], list[str]] = {}
    for container, attribute in wanted:
        for rule, clause, is_clear in _showing(rules, container, attribute):
            key = (rule.text, " ".join(clause.who), is_clear)
            shown.setdefault(key, []).append(f"{attribute} below {container}")
    for (text, who, is_clear), what in shown.items():
        everything = ", ".join(dict.fromkeys(what))
        if is_clear:
            problem = f"an access rule shows {everything}, to whoever is meant by {who}: {text}"
            yield Finding(
                "access_rules", problem, "put a rule before it that gives no more than auth to them, or write to set one (=wx)"
            )
        else:
            problem = f"an access rule may show {everything}, to whoever is meant by {who}: {text}"
            yield Finding("access_rules", problem, "look at it yourself: it can't be judged from here", is_wrong=False)


def _showing(rules: list[_Rule], container: str, attribute: str) -> Iterator[tuple[_Rule, _Clause, bool]]:
    decided: set[tuple[str, ...]] = set()
    is_sure = True
    for rule in rules:
        reach = rule.reach(container, attribute)
        if reach is _Reach.NONE:
            continue
        is_sure = is_sure and reach is not _Reach.UNSURE
        here = set(decided)
        for clause in rule.clauses:
            if ("*",) in here:
                break
            if clause.who not in here and clause.shows and not clause.is_one:
                yield rule, clause, is_sure and clause.is_clear
            if clause.control != "continue":
                here.add(clause.who)
        goes_on = {clause.who for clause in rule.clauses if clause.control == "break"}
        if reach is _Reach.WHOLE:
            decided |= here - goes_on | (set() if ("*",) in goes_on else {("*",)})
        if ("*",) in decided:
            return


def _reach(word: str, container: str, attribute: str) -> _Reach:
    kind, _, value = word.partition("=")
    if word == "*":
        return _Reach.WHOLE
    if kind.lower() in ("attrs", "attr"):
        names = value.strip('"').lower().split(",")
        if attribute.lower() in names:
            return _Reach.WHOLE
        # Classes (@person, !person) and numbers stand for attributes that aren't named.
        return _Reach.UNSURE if any(name[:1] in "@!*0123456789" for name in names) else _Reach.NONE
    if kind.lower().startswith("val"):
        return _Reach.PART
    found = _DN.fullmatch(word)
    return _reach_of_dn((found["style"] or "exact").lower(), found["dn"], container) if found else _Reach.UNSURE


def _reach_of_dn(style: str, dn: str, container: str) -> _Reach:
    if style in ("subtree", "sub", "children") and is_at_or_below(container, dn):
        return _Reach.WHOLE
    if style not in (*_ONE, *_MANY):
        return _Reach.UNSURE
    if is_at_or_below(dn, container):
        return _Reach.PART
    return _Reach.NONE
