"""Tells applications that a session has ended; like a letter, each notice waits until somebody has taken it, or it is too old."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent
from idp.errors import ApplicationOutOfReach, ApplicationUnavailable
from idp.services.outbox import pause_after

if TYPE_CHECKING:
    from idp.domain.client import Client
    from idp.domain.logout_notice import LogoutNotice
    from idp.ports.outside import BackChannel, Clock, LogoutTokens
    from idp.ports.store import Store

LEASE = timedelta(minutes=1)
"""Longer than any telling may take."""

GIVE_UP_AFTER = timedelta(hours=1)
"""Later, the application's own session has ended as well, or its owner has long noticed."""

SPARED = timedelta(seconds=15)
"""An application that did not answer: so long it hears nothing of others."""

TOLD, NO_ADDRESS, GAVE_UP, NO_ANSWER, OUT_OF_REACH = "told", "no-address", "gave-up", "no-answer", "out-of-reach"
_FOR_NOW = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True, slots=True)
class LogoutNotices:
    """Works the queue off, one notice at a time."""

    store: Store
    tokens: LogoutTokens
    back_channel: BackChannel
    clock: Clock

    def run_once(self) -> tuple[LogoutNotice, str] | None:
        """Handle the notice that is due longest.

        Returns:
            the notice, and a word on what came of it; None when nothing is due.
        """
        now = self.clock.now()
        with self.store.transaction() as work:
            notice = work.logout_notices.take_due(now, now + LEASE)
            client = work.clients.get(notice.client_id) if notice else None
        if notice is None:
            return None
        try:
            outcome, is_over = self._tell(notice, client)
        except ApplicationUnavailable as exc:
            outcome, is_over = OUT_OF_REACH if isinstance(exc, ApplicationOutOfReach) else NO_ANSWER, False
            self._spare(notice.client_id)
        return notice, (self._finish(notice, outcome) if is_over else self._later(notice, outcome))

    def _tell(self, notice: LogoutNotice, client: Client | None) -> tuple[str, bool]:
        # Read again: what was registered when the session ended may be another address by now, or none.
        uri = client.backchannel_logout_uri if client is not None and client.enabled else None
        token = self.tokens.sign(client, notice) if client is not None and uri is not None else None
        if uri is None or token is None:
            return NO_ADDRESS, True
        status = self.back_channel.post(uri, {"logout_token": token})
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return TOLD, True
        # Section 2.8: 400 says that it has looked at it, and will not log out. A redirect leads nowhere.
        return f"answered-{status}", status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _FOR_NOW

    def _spare(self, client_id: str) -> None:
        # Each try of one that hangs holds up all others, so its other notices wait too. Not as long as this one: it may be this
        # one alone that it doesn't answer to.
        with self.store.transaction() as work:
            work.logout_notices.put_off_all(client_id, self.clock.now() + SPARED)

    def _later(self, notice: LogoutNotice, outcome: str) -> str:
        now = self.clock.now()
        if now >= notice.created_at + GIVE_UP_AFTER:
            return self._finish(notice, f"{GAVE_UP}-{outcome}")
        with self.store.transaction() as work:
            work.logout_notices.put_off(replace(notice, next_attempt_at=now + pause_after(notice.attempts)))
        return outcome

    def _finish(self, notice: LogoutNotice, outcome: str) -> str:
        detail = {"client": notice.client_id, "outcome": outcome, "attempts": str(notice.attempts)}
        action = "logout.told" if outcome == TOLD else "logout.not-told"
        with self.store.transaction() as work:
            work.logout_notices.remove(notice)
            work.audit.append(AuditEvent(self.clock.now(), action, "service", notice.subject, detail))
        return outcome
