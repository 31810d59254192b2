"""People by the thousand, loaded while the server stands still."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN

if TYPE_CHECKING:
    from idp.adapters.slapd import EmbeddedSlapd

USERS_OF_AN_OWNER = 2

_OWNER = """dn: {dn}
objectClass: inetOrgPerson
uid: {uid}
cn: Anna de Vries {number}
sn: de Vries
mail: {mail}
preferredLanguage: nl
pwdPolicySubentry: cn=people,ou=policies,{base}

"""

_USER = """dn: uid={uid},{container}
objectClass: account
objectClass: koppelgebruiker
uid: {uid}
administratie: A-{number}
owner: {owner}

"""


def uid(number: int) -> str:
    """Give a user's name."""
    return f"U4BB{number:07}"


def owner_dn(number: int) -> str:
    """Give the DN of an owner."""
    return f"uid=o{number},{PEOPLE_DN}"


def mail(number: int) -> str:
    """Give an owner's address."""
    return f"owner{number}@example.nl"


def load(embedded: EmbeddedSlapd, users: int, of_an_owner: int = USERS_OF_AN_OWNER) -> None:
    """Load users without passwords, so many of each owner; past the overlays, as slapadd does."""
    file = embedded.state / "population.ldif"
    with file.open("w", encoding="utf-8") as ldif:
        for number in range(-(-users // of_an_owner)):
            facts = {"dn": owner_dn(number), "uid": f"o{number}", "mail": mail(number), "base": BASE_DN}
            ldif.write(_OWNER.format(number=number, **facts))
        for number in range(users):
            owner = owner_dn(number // of_an_owner)
            ldif.write(_USER.format(uid=uid(number), number=number, owner=owner, container=USERS_DN))
    command = [str(embedded.program), "-T", "add", "-q", "-n", "2", "-F", "config", "-l", file.name]
    subprocess.run(command, cwd=embedded.state, check=True, capture_output=True)  # noqa: S603  # our own words
    file.unlink()
