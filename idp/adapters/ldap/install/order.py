"""Lists of a database of which the first value that fits decides: access rules and limits. Ours go in front, as a whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp.adapters.ldap.install.changes import AddValues
from idp.adapters.ldap.server_config import unnumbered

if TYPE_CHECKING:
    from idp.adapters.ldap.entries import Entry
    from idp.adapters.ldap.install.others import Others
    from idp.adapters.ldap.install.plan import Plan
    from idp.domain.ldif import Record

_OURS = re.compile(r"to (?:dn\.|attrs=(?:req|entry,))")
"""Access rules about our containers, and about the service in the log; the embedded directory's others are about everything."""

_OF_PEOPLE = re.compile(r'to dn\.subtree="ou=people,[^"]*"(?! attrs=(?:userPassword|pwdHistory) )')
"""Those about owners, but for their passwords."""

_SHARED = "ou=people holds others: who else may read and change what is there, our owners too, is left to the rules behind ours"


def put_in_front(plan: Plan, database: Entry, attribute: str, wanted: list[str]) -> None:
    """Plan for what is missing; of a list that somebody has changed, each is named.

    Args:
        plan: what is to be done.
        database: whose list it is.
        attribute: the list.
        wanted: ours, in order.
    """
    present = _present(database, attribute)
    missing = [value for value in wanted if spelling(value) not in present]
    if len(missing) == len(wanted):
        plan.changes.append(AddValues(database.dn, attribute, tuple(wanted)))
        return
    plan.remarks += [f"{attribute} has some of our values, but not this one: {unnumbered(value)}" for value in missing]


def put_rules(plan: Plan, database: Entry, wanted: Record, others: Others) -> None:
    """Plan for access rules, as `put_in_front`, so that they bind nobody who was there before; name what stands before them.

    Args:
        plan: what is to be done.
        database: whose rules they are.
        wanted: the embedded directory's database of the same kind.
        others: who was there before.
    """
    present = _present(database, "olcAccess")
    rules = [rule for rule in wanted.all("olcAccess") if _OURS.match(unnumbered(rule))]
    if any(spelling(rule) in present for rule in rules):
        rules = [shared if spelling(shared := _shared(rule)) in present else rule for rule in rules]
    elif any(_shared(rule) != rule for rule in rules) and others.among_people:
        rules = [_shared(rule) for rule in rules]
        plan.remarks.append(_SHARED)
    put_in_front(plan, database, "olcAccess", rules)
    ours = [present.index(spelling(rule)) for rule in rules if spelling(rule) in present]
    before = database.values.get("olcaccess", [])[: max(ours, default=0)]
    strange = [unnumbered(value) for value in before if spelling(value) not in map(spelling, rules)]
    plan.remarks += [f"olcAccess of {database.dn} has this before ours: {value}" for value in strange]


def spelling(value: str) -> str:
    """Write a value without its position, and as slapd may have spelt it."""
    return " ".join(unnumbered(value).split()).lower()


def _present(database: Entry, attribute: str) -> list[str]:
    return [spelling(value) for value in database.values.get(attribute.lower(), [])]


def _shared(rule: str) -> str:
    return rule.removesuffix("none") + "break" if _OF_PEOPLE.match(unnumbered(rule)) else rule
