"""The worker: sends what waits in the outbox, settles what a crash left behind, tells what others changed, forgets.

One worker works on a state directory; the lock on a file there says so, and is let go by the kernel whatever it dies of.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import structlog

from idp.errors import ConfigurationError, Unavailable
from idp.following import Following
from idp.logs import one_request
from idp.oauth.issuer import issuers
from idp.oauth.logout_token import LogoutTokens
from idp.oauth.own_keys import open_key_ring
from idp.outside import common_knowledge, load_connectors
from idp.services.complete_reset import CompleteReset
from idp.services.correspondence import Correspondence
from idp.services.logout_notices import LogoutNotices
from idp.services.outbox import Outbox
from idp.services.secrets_kept import KeptSecrets
from idp.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from threading import Event

    from idp.oauth.keys import KeyRing
    from idp.outside import Ports
    from idp.ports.outside import Clock
    from idp.settings import Settings

LOCK_NAME = "worker.lock"

_IDLE_S = 0.25
_PAUSES_S = (1.0, 2.0, 3.0)
"""After the first, the second and each later failure: mail goes out again within five seconds of a part's return."""

_log = structlog.get_logger("idp.worker")


@contextmanager
def only_worker(state: Path) -> Iterator[None]:
    """Be the one worker of a state directory.

    Raises:
        ConfigurationError: another one is at work, or the directory can't be written.
    """
    try:
        lock = os.open(state / LOCK_NAME, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        message = f"the state directory {state} can't be written: {exc.strerror}"
        raise ConfigurationError(message) from exc
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            message = f"another worker is at work in {state}"
            raise ConfigurationError(message) from exc
        yield
    finally:
        os.close(lock)


def is_at_work(state: Path) -> bool:
    """Tell whether a worker works on a state directory. Raises `ConfigurationError` when its lock can't be looked at."""
    try:
        lock = os.open(state / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError as exc:
        message = f"{state / LOCK_NAME} can't be looked at: {exc.strerror}"
        raise ConfigurationError(message) from exc
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


@dataclass(slots=True)
class Worker:
    """Works until it is told to stop; a part that is down is waited for, with growing pauses.

    Args:
        upkeep: closes and forgets.
        outbox: sends.
        complete_reset: settles.
        clock: the time.
        stop: set by a signal.
        following: tells of changes by others; None: nobody does.
        logout_notices: tells applications of logouts; None: nobody does.
    """

    upkeep: Upkeep
    outbox: Outbox
    complete_reset: CompleteReset
    clock: Clock
    stop: Event
    following: Following | None = None
    logout_notices: LogoutNotices | None = None
    _released: bool = False
    _failures: int = 0
    _said: str = ""

    @classmethod
    def build(cls, settings: Settings, ports: Ports, stop: Event) -> Worker:
        """Make one.

        Args:
            settings: the rules.
            ports: the outside.
            stop: set by a signal.
        """
        kept = KeptSecrets(ports.store, ports.digests, ports.clock)
        brand, cooldown = settings.brand, timedelta(hours=settings.directory.cooldown_h)
        complete_reset = CompleteReset(ports.directory, kept, brand.realms, cooldown, common_knowledge(settings))
        outbox = _outbox(settings, ports, kept, cooldown)
        upkeep, following = Upkeep(ports.store, ports.clock), Following.build(ports, stop)
        return cls(upkeep, outbox, complete_reset, ports.clock, stop, following, _logout_notices(settings, ports))

    def run(self) -> None:
        """Work; call it as the only worker."""
        while not self.stop.is_set():
            self.stop.wait(self.step())

    def step(self) -> float:
        """Do all that is due now; of the applications to be told, tell one.

        Returns:
            seconds until the next look.
        """
        try:
            has_told = self._all_due()
        except Unavailable as exc:
            pause = _PAUSES_S[min(self._failures, len(_PAUSES_S) - 1)]
            self._failures += 1
            self._say(exc)
            return pause
        self._failures, self._said = 0, ""
        return 0.0 if has_told else _IDLE_S

    def _say(self, reason: Unavailable) -> None:
        # Once: a part may be away for a night.
        if str(reason) != self._said:
            _log.warning("worker_waits", part=reason.part, reason=str(reason))
        self._said = str(reason)

    def _all_due(self) -> bool:
        if not self._released:
            self.outbox.release_leases()  # whoever held them is dead: this is the only worker
            self._released = True
        # Mail first: it must go out while the directory, which the rest needs, is down. (What needs it as well is put off.)
        while not self.stop.is_set() and self._send_next():
            pass
        # One at a time: who is told may take seconds to answer, and mail and all else must not wait for a whole queue of that.
        has_told = not self.stop.is_set() and self._tell_next()
        with one_request():
            self.upkeep.step()
            settled = self.complete_reset.recover()
            if settled:
                _log.warning("claims_settled", count=settled)
            if self.following is not None:
                self.following.step()
        return has_told

    def _send_next(self) -> bool:
        with one_request():
            row = self.outbox.run_once()
            if row is None:
                return False
            _log.info(
                "letter", id=row.id, letter=str(row.letter), state=str(row.state), outcome=row.outcome, attempts=row.attempts
            )
            return True

    def _tell_next(self) -> bool:
        with one_request():
            done = self.logout_notices.run_once() if self.logout_notices is not None else None
            if done is None:
                return False
            notice, outcome = done
            _log.info("logout_notice", id=notice.id, client=notice.client_id, outcome=outcome, attempts=notice.attempts)
            return True


def _logout_notices(settings: Settings, ports: Ports) -> LogoutNotices | None:
    if ports.back_channel is None:
        return None
    service, oauth, clock = settings.service, settings.oauth, ports.clock

    @cache
    def keys() -> KeyRing:
        # When something is to be signed, and not before: the web makes what is missing at its start.
        return open_key_ring(service.state, oauth.signing_algorithm, oauth.key_folder, ports.store, clock)

    tokens = LogoutTokens(keys, issuers(service.origin), load_connectors(settings), clock)
    return LogoutNotices(ports.store, tokens, ports.back_channel, clock)


def _outbox(settings: Settings, ports: Ports, kept: KeptSecrets, cooldown: timedelta) -> Outbox:
    correspondence = Correspondence(
        directory=ports.directory,
        kept=kept,
        realms=settings.brand.realms,
        cooldown=cooldown,
        origin=settings.service.origin,
        mailbox_per_day=settings.limits.mailbox_per_day,
        mailbox_per_day_ticket=settings.limits.mailbox_per_day_ticket,
    )
    # RFC 5322 section 3.6.4: behind the at sign stands a domain of ours, and the sender's address has one.
    domain = settings.mail.from_address.rpartition("@")[2]
    return Outbox(ports.store, correspondence, ports.letters, ports.mailer, ports.clock, domain)
