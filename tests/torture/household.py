"""One thread of the load: a few koppelgebruikers, and what owners, applications and admins do with them, one after another."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from tests.torture.application import Application
from tests.torture.asking import NotNow
from tests.torture.model import NONE, Forbidden

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random
    from threading import Event

    from tests.torture.court import Court
    from tests.torture.model import Account
    from tests.torture.office import Office
    from tests.torture.place import Place

_PAUSES_S = (0.1, 0.6)
_APART_S = 1.2
"""Between two changes of one password: the directory tells them apart by the second."""

_ON_ITS_WAY_S = 3.0
"""So long after a fault something that nobody heard of may still be done."""

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
    """

    place: Place
    court: Court
    office: Office
    random: Random
    name: str
    accounts: list[Account] = field(default_factory=list)
    gone: list[Account] = field(default_factory=list)
    _doubted_at: dict[str, float] = field(default_factory=dict)
    _changed_at: dict[str, float] = field(default_factory=dict)
    _made: int = 0

    def __post_init__(self) -> None:
        """Ask by an application."""
        self.application = Application(self.place, self.court)

    def move_in(self, count: int) -> None:
        """Make people who have all that they can have."""
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
                self.move_in(1)

    def step(self, account: Account) -> None:
        """Do one thing. Raises `Forbidden`, `NotNow`."""
        if not account.is_certain and self.court.is_quiet(self._doubted_at.get(account.uid, 0.0), _ON_ITS_WAY_S):
            self.office.look(account)
        ways: dict[Callable[[Account], None], int] = {
            self._log_in: 6,
            self._mistype: 2,
            self._refresh: 4,
            self._introspect: 4,
            self._serve: 2,
            self._change: 1,
            self._block: 1,
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

    # -- admins ------------------------------------------------------------------------------------------------------------

    def _change(self, account: Account) -> None:
        if account.there != {True} or monotonic() - self._changed_at.get(account.uid, 0.0) < _APART_S:
            return
        try:
            self.office.set_password(account, self.new_password())
        finally:
            self._changed_at[account.uid] = monotonic()

    def _block(self, account: Account) -> None:
        if account.shut == {False}:
            self.office.block(account)
        else:
            self.office.unblock(account)

    def _new_name(self) -> str:
        self._made += 1
        return f"{self.name}{self._made:04d}"
