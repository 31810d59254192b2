"""One thread of the load: a few koppelgebruikers, and what owners, applications and admins do with them, one after another."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from tests.torture.application import Application
from tests.torture.asking import NotNow
from tests.torture.facts import NONE, Forbidden
from tests.torture.owner import Owners

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random
    from threading import Event

    from tests.torture.court import Court
    from tests.torture.facts import Link
    from tests.torture.model import Account
    from tests.torture.office import Office
    from tests.torture.place import Place

_PAUSES_S = (0.1, 0.6)
_APART_S = 1.2
"""Between two changes of one password: the directory tells them apart by the second."""

_ON_ITS_WAY_S = 3.0
"""So long after a fault something that nobody heard of may still be done."""

_MOSTLY, _SOMETIMES = 0.8, 0.3

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


@dataclass
class Household:
    """The people.

    Args:
        place: whom they ask.
        court: hears the answers.
        office: their admin.
        random: decides what they do.
        name: what their names begin with.
        most: so many users at a time.
        accounts: users.
        gone: those that were deleted.
    """

    place: Place
    court: Court
    office: Office
    random: Random
    name: str
    most: int = 0
    accounts: list[Account] = field(default_factory=list)
    gone: list[Account] = field(default_factory=list)
    _doubted_at: dict[str, float] = field(default_factory=dict)
    _changed_at: dict[str, float] = field(default_factory=dict)
    _made: int = 0

    def __post_init__(self) -> None:
        """Ask by an application, and in browsers."""
        self.application = Application(self.place, self.court)
        self.owners = Owners(self.place, self.court)

    def move_in(self, count: int) -> None:
        """Make people who have all that they can have."""
        self.most = count
        for _ in range(count):
            account = self.office.make(self._new_name(), self.new_password())
            self.office.set_password(account, self.new_password())
            self._changed_at[account.uid] = monotonic()
            self.accounts.append(account)

    def live(self, stop: Event) -> None:
        """Do one thing after another."""
        while not stop.wait(self.random.uniform(*_PAUSES_S)):
            account = self.random.choice(self.accounts)
            try:
                self.step(account)
            except NotNow:
                self._doubted_at[account.uid] = monotonic()
            except Forbidden as exc:
                self.court.condemn(str(exc))
                self.accounts.remove(account)  # what is true of it nobody knows any more
            self._replace()

    def step(self, account: Account) -> None:
        """Do one thing. Raises `Forbidden`, `NotNow`."""
        if not account.is_certain and self.court.is_quiet(self._doubted_at.get(account.uid, 0.0), _ON_ITS_WAY_S):
            self.office.look(account)
            if account.there == {False}:
                return
        ways: dict[Callable[[Account], None], int] = {
            self._log_in: 12,
            self._mistype: 4,
            self._refresh: 8,
            self._introspect: 8,
            self._serve: 4,
            self._look_at_portal: 4,
            self._reset: 6,
            self._haunt: 2,
            self._change: 3,
            self._block: 3,
            self._remove: 1,
        }
        (way,) = self.random.choices(list(ways), list(ways.values()))
        way(account)

    def new_password(self) -> str:
        """Give one that nobody has had."""
        return "".join(self.random.choices(_LETTERS, k=20))

    # -- applications ------------------------------------------------------------------------------------------------------

    def _log_in(self, account: Account) -> None:
        password = self.random.choice(sorted(account.passwords))
        if password != NONE:
            self.application.log_in(account, password)

    def _mistype(self, account: Account) -> None:
        self.application.log_in(account, "niet het goede wachtwoord")

    def _refresh(self, account: Account) -> None:
        if account.held:
            self.application.refresh(account, self.random.choice(account.held))

    def _introspect(self, account: Account) -> None:
        if account.held:
            self.application.introspect(account, self.random.choice(account.held))

    def _serve(self, account: Account) -> None:
        del account
        self.application.ask_for_itself()

    def _haunt(self, account: Account) -> None:
        """Come with what somebody had who is gone."""
        del account
        if self.gone:
            ghost = self.random.choice(self.gone)
            for held in ghost.held[:1]:
                self.application.introspect(ghost, held)
            self.application.log_in(ghost, self.random.choice(sorted(ghost.passwords)) or "niemands wachtwoord")

    # -- owners ------------------------------------------------------------------------------------------------------------

    def _look_at_portal(self, account: Account) -> None:
        if account.portal_password:
            password = account.portal_password if self.random.random() < _MOSTLY else "niet het goede wachtwoord"
            self.owners.look_at_portal(account, password)

    def _reset(self, account: Account) -> None:
        """Go one step on: ask, or look for the letter, or choose a password."""
        if account.asked is not None:
            self.owners.look_for_letter(account)
        elif account.link is not None:
            self._choose(account, account.link)
        elif account.is_certain and account.is_open:
            self.office.release(account)
            self.owners.ask(account, with_ticket=bool(account.portal_password) and self.random.random() < _SOMETIMES)

    def _choose(self, account: Account, link: Link) -> None:
        if self._is_too_soon(account):
            return
        passwords = [self.new_password() for _ in range(2 if self.random.random() < _SOMETIMES else 1)]
        try:
            if not self.owners.choose(account, link, passwords):
                return
        finally:
            self._changed_at[account.uid] = monotonic()
        account.link = None
        if link.used:
            self.application.log_in(account, account.password)
            self.owners.submit_again(account, link, self.new_password())

    # -- admins ------------------------------------------------------------------------------------------------------------

    def _change(self, account: Account) -> None:
        if account.asked is not None or account.there != {True} or self._is_too_soon(account):
            return
        try:
            self.office.set_password(account, self.new_password())
        finally:
            self._changed_at[account.uid] = monotonic()

    def _block(self, account: Account) -> None:
        if account.shut != {False}:
            self.office.unblock(account)
        elif account.asked is None:
            self.office.block(account)

    def _remove(self, account: Account) -> None:
        if account.asked is None:
            self.office.remove(account)

    def _replace(self) -> None:
        """Put somebody new, who has nothing yet, in the place of who is gone."""
        for account in [account for account in self.accounts if account.there == {False}]:
            self.accounts.remove(account)
            self.gone.append(account)
        while len(self.accounts) < self.most:
            try:
                self.accounts.append(self.office.make(self._new_name()))
            except NotNow:
                return

    def _is_too_soon(self, account: Account) -> bool:
        return monotonic() - self._changed_at.get(account.uid, 0.0) < _APART_S

    def _new_name(self) -> str:
        self._made += 1
        return f"{self.name}{self._made:04d}"
