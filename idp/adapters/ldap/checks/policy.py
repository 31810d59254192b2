"""Whether the password policies say what the service tells people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldap3.core.results import RESULT_ASSERTION_FAILED

from idp.adapters.ldap.checks.findings import Finding
from idp.adapters.ldap.checks.shape import INSTALL
from idp.adapters.ldap.password_policy import POLICY_CONTROL, assertion, is_entry
from idp.adapters.ldap.people import NOBODYS_UUID
from idp.domain.password_rules import MAX_CHARACTERS, MIN_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.adapters.ldap.checks.site import Site
    from idp.adapters.ldap.entries import Entry

_RULES = {
    "pwdLockout": ("TRUE", "FALSE", "a lock that tooling writes (pwdAccountLockedTime) holds nobody back"),
    "pwdMaxFailure": ("0", "0", "strangers can lock users out by guessing"),
    "pwdMustChange": ("FALSE", "FALSE", "a released user can't reset its password"),
    "pwdSafeModify": ("FALSE", "FALSE", "no reset works, since nobody has the old password"),
}
"""By attribute: what it must be, what it is where it is not given, and what happens otherwise."""


_DAY_S = 24 * 3600
_NO_END_S = 50 * 365 * _DAY_S
"""An age so long is none; the policy of people has one, which makes slapd keep the moment of each change."""


def module(site: Site) -> Iterator[Finding]:
    """The server knows password policies."""
    root = site.as_anybody.read("", "supportedControl")
    if root is not None and POLICY_CONTROL[0] not in root.values.get("supportedcontrol", []):
        yield Finding("module", "the server has no overlay ppolicy: no policy holds", INSTALL)


def in_force(site: Site) -> Iterator[Finding]:
    """A policy holds for users: a password of one letter is refused.

    Nothing is written: an assertion stands beside it that holds for no entry, and slapd looks at that after the policy.
    """
    never = assertion(is_entry(NOBODYS_UUID))
    code = site.as_service.writer.replace(site.probe, {"userPassword": "x"}, [never])["result"]
    if code == RESULT_ASSERTION_FAILED:
        problem = "a password of one letter would be taken: no policy holds, or one without pwdMinLength and pwdCheckQuality"
        yield Finding("in_force", problem, INSTALL)


def users_policy(site: Site) -> Iterator[Finding]:
    """The policy of koppelgebruikers: the 24 hours, and nothing that shuts people out."""
    dn = site.tree.users_policy_dn
    wanted = str(round(site.cooldown.total_seconds()))
    told = f"pages and mails tell people of {site.cooldown.total_seconds() / 3600:g} hours (directory.cooldown_h)"
    yield from _judge("users_policy", dn, site.as_service.read(dn), wanted, told)


def people_policy(site: Site) -> Iterator[Finding]:
    """The policy of owners: nobody waits for a portal password."""
    dn = site.tree.people_policy_dn
    yield from _judge("people_policy", dn, site.as_service.read(dn), "0", "owners would have to wait for a new portal password")


def _judge(check: str, dn: str, policy: Entry | None, min_age: str, why: str) -> Iterator[Finding]:
    if policy is None:
        yield Finding(check, f"{dn} is missing, or hidden from the service", INSTALL)
        return
    rules = {"pwdMinAge": (min_age, "0", why), **_RULES}
    for attribute, (wanted, absent, harm) in rules.items():
        stands = policy.first(attribute) or absent
        if stands.upper() != wanted:
            yield Finding(check, f"{attribute} of {dn} is {stands}: {harm}", f"set it to {wanted}")
    yield from _lengths(check, dn, policy)
    yield from _ends(check, dn, policy)


def _lengths(check: str, dn: str, policy: Entry) -> Iterator[Finding]:
    # In bytes, where pages count characters: what is asked for here may be refused there, never the other way round.
    shortest, longest = (int(policy.first(attribute) or 0) for attribute in ("pwdMinLength", "pwdMaxLength"))
    if shortest > MIN_CHARACTERS:
        problem = f"pwdMinLength of {dn} is {shortest}: pages ask for {MIN_CHARACTERS} characters, and then refuse them"
        yield Finding(check, problem, f"set it to {MIN_CHARACTERS}")
    if 0 < longest < MAX_CHARACTERS:
        problem = f"pwdMaxLength of {dn} is {longest}: pages take {MAX_CHARACTERS} characters, and then refuse them"
        yield Finding(check, problem, "delete it")


def _ends(check: str, dn: str, policy: Entry) -> Iterator[Finding]:
    # slapd answers with invalidCredentials, as to a wrong password: neither a page nor an application is told that it ended.
    for attribute, since in (("pwdMaxAge", "after its change"), ("pwdMaxIdle", "after its last use")):
        seconds = int(policy.first(attribute) or 0)
        if 0 < seconds < _NO_END_S:
            problem = f"{attribute} of {dn} is {seconds}: {seconds / _DAY_S:g} days {since} a right password is told to be wrong"
            yield Finding(check, problem, "set it to 0")
