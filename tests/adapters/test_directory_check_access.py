"""A directory that shows hashes, to whomever: found by looking as a stranger, and by its access rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.adapters.ldap import SocketIdentity
from tests.checked_directory import DATABASE_DN, SERVICE_DN, faults, looked, modification, rule, site, without
from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN

if TYPE_CHECKING:
    from tests.slapd import RunningSlapd

LOG_DATABASE_DN = "olcDatabase={1}mdb,cn=config"
WRITES = f'by dn.exact="{SERVICE_DN}" =wx'


def rule_of_the_log(text: str) -> str:
    """Put an access rule before all others of the log."""
    return modification(LOG_DATABASE_DN, "add: olcAccess", f"olcAccess: {{0}}{text}")


TO_STRANGERS = {
    "read": (rule(f"to attrs=userPassword {WRITES} by * read"), "hashes_hidden", "userPassword"),
    "search": (rule(f'to dn.subtree="{USERS_DN}" attrs=userPassword {WRITES} by * =xs'), "hashes_hidden", "userPassword"),
    "log": (rule_of_the_log("to * by * read"), "log_hidden", "what was changed"),
}
ENTRIES = rule(f'to dn.subtree="{BASE_DN}" attrs=entry,objectClass by * read')
"""Strangers see that somebody is there, as in most directories of one's own."""


@pytest.mark.parametrize("case", TO_STRANGERS)
def test_what_strangers_see_is_found_without_an_operator(broken: RunningSlapd, case: str) -> None:
    """The service sees none of it, since a rule of its own comes first; anybody could take all hashes away and guess at them."""
    change, check, words = TO_STRANGERS[case]
    broken.modify(ENTRIES)
    assert faults(site(broken.embedded)) == []
    broken.modify(change)
    found = faults(site(broken.embedded))
    assert check in {finding.check for finding in found}
    assert any(words in finding.problem and "everybody" in finding.problem for finding in found), found


def test_a_server_that_tells_strangers_nothing_is_sound(broken: RunningSlapd) -> None:
    """It refuses them with an error, which is no failure of the look."""
    broken.modify(modification("cn=config", "add: olcRequires", "olcRequires: authc"))
    assert looked(site(broken.embedded, SocketIdentity())) == []


SHOWING = {
    "users": (rule(f"to attrs=userPassword {WRITES} by anonymous auth by users read"), "by users read"),
    "themselves": (
        rule(f'to dn.subtree="{PEOPLE_DN}" attrs=userPassword {WRITES} by self write by anonymous auth'),
        "by self write",
    ),
    "compare": (rule(f'to dn.children="{USERS_DN}" attrs=pwdHistory by users =c'), "pwdHistory"),
    "all of a folder": (
        rule(
            f'to dn.subtree="{USERS_DN}" attrs=userPassword {WRITES} by dn.subtree="ou=support,{BASE_DN}" read by anonymous auth'
        ),
        "ou=support",
    ),
    "one level": (rule(f'to dn.one="{USERS_DN}" attrs=userPassword {WRITES} by users search by * auth'), "by users search"),
    "after a break": (
        rule(f"to attrs=userPassword {WRITES} by anonymous auth by * break")
        + "\n"
        + modification(DATABASE_DN, "add: olcAccess", "olcAccess: {1}to * by users manage by * break"),
        "by users manage",
    ),
    "log": (rule_of_the_log("to * by users read by * none"), "reqMod below cn=accesslog"),
    "no rule": (
        "\n".join(
            (
                without("olcDatabase={-1}frontend,cn=config", "olcAccess: {2}to * by * none"),
                modification(LOG_DATABASE_DN, "delete: olcAccess"),
                modification("olcDatabase={-1}frontend,cn=config", "delete: olcAccess"),
            )
        ),
        "reqOld below cn=accesslog",
    ),
}


@pytest.mark.parametrize("case", SHOWING)
def test_a_rule_that_shows_hashes_is_named(broken: RunningSlapd, case: str) -> None:
    """Neither the service nor a stranger sees what it shows to others: to each owner, to support, to an application."""
    change, words = SHOWING[case]
    broken.modify(change)
    found = [finding for finding in faults(site(broken.embedded, SocketIdentity())) if finding.check == "access_rules"]
    assert len(found) == 1, found
    assert words in found[0].problem


UNCLEAR = {
    "filter": f"to filter=(objectClass=account) attrs=userPassword {WRITES} by anonymous auth by users read",
    "group": f'to attrs=userPassword {WRITES} by group.exact="cn=admins,{BASE_DN}" write by anonymous auth by * none',
    "expression": f'to attrs=userPassword {WRITES} by dn.regex="^uid=([^,]+),ou=apps" read by anonymous auth by * none',
    "connection": f"to attrs=userPassword {WRITES} by users peername.ip=127.0.0.1 read by anonymous auth by * none",
}


@pytest.mark.parametrize("case", UNCLEAR)
def test_a_rule_that_cannot_be_judged_is_left_to_people(broken: RunningSlapd, case: str) -> None:
    """It may be meant so, and is neither passed over nor called wrong."""
    broken.modify(rule(UNCLEAR[case]))
    found = looked(site(broken.embedded, SocketIdentity()))
    assert [(finding.check, finding.is_wrong) for finding in found] == [("access_rules", False)], found
    assert "yourself" in found[0].remedy


HARMLESS = {
    "an admin by name": f'to attrs=userPassword {WRITES} by dn.exact="cn=admin,{BASE_DN}" write by anonymous auth by * none',
    "others go on": f'to * by dn.exact="cn=admin,{BASE_DN}" manage by * break',
    "another folder": f'to dn.subtree="ou=support,{BASE_DN}" by users read',
    "other attributes": f'to dn.subtree="{USERS_DN}" attrs=entry,uid by dn.exact="{SERVICE_DN}" read by users read by * none',
    "takes rights away": "to attrs=pwdHistory by users -rsc by * none",
}


@pytest.mark.parametrize("case", HARMLESS)
def test_rules_of_ones_own_that_show_no_hash_are_none_of_our_business(broken: RunningSlapd, case: str) -> None:
    """A look that cries wolf is not looked at again."""
    broken.modify(rule(HARMLESS[case]))
    assert looked(site(broken.embedded, SocketIdentity())) == []
