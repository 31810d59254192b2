"""Hashes that take another time than those of unknown names, by which somebody could tell who exists."""

from __future__ import annotations

import pytest

from idp.adapters.ldap import SocketIdentity
from tests.checked_directory import OWNER_DN, PEOPLE_POLICY_DN, USER_DN, an_admin_of_entries_alone, faults, modification, site
from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN, RunningSlapd

SSHA = "{SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
DEAR = "{ARGON2}$argon2i$v=19$m=4096,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def another(uid: str, hashed: str) -> str:
    """Add a koppelgebruiker with a hash from elsewhere."""
    return (
        f"dn: uid={uid},{USERS_DN}\nchangetype: add\nobjectClass: account\nobjectClass: koppelgebruiker\nuid: {uid}\n"
        f"administratie: A\nowner: {OWNER_DN}\nuserPassword: {hashed}\n"
    )


def owner(hashed: str) -> str:
    """Add an owner with a hash from elsewhere."""
    return (
        f"dn: uid=bea,{PEOPLE_DN}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: bea\ncn: Bea\nsn: Bea\n"
        f"mail: bea@example.nl\npwdPolicySubentry: {PEOPLE_POLICY_DN}\nuserPassword: {hashed}\n"
    )


OTHERS = {
    "one": (another("U1", SSHA), "1 koppelgebruikers"),
    "dearer": (another("U1", DEAR), "1 koppelgebruikers"),
    "an owner": (owner(SSHA), "1 owners"),
    "all": (
        modification(USER_DN, "replace: userPassword", f"userPassword: {SSHA}") + "\n" + another("U1", SSHA),
        "2 koppelgebruikers",
    ),
}


@pytest.mark.parametrize("case", OTHERS)
@pytest.mark.parametrize("configured", [True, False])
def test_users_with_another_hash_are_counted(broken: RunningSlapd, case: str, *, configured: bool) -> None:
    """Beside a sound one, or all of them after a migration: the decoy is right, and it is them who have to change."""
    change, words = OTHERS[case]
    broken.modify(change)
    if configured or case == "dearer":  # nothing else says that it is dearer than what the server makes
        found = faults(site(broken.embedded, SocketIdentity()))
    else:
        admin = an_admin_of_entries_alone(broken)
        found = faults(site(broken.embedded, admin))
    assert [finding.check for finding in found] == ["of_another_cost"], found
    assert words in found[0].problem
    assert "until their next change" in found[0].remedy


def test_a_decoy_of_former_times_is_told(broken: RunningSlapd) -> None:
    """Dearer than everybody's: unknown names take longer. Users have what the server makes, and are not blamed for it."""
    broken.modify(modification(f"cn=decoy,ou=services,{BASE_DN}", "replace: userPassword", f"userPassword: {DEAR}"))
    found = faults(site(broken.embedded, SocketIdentity()))
    assert [finding.check for finding in found] == ["decoy"]
