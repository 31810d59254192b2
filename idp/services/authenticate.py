"""A koppelgebruiker's password, checked by the directory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent
from idp.domain.capability import Purpose
from idp.domain.client import UserSubject
from idp.domain.digests import KeyedDigests, new_secret
from idp.domain.password_rules import MAX_CHECKED_CHARACTERS
from idp.domain.username import parse_bare
from idp.errors import InvalidCredentials, NotUsable, UnknownUser
from idp.services.failed_secrets import FailedSecrets
from idp.services.stale_password import STALE_AFTER, queue_stale_password

if TYPE_CHECKING:
    from idp.domain.client import Client
    from idp.domain.people import Koppelgebruiker
    from idp.domain.username import Username
    from idp.ports.directory import Directory
    from idp.ports.outside import Clock, Limits
    from idp.ports.store import Store
    from idp.services.gate import Gate

_UNKNOWN = "unknown"


def _process_digests() -> KeyedDigests:
    return KeyedDigests(new_secret().encode())


@dataclass(frozen=True, slots=True)
class PasswordLogin:
    """The password grant's check (RFC 6749 section 4.3)."""

    directory: Directory
    gate: Gate
    limits: Limits
    digests: KeyedDigests
    store: Store
    clock: Clock
    failed: FailedSecrets = field(default_factory=FailedSecrets)
    _process: KeyedDigests = field(default_factory=_process_digests, repr=False)

    def koppelgebruiker(self, client: Client, typed: str, password: str) -> Koppelgebruiker:
        """Authenticate a koppelgebruiker for a client that has authenticated itself.

        Args:
            client: whose request it is; limits count by client and name, never by name alone.
            typed: the bare name as sent.
            password: as sent.

        Raises:
            UsernameHasSuffix: refused before any check; counts nothing (R21).
            InvalidCredentials: wrong, unknown, blocked, locked, without a password: all alike (S29).
            Throttled: too many requests, or too many different wrong secrets.
        """
        if not 0 < len(password) <= MAX_CHECKED_CHARACTERS:
            raise InvalidCredentials
        name = parse_bare(typed)
        key = self.digests.digest(Purpose.LIMIT, client.client_id, name.key)
        self.limits.hit("token-client-user", key)
        self.limits.check("token-failures", key)
        user = self._find(name)
        digest = self._process.digest(Purpose.LIMIT, key, password)  # pragma: no mutate  # has one purpose
        revision = user.revision if user else _UNKNOWN
        if times := self.failed.repeats(digest, revision, self.clock.now()):
            if times == STALE_AFTER:
                self._suspect_stale(client, user)
            raise InvalidCredentials
        try:
            self.directory.bind_user(user, password)
        except InvalidCredentials:
            self.failed.remember(digest, revision, self.clock.now())
            self._count_failure(client, key, user)
            raise
        return self._through_the_gate(client, user)

    def _find(self, name: Username) -> Koppelgebruiker | None:
        try:
            return self.directory.find_user(name.bare)
        except UnknownUser:
            return None

    def _count_failure(self, client: Client, key: str, user: Koppelgebruiker | None) -> None:
        subject = user.entry_uuid if user else ""
        event = AuditEvent(self.clock.now(), "login.failed", f"client:{client.client_id}", subject)
        with self.store.transaction() as work:
            work.audit.append(event)
        self.limits.hit("token-failures", key)

    def _suspect_stale(self, client: Client, user: Koppelgebruiker | None) -> None:
        # For unknown names too: whether anybody is to be told shows where it is addressed, out of everybody's sight.
        with self.store.transaction() as work:
            queue_stale_password(work, self.clock.now(), client, user)

    def _through_the_gate(self, client: Client, user: Koppelgebruiker | None) -> Koppelgebruiker:
        if user is None:  # a bind without a user is a bind to the decoy, which never succeeds
            raise InvalidCredentials
        try:
            return self.gate.assert_usable(UserSubject(user.entry_uuid), client, user.seen)
        except NotUsable as exc:
            raise InvalidCredentials from exc
