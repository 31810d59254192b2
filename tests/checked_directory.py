"""A directory that is looked at as `idp directory check` does, and ways to break it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from idp.adapters.ldap import LdapServer, SimpleBind
from idp.adapters.ldap.checks import Finding, Site, look
from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN

if TYPE_CHECKING:
    from idp.adapters.ldap.server import Identity
    from idp.adapters.slapd import EmbeddedSlapd
    from tests.slapd import RunningSlapd

USER_DN = f"uid=U4BBGA0008,{USERS_DN}"
OWNER_DN = f"uid=anna,{PEOPLE_DN}"
SERVICE_DN = f"cn=idp,ou=services,{BASE_DN}"
USERS_POLICY_DN = f"cn=koppelgebruikers,ou=policies,{BASE_DN}"
PEOPLE_POLICY_DN = f"cn=people,ou=policies,{BASE_DN}"
DATABASE_DN = "olcDatabase={2}mdb,cn=config"

PEOPLE = f"""dn: {OWNER_DN}
changetype: add
objectClass: inetOrgPerson
uid: anna
cn: Anna de Vries
sn: de Vries
mail: anna@example.nl
pwdPolicySubentry: {PEOPLE_POLICY_DN}

dn: {USER_DN}
changetype: add
objectClass: account
objectClass: koppelgebruiker
uid: U4BBGA0008
administratie: A-0008
owner: {OWNER_DN}
userPassword: een lange eerste wachtzin
"""


class Now:
    """The time that slapd goes by as well, or another."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        """The moment."""
        return datetime.now(UTC) + self._ahead


def site(embedded: EmbeddedSlapd, operator: Identity | None = None, **facts: Any) -> Site:  # noqa: ANN401  # any field of a site
    """Make a site of an embedded directory; `facts` are the configuration's mistakes."""
    server = LdapServer(embedded.ldapi_url, timeout_s=2)
    service = SimpleBind(embedded.service_dn, embedded.service_password_file.read_text())
    known: dict[str, Any] = {
        "server": server,
        "base_dn": BASE_DN,
        "service": service,
        "decoy_dn": embedded.decoy_dn,
        "cooldown": timedelta(hours=24),
        "clock": Now(),
        "operator": operator,
    }
    return Site(**known | facts)


def looked(seen: Site) -> list[Finding]:
    """Look, and let go."""
    try:
        return look(seen)
    finally:
        seen.close()


def faults(seen: Site) -> list[Finding]:
    """Look, and give what is wrong."""
    return [finding for finding in looked(seen) if finding.is_wrong]


def modification(dn: str, *lines: str) -> str:
    """Write one Modify as LDIF."""
    return "\n".join([f"dn: {dn}", "changetype: modify", *lines, ""])


def rule(text: str) -> str:
    """Put an access rule before all others of the database."""
    return modification(DATABASE_DN, "add: olcAccess", f"olcAccess: {{0}}{text}")


def whole(access: str) -> str:
    """Give the service a right to users' passwords that it must not have."""
    return rule(f'to dn.subtree="{USERS_DN}" attrs=userPassword by dn.exact="{SERVICE_DN}" {access} by anonymous auth by * none')


def without(dn: str, *values: str) -> str:
    """Take values away."""
    lines = [line for value in values for line in (f"delete: {value.partition(':')[0]}", value, "-")]
    return modification(dn, *lines)


def an_admin_of_entries_alone(running: RunningSlapd) -> SimpleBind:
    """Give the database another admin, who sees all entries, and nothing of the server's configuration."""
    admin = SimpleBind(f"cn=beheer,{BASE_DN}", "beheerder")
    lines = ("replace: olcRootDN", f"olcRootDN: {admin.dn}", "-", "replace: olcRootPW", f"olcRootPW: {admin.password}")
    running.modify(modification(DATABASE_DN, *lines))
    return admin
