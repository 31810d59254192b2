"""From the mailed link to a new password (R19, R20).

The order is: rules, then claim, then write, then the rest. A claim is a compare-and-swap; the write asserts in the directory
itself that nothing has changed since. Whatever dies in between, `recover` finds the claim and asks the directory what happened.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent
from idp.domain.capability import Purpose
from idp.domain.password_rules import check_new_password
from idp.domain.reset_request import Binding, ResetRequest, ResetState
from idp.errors import (
    DirectoryRefuses,
    EntryChanged,
    EntryMalformed,
    LinkBusy,
    LinkDead,
    LinkSpent,
    LinkUnknown,
    PasswordRejected,
    PasswordTooYoung,
    ResetCause,
    ResetRefused,
    UnknownUser,
)
from idp.services.couplings import applications_coupled
from idp.services.end_access import end_all, end_older
from idp.services.notices import queue_password_changed

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from idp.domain.people import Koppelgebruiker, Owner
    from idp.domain.username import Realms
    from idp.ports.directory import Directory
    from idp.ports.store import Transaction
    from idp.services.secrets_kept import KeptSecrets


@dataclass(frozen=True, slots=True)
class OpenLink:
    """What the set-password page shows.

    Args:
        bare: the name as applications want it.
        full_name: the name with its realm.
        expires_at: end of the link.
        applications: names of those that a new password shuts out.
    """

    bare: str
    full_name: str
    expires_at: datetime
    applications: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompleteReset:
    """Open, complete, recover.

    Args:
        directory: where passwords are.
        kept: links and their digests.
        realms: of user names.
        cooldown: between two resets.
        common_knowledge: what a guesser tries for everybody: products, applications.
    """

    directory: Directory
    kept: KeptSecrets
    realms: Realms
    cooldown: timedelta
    common_knowledge: tuple[str, ...]

    def open(self, secret: str) -> OpenLink:
        """Look whether a link works; nothing changes, since mail scanners open links.

        Raises:
            LinkDead: the subclass says why.
            LinkBusy: a submission is under way.
        """
        request = self._find(secret)
        binding = request.assert_open(self.kept.clock.now())
        user, _owner = self._bound(binding)
        expires_at = request.expires_at or self.kept.clock.now()
        applications = applications_coupled(self.kept.store, user, self.kept.clock.now())
        return OpenLink(binding.uid, self.realms.full(binding.uid), expires_at, applications)

    def complete(self, secret: str, password: str, again: str) -> str:
        """Set the password, once.

        Args:
            secret: from the link.
            password: the new password.
            again: the second field.

        Returns:
            the bare name.

        Raises:
            PasswordRejected: a rule; the link still works.
            LinkDead: the subclass says why.
            LinkBusy: another submission is under way.
            ResetRefused: in cooldown; the link still works.
            DirectoryRefuses: it takes no password now; the link still works.
            DirectoryUnavailable: no answer; `recover` settles what happened.
        """
        request = self._find(secret)
        binding = request.assert_open(self.kept.clock.now())
        user, owner = self._bound_or_drop(request, binding)
        check_new_password(password, again, self._guessed_first(user, owner))
        claimed = request.claimed(self.kept.clock.now())
        self._advance(request, claimed)
        self._write(claimed, user, password)
        self._finish(claimed, user)
        return user.uid

    def recover(self) -> int:
        """Settle claims whose submission died; tells how many.

        Raises:
            DirectoryUnavailable: later, then.
        """
        now = self.kept.clock.now()
        with self.kept.store.reading() as work:
            stale = [request for request in work.resets.claimed() if request.claim_is_stale(now)]
        for request in stale:
            self._settle(request)
        return len(stale)

    def _find(self, secret: str) -> ResetRequest:
        request = self._read(secret)
        if request.claim_is_stale(self.kept.clock.now()):
            self._settle(request)
            request = self._read(secret)
        return request

    def _read(self, secret: str) -> ResetRequest:
        with self.kept.store.reading() as work:
            request = work.resets.by_digest(self.kept.digests.digest(Purpose.RESET_LINK, secret))
        if request is None:
            raise LinkUnknown
        return request

    def _guessed_first(self, user: Koppelgebruiker, owner: Owner) -> tuple[str, ...]:
        return user.uid, self.realms.canonical, user.administratie, owner.name, owner.mail or "", *self.common_knowledge

    def _bound(self, binding: Binding) -> tuple[Koppelgebruiker, Owner]:
        try:
            user = self.directory.find_user_by_uuid(binding.seen.entry_uuid)
            owner = self.directory.find_owner(user.owner_dn)
        except UnknownUser as exc:
            raise LinkSpent from exc
        if user.is_shut_to(owner, self.kept.clock.now()) or Binding.of(user, owner) != binding:
            raise LinkSpent
        return user, owner

    def _bound_or_drop(self, request: ResetRequest, binding: Binding) -> tuple[Koppelgebruiker, Owner]:
        try:
            return self._bound(binding)
        except LinkDead:
            self._advance(request, request.dropped())
            raise

    def _write(self, claimed: ResetRequest, user: Koppelgebruiker, password: str) -> None:
        try:
            self.directory.set_user_password(user, user.seen, password)
        except EntryChanged as exc:
            self._advance(claimed, claimed.dropped())
            raise LinkSpent from exc
        except (PasswordRejected, DirectoryRefuses):
            self._advance(claimed, claimed.given_back())
            raise
        except PasswordTooYoung as exc:
            self._advance(claimed, claimed.given_back())
            next_reset_at = user.next_reset_at(self.kept.clock.now(), self.cooldown)
            raise ResetRefused(ResetCause.COOLDOWN, next_reset_at) from exc

    def _finish(self, claimed: ResetRequest, user: Koppelgebruiker) -> None:
        now = self.kept.clock.now()
        with self.kept.store.transaction() as work:
            current = work.resets.get(claimed.id)
            if current is None or current.state is ResetState.SPENT:
                return  # recovery was first, and did all of this
            # Recovery may have given a slow submission's claim back before it wrote; what was written is told all the same.
            work.resets.advance(current, current.spent())
            ended = self._end_access(work, claimed, user)
            facts = {"request": claimed.id, "grants": str(ended)}
            work.audit.append(AuditEvent(now, "reset.completed", "owner", user.entry_uuid, facts))
            queue_password_changed(work, self.kept, user.entry_uuid, user.uid, now)

    def _end_access(self, work: Transaction, claimed: ResetRequest, user: Koppelgebruiker) -> int:
        now, seen = self.kept.clock.now(), claimed.binding.seen if claimed.binding else None
        if seen is None or user.seen == seen:
            return end_all(work, user.entry_uuid, now)
        # Recovery comes a minute late, and the new password was good from the first: who was let in with it stays.
        return end_older(work, user.entry_uuid, seen.password_changed, user.seen.password_changed, now)

    def _settle(self, request: ResetRequest) -> None:
        if request.binding is None:
            return
        try:
            user = self.directory.find_user_by_uuid(request.binding.seen.entry_uuid)
        except EntryMalformed:
            settled = request.claimed_still(self.kept.clock.now())
        except UnknownUser:
            settled = request.dropped()
        else:
            if user.seen != request.binding.seen:
                self._finish(request, user)
                return
            settled = request.given_back()
        with suppress(LinkBusy):  # a page and the worker settle the same claim: one of them is first
            self._advance(request, settled)

    def _advance(self, before: ResetRequest, after: ResetRequest) -> None:
        with self.kept.store.transaction() as work:
            if not work.resets.advance(before, after):
                raise LinkBusy
