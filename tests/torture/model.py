"""What may be true of a koppelgebruiker, as those know it who asked for it. Plain data: nothing here is the service's.

What was acknowledged is certain. What was asked for without an answer is in doubt: both what was before and what was wanted
may be true. An answer that can't come from anything that may be true is a fault of the service, and each other one tells more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.torture.facts import NONE, Forbidden, Life

if TYPE_CHECKING:
    from tests.torture.facts import Asked, Held, Link


@dataclass
class Account:
    """A koppelgebruiker and its owner.

    Args:
        uid: bare name.
        mail: the owner's address, which has no other koppelgebruiker.
        portal_password: the owner's; empty where there is none.
        passwords: all that may be the one.
        shut: whether it may be blocked.
        there: whether it may exist.
        held: tokens.
        asked: a request whose letter did not come yet; until then nothing is done that could keep it from coming.
        link: from that letter.
        changes: of passwords since it was made; how many are certain, and how many came or not.
        blocks: likewise, how often it was blocked.
        resets: likewise, how many letters with a link were asked for.
        used: links that set a password.
        invited: it was made by an admin, and its owner was without a password.
        blocked_at: when it was, the last time, on the monotonic clock; long ago, if never.
    """

    uid: str
    mail: str
    portal_password: str = ""
    passwords: set[str] = field(default_factory=lambda: {NONE})
    shut: set[bool] = field(default_factory=lambda: {False})
    there: set[bool] = field(default_factory=lambda: {True})
    held: list[Held] = field(default_factory=list)
    asked: Asked | None = None
    link: Link | None = None
    changes: list[int] = field(default_factory=lambda: [0, 0])
    blocks: list[int] = field(default_factory=lambda: [0, 0])
    resets: list[int] = field(default_factory=lambda: [0, 0])
    used: list[Link] = field(default_factory=list)
    invited: bool = False
    blocked_at: float = -math.inf

    # -- what is known -----------------------------------------------------------------------------------------------------

    @property
    def is_certain(self) -> bool:
        """Whether nothing is in doubt."""
        return len(self.passwords) == len(self.shut) == len(self.there) == 1

    @property
    def is_open(self) -> bool:
        """Whether it is there for certain, and not blocked."""
        return self.shut == {False} and self.there == {True}

    @property
    def password(self) -> str:
        """The one, where it is certain."""
        (only,) = self.passwords
        return only

    def life(self, held: Held) -> Life:
        """Tell whether a token must work now."""
        if held.password not in self.passwords or False not in self.shut or True not in self.there:
            return Life.DEAD
        return Life.LIVE if self.is_open and self.passwords == {held.password} and not held.saw_block else Life.DOUBTED

    # -- what is answered --------------------------------------------------------------------------------------------------

    def logged_in(self, password: str) -> None:
        """Take it that a password was right. Raises `Forbidden`."""
        if password not in self.passwords or False not in self.shut or True not in self.there or password == NONE:
            message = f"{self.uid}: a password was taken that is not its own, or it is blocked or gone: {self}"
            raise Forbidden(message)
        self.passwords, self.shut, self.there = {password}, {False}, {True}

    def refused(self, password: str) -> None:
        """Take it that a password was wrong, or its user shut out. Raises `Forbidden`."""
        if self.is_open and self.passwords == {password}:
            message = f"{self.uid}: its own password was refused: {self}"
            raise Forbidden(message)
        if self.is_open:
            self.passwords.discard(password)

    def token_worked(self, held: Held) -> None:
        """Take it that a token is worth something. Raises `Forbidden`."""
        if self.life(held) is Life.DEAD:
            message = f"{self.uid}: a token works whose user has another password by now, is blocked or gone: {self}"
            raise Forbidden(message)
        self.passwords, self.shut, self.there = {held.password}, {False}, {True}

    def token_refused(self, held: Held) -> None:
        """Take it that a token is worth nothing. Raises `Forbidden`."""
        if self.life(held) is Life.LIVE:
            message = f"{self.uid}: a token was ended, and nothing has happened: {self}"
            raise Forbidden(message)
        if held in self.held:
            self.held.remove(held)

    def portal_shows(self, *, there: bool) -> None:
        """Take it that the owner's page shows it, or doesn't. Raises `Forbidden`."""
        if there not in self.there:
            message = f"{self.uid}: its owner's page shows it: {there}: {self}"
            raise Forbidden(message)
        self.there = {there}

    def link_opened(self, link: Link) -> None:
        """Take it that a link works. Raises `Forbidden`."""
        if link.used or link.password not in self.passwords or False not in self.shut or True not in self.there:
            message = f"{self.uid}: a link works that is used, or whose user is another by now: {link}, {self}"
            raise Forbidden(message)

    def link_refused(self, link: Link, *, busy: bool) -> None:
        """Take it that a link does not work. Raises `Forbidden`.

        Args:
            link: it.
            busy: at this moment, since it is in use.
        """
        if busy and not link.tried:
            message = f"{self.uid}: a link is in use that nobody uses: {link}, {self}"
            raise Forbidden(message)
        if not busy and not link.used and not link.by_wrong_clock and self.is_open and self.passwords == {link.password}:
            message = f"{self.uid}: a link is dead, and nothing has happened: {link}, {self}"
            raise Forbidden(message)

    # -- what is done ------------------------------------------------------------------------------------------------------

    def setting_password(self, password: str) -> None:
        """Begin to give it another password: until it is answered, it may have either."""
        self.passwords = {*self.passwords, password}
        self.changes[1] += 1

    def set_password(self, password: str) -> None:
        """Take it that this was done."""
        self.passwords = {password}
        self.changes[1] -= 1
        self.changes[0] += 1

    def left_password(self, password: str) -> None:
        """Take it that it was not done, and never will be."""
        self.passwords = self.passwords - {password}
        self.changes[1] -= 1

    def setting_block(self) -> None:
        """Begin to block it."""
        self.shut = {*self.shut, True}
        self.blocks[1] += 1
        for held in self.held:
            held.saw_block = True

    def set_block(self, at: float) -> None:
        """Take it that this was done, at a moment of the monotonic clock."""
        self.shut = {True}
        self.blocked_at = at
        self.blocks[1] -= 1
        self.blocks[0] += 1
        for held in self.held:
            held.must_end = True

    def is_untold(self) -> None:
        """Take it that the latest change and the latest block may be told to nobody."""
        for count in (self.changes, self.blocks):
            done = min(count[0], 1)
            count[0] -= done
            count[1] += done
        self.invited = False
        for held in self.held:
            held.must_end = False

    def lifting_block(self) -> None:
        """Begin to unblock it."""
        self.shut = {*self.shut, False}

    def lifted_block(self) -> None:
        """Take it that this was done."""
        self.shut = {False}

    def removing(self) -> None:
        """Begin to delete it."""
        self.there = {*self.there, False}

    def removed(self) -> None:
        """Take it that this was done."""
        self.there = {False}

    def seen(self, *, there: bool, shut: bool, taken: set[str] | None) -> None:
        """Look into the directory itself, when nothing is on its way any more.

        Args:
            there: it exists.
            shut: it is blocked.
            taken: which of the passwords that may be are taken; None where that can't be found out.

        Raises:
            Forbidden: what was acknowledged is not there.
        """
        if there not in self.there or (there and shut not in self.shut):
            message = f"{self.uid}: exists: {there}, blocked: {shut}; but what was acknowledged is {self}"
            raise Forbidden(message)
        self.there = {there}
        if not there:
            return
        self.shut = {shut}
        if taken is None:
            return
        found = taken or {NONE}
        if len(found) > 1 or not found <= self.passwords:
            message = f"{self.uid}: the password that was acknowledged is not taken: {self}"
            raise Forbidden(message)
        self.passwords = found
