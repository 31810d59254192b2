"""Identify and Verify: from a name typed twice to one queued request (R6-R15, R22, R26).

Without a ticket nothing here looks a name up. Whether it exists shows only in the mailbox.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent
from idp.domain.capability import Purpose
from idp.domain.mail import Letter, OutboxRow
from idp.domain.mail_address import masked
from idp.domain.reset_request import ResetRequest
from idp.domain.username import Username, parse_full
from idp.errors import (
    FlowExpired,
    LinkDead,
    LinkUsed,
    NamesDiffer,
    NotYourName,
    ResetCause,
    ResetRefused,
    StepUsed,
    UnknownUser,
    UsernameIncomplete,
    UsernameMissing,
)
from idp.services.portal import Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from idp.domain.capability import Capability
    from idp.domain.people import Koppelgebruiker
    from idp.domain.username import Realms
    from idp.ports.directory import Directory
    from idp.ports.outside import Limits
    from idp.services.portal import Portal
    from idp.services.secrets_kept import KeptSecrets
    from idp.services.solved_captcha import SolvedCaptcha


@dataclass(frozen=True, slots=True)
class RequestReset:
    """The two steps before the mail."""

    directory: Directory
    portal: Portal
    limits: Limits
    captcha: SolvedCaptcha
    kept: KeptSecrets
    realms: Realms
    cooldown: timedelta
    tell_everyone: bool

    def identify(self, typed: str, solution: str, ticket_cookie: str | None, network: str) -> str:
        """Take the name and the captcha's solution.

        Args:
            typed: the name with its realm.
            solution: the captcha's payload.
            ticket_cookie: secret of the cookie that a ticket was exchanged for, if any.
            network: address that asks.

        Returns:
            the secret of the next step, for a cookie; good for ten minutes.

        Raises:
            UsernameMissing, UsernameIncomplete: as typed; the captcha's solution is not used up.
            CaptchaRefused: no, wrong, old or used solution.
            Throttled: by address or by name.
            NotYourName: with a ticket, another name than the portal's; without a look-up.
            ResetRefused: told only with a ticket, or where everyone is told.
        """
        name = parse_full(typed, self.realms)
        ticket = self.portal.holder(ticket_cookie)
        self.captcha.use_up(solution)
        suffix = "-ticket" if ticket else ""
        # With a ticket, by owner as well: of those behind one address none can use another's number up.
        self.limits.hit(f"reset-address{suffix}", network, *((ticket.owner_uuid,) if ticket else ()))
        if ticket and ticket.bare != name.key:
            raise NotYourName
        self.limits.check(f"reset-name{suffix}", self._limit_key(name, ticket))
        if ticket or self.tell_everyone:
            self._explain(name, ticket)
        facts = {"key": name.key}
        if ticket:
            facts |= {"owner": ticket.owner_uuid, "user": ticket.user_uuid}
        return self.kept.make(Purpose.RESET_STEP, facts)

    def is_solved(self, solution: str) -> bool:
        """Tell whether a solution holds; see `SolvedCaptcha.holds`."""
        return self.captcha.holds(solution)

    def ticket_for(self, cookies: Sequence[str], typed: str) -> str | None:
        """Of the tickets that one browser holds in several tabs, give the one for this name; else the newest that lives.

        Args:
            cookies: secrets of the cookies that tickets were exchanged for, the newest first.
            typed: the name.
        """
        return self._named(typed, [(cookie, found.bare) for cookie in cookies if (found := self.portal.holder(cookie))])

    def step_for(self, steps: Sequence[str], typed: str) -> str | None:
        """Of the ways that one browser is on in several tabs, give the step of this name's; else the newest, alive or not.

        Args:
            steps: secrets that Identify gave, the newest first.
            typed: the name.
        """
        alive = []
        for step in steps:
            with suppress(FlowExpired):
                alive.append((step, self._step(step).facts["key"]))
        return self._named(typed, alive) or next(iter(steps), None)

    def _named(self, typed: str, found: Sequence[tuple[str, str]]) -> str | None:
        newest = next((secret for secret, _key in found), None)
        try:
            key = parse_full(typed, self.realms).key
        except (UsernameMissing, UsernameIncomplete):
            return newest
        return next((secret for secret, named in found if named == key), newest)

    def assert_step(self, step: str | None) -> None:
        """Raise `FlowExpired` unless Identify was done less than ten minutes ago; `StepUsed` when Verify was done since."""
        self._step(step)

    def verify(self, step: str | None, typed: str) -> str | None:
        """Take the name again, and queue exactly one row whether or not the name exists.

        Args:
            step: secret that Identify gave.
            typed: the name again.

        Returns:
            with a ticket, the address that the mail goes to, masked; without one None, whoever has the name.

        Raises:
            FlowExpired: too late, or skipped; start again.
            StepUsed: replayed; its row was queued the first time.
            UsernameMissing, UsernameIncomplete, NamesDiffer: the step can be tried again.
            Throttled: by name.
            ResetRefused: as in `identify`.
        """
        found = self._step(step)
        name = parse_full(typed, self.realms)
        if name.key != found.facts["key"]:
            raise NamesDiffer
        ticket = self._ticket_of(found)
        address = self._explain(name, ticket) if ticket or self.tell_everyone else None
        self.limits.hit("reset-name-ticket" if ticket else "reset-name", self._limit_key(name, ticket))
        self._queue(found, name, with_ticket=ticket is not None)
        return masked(address) if ticket and address else None

    def _queue(self, step: Capability, name: Username, *, with_ticket: bool) -> None:
        now = self.kept.clock.now()
        request_id = secrets.token_hex(16)
        link = self.kept.digests.derive(Purpose.RESET_LINK, request_id)
        digest = self.kept.digests.digest(Purpose.RESET_LINK, link)
        actor = "owner" if with_ticket else "stranger"
        with self.kept.store.transaction() as work:
            if not work.capabilities.use(step, now):
                raise StepUsed
            work.resets.add(ResetRequest(request_id, digest, name.bare, with_ticket, now))
            work.outbox.add(OutboxRow(request_id, Letter.RESET, {"request": request_id}, now, now, with_ticket=with_ticket))
            work.audit.append(AuditEvent(now, "reset.requested", actor, "", {"request": request_id}))

    def _step(self, step: str | None) -> Capability:
        if not step:
            raise FlowExpired
        try:
            return self.kept.find(Purpose.RESET_STEP, step)
        except LinkUsed as exc:
            raise StepUsed from exc
        except LinkDead as exc:
            raise FlowExpired from exc

    def _limit_key(self, name: Username, ticket: Ticket | None) -> str:
        return self.kept.digests.digest(Purpose.LIMIT, name.key, ticket.owner_uuid if ticket else "")

    @staticmethod
    def _ticket_of(step: Capability) -> Ticket | None:
        if "owner" not in step.facts:
            return None
        owner, user = step.facts["owner"], step.facts["user"]
        return Ticket(owner, user, step.facts["key"])  # pragma: no mutate  # the name was compared before, and plays no part now

    def _explain(self, name: Username, ticket: Ticket | None) -> str:
        """Give the address that the mail would go to, or say why there would be none."""
        try:
            user = self._user_for(name, ticket)
            owner = self.directory.find_owner(user.owner_dn)
        except UnknownUser as exc:
            raise ResetRefused(ResetCause.DATA if ticket else ResetCause.UNKNOWN) from exc
        now = self.kept.clock.now()
        # A ticket from before the user changed hands says nothing of how it is with its new owner.
        not_theirs = ticket is not None and owner.entry_uuid != ticket.owner_uuid
        if not_theirs or user.is_shut_to(owner, now) or owner.address is None:
            raise ResetRefused(ResetCause.DATA)
        next_reset_at = user.next_reset_at(now, self.cooldown)
        if next_reset_at is not None:
            raise ResetRefused(ResetCause.COOLDOWN, next_reset_at)
        return owner.address

    def _user_for(self, name: Username, ticket: Ticket | None) -> Koppelgebruiker:
        if ticket:
            return self.directory.find_user_by_uuid(ticket.user_uuid)
        return self.directory.find_user(name.bare)
