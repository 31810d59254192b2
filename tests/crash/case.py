"""One koppelgebruiker with its owner, in a database of their own, and what must be true of them in the end."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from ldap3 import NONE, Connection, Server

from idp.domain.reset_request import CLAIM_LEASE
from tests.crash.mailbox import CONFIRMATION, RESET
from tests.crash.steps import Account
from tests.crash.trace import Order
from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN

if TYPE_CHECKING:
    from tests.crash.installation import Installation
    from tests.crash.mailbox import Letter
    from tests.crash.steps import Step
    from tests.crash.trace import Page, Trace

OLD = "het wachtwoord van vorige maand"
NEW = "vier losse woorden achter elkaar"
ANOTHER = "paarden eten geen blauwe soep"
THIRD = "zeven eenden varen naar schiermonnikoog"
TOO_LATE = "dit komt er echt niet meer in"
PASSWORDS = (OLD, NEW, ANOTHER, THIRD, TOO_LATE)

LATER_S = CLAIM_LEASE.total_seconds()
"""When whoever held a claim must have died."""

_OWNER_PASSWORD = "anna logt in met een zin"

# The last change is long ago: a second one within the same second could not be told from none, and no cooldown is in the way.
_PEOPLE = """
dn: {owner}
changetype: add
objectClass: inetOrgPerson
cn: Anna de Vries
sn: de Vries
mail: {mail}
userPassword: {owner_password}
pwdPolicySubentry: cn=people,ou=policies,{base}

dn: {user}
changetype: add
objectClass: account
objectClass: koppelgebruiker
administratie: Bakkerij De Vries
owner: {owner}
userPassword: {password}

dn: {user}
changetype: modify
replace: pwdChangedTime
pwdChangedTime: 20250102030405Z
"""

_LATE_PAGES = [("link", 410), ("password", 410), ("readyz", 200), (RESET, 410), (CONFIRMATION, 200)]
"""A used link is dead, whoever comes with it; the one of *Was jij dit niet?* lives."""

_STOCK = {
    "audit broken at": [],
    "resets completed": 1,
    "grants ended": ["1"],
    "grants": 0,
    "claims": 0,
    "letters waiting": 0,
}


@dataclass(frozen=True)
class Case:
    """A reset to be killed in.

    Args:
        installation: where it runs.
        account: the koppelgebruiker, with an old password, and its owner.
    """

    installation: Installation
    account: Account

    @classmethod
    def begin(cls, installation: Installation) -> Case:
        """Make an owner and a koppelgebruiker that has a password, in an empty database."""
        bare = f"U4BB{secrets.token_hex(4).upper()}"
        account = Account(bare, f"{bare.lower()}@example.nl", _OWNER_PASSWORD, str(installation.mailbox.folder))
        installation.begin_anew()
        ldif = _PEOPLE.format(
            owner=f"uid={bare.lower()},{PEOPLE_DN}",
            user=f"uid={bare},{USERS_DN}",
            mail=account.mail,
            owner_password=_OWNER_PASSWORD,
            password=OLD,
            base=BASE_DN,
        )
        installation.slapd.modify(ldif, "-e", "relax")
        return cls(installation, account)

    def run(self, *steps: Step, ahead_s: float = 0, kill_after: int | None = None, warm_up: bool = False) -> Trace:
        """Have steps done by a new process; the arguments are those of `Order`."""
        journal = str(self.installation.journal)
        return self.installation.run(Order(asdict(self.account), steps, journal, ahead_s, kill_after, warm_up))

    # -- what is true now ------------------------------------------------------------------------------------------------

    def password(self) -> str:
        """Ask slapd which password it takes; it must be exactly one."""
        taken = [password for password in PASSWORDS if self._binds(password)]
        assert len(taken) == 1, taken
        return taken[0]

    def letters(self, kind: str) -> list[Letter]:
        """Give what its owner received of one kind."""
        return self.installation.mailbox.letters(kind, self.account.mail)

    def _binds(self, password: str) -> bool:
        server = Server(self.installation.slapd.embedded.ldap_url, get_info=NONE)
        connection = Connection(server, f"uid={self.account.bare},{USERS_DN}", password)
        taken = bool(connection.bind())
        connection.unbind()
        return taken

    # -- the end ---------------------------------------------------------------------------------------------------------

    def end(self, *steps: Step, password: str, resets: int = 1, confirmations: int = 1) -> list[Page]:
        """Do what is left, when all claims of the dead are stale; see that everything was done, and each thing once.

        Args:
            steps: what is left.
            password: that must be in force in the end.
            resets: how often the reset's mail must have come.
            confirmations: how often the confirmation.

        Returns:
            the pages of the steps.
        """
        late = ("choose", {"password": TOO_LATE})
        trace = self.run(*steps, late, ("look", {}), ("take stock", {}), ahead_s=LATER_S)
        assert self.password() == password
        self._assert_mail(RESET, resets)
        self._assert_mail(CONFIRMATION, confirmations)
        assert trace.pages[-len(_LATE_PAGES) :] == _LATE_PAGES
        assert trace.stock == _STOCK
        return trace.pages[: -len(_LATE_PAGES)]

    def _assert_mail(self, kind: str, count: int) -> None:
        letters = self.letters(kind)
        assert len(letters) == count, (kind, letters)
        assert len(set(letters)) == 1, letters  # also the same Message-ID, and the same link
