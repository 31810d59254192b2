"""A look at a directory for everything in it that would hurt us. Nothing is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from idp.adapters.ldap.border import TooMuchToRead
from idp.adapters.ldap.checks import access_rules, configuration, following, hashes, people, policy, reaching, rights, shape
from idp.adapters.ldap.checks.findings import Finding, unseen
from idp.adapters.ldap.checks.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Check: TypeAlias = Callable[[Site], Iterator[Finding]]

__all__ = ["Finding", "Site", "look", "look_at_people", "look_quickly"]

_FIRST: tuple[Check, ...] = (reaching.encrypted, reaching.certificate, reaching.reachable)

_THEN: tuple[Check, ...] = (shape.containers,)
"""Where these find something, the others have nothing to look at."""

_BY_THE_SERVICE: tuple[Check, ...] = (
    shape.look_ups,
    shape.schema,
    shape.controls,
    reaching.clock,
    policy.module,
    policy.in_force,
    policy.users_policy,
    policy.people_policy,
    rights.hashes_hidden,
    rights.log_hidden,
    rights.not_too_many,
    rights.not_too_few,
)

_BY_AN_OPERATOR: tuple[Check, ...] = (
    rights.reads_people,
    configuration.configuration,
    configuration.indexes,
    configuration.uniqueness,
    configuration.policy_overlay,
    configuration.hashing,
    configuration.change_log,
    configuration.size_limits,
    access_rules.access_rules,
    hashes.decoy,
    hashes.of_another_cost,
    hashes.loaded_offline,
)

_OF_EVERYBODY: tuple[Check, ...] = (people.owners, people.users)


def look(site: Site, watch: Callable[[str, float], None] = lambda _name, _part: None) -> list[Finding]:
    """Look at everything.

    Args:
        site: what is looked at.
        watch: told, before each look, its name and which part of all looks has been done.

    Raises:
        DirectoryUnavailable: the server went away meanwhile, or refuses the operator.
    """
    return _found(site, (*_BY_THE_SERVICE, following.followed, *_BY_AN_OPERATOR, *_OF_EVERYBODY), watch)


def look_quickly(site: Site) -> list[Finding]:
    """Look at what the service's own identity sees, without reading everybody. Raises as `look`."""
    return _found(site, _BY_THE_SERVICE, lambda _name, _part: None)


def look_at_people(site: Site) -> list[Finding]:
    """Look at owners and users, as many as `site.at_most`. Raises as `look`."""
    found = _found(site, _OF_EVERYBODY, lambda _name, _part: None)
    return [finding for finding in found if finding.check != "certificate"]


def _found(site: Site, further: tuple[Check, ...], watch: Callable[[str, float], None]) -> list[Finding]:
    found: list[Finding] = []
    done, count = 0, len(_FIRST) + len(_THEN) + len(further)
    for checks in (_FIRST, _THEN, further):
        new = []
        for check in checks:
            watch(check.__name__, done / count)
            new += _findings(check, site)
            done += 1
        found += new
        if checks is not further and any(finding.check != "certificate" for finding in new):
            break
    return found


def _findings(check: Check, site: Site) -> list[Finding]:
    try:
        return list(check(site))
    except TooMuchToRead:
        return [unseen(check.__name__, "everybody at a time", site.as_anybody.name)]
