"""The portal's sessions: log in by mail address, bound to the entry and password seen (R2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent
from idp.domain.capability import LIFETIMES, Purpose
from idp.domain.digests import new_secret
from idp.domain.password_rules import MAX_CHECKED_CHARACTERS
from idp.domain.portal_session import PortalSession
from idp.errors import GrantEnded, InvalidCredentials, LinkDead, SubjectBlocked, SubjectChanged, UnknownUser
from idp.services.answered import note_answer
from idp.services.logged_in_clients import tell_clients

if TYPE_CHECKING:
    from collections.abc import Collection

    from idp.domain.people import Owner
    from idp.ports.directory import Directory
    from idp.services.login_guard import Caller, LoginGuard
    from idp.services.secrets_kept import KeptSecrets


MAX_MAIL_CHARACTERS = 254
"""RFC 5321 section 4.5.3.1.3 with erratum 1690 of RFC 3696: a path has 256 octets, two of them its angle brackets."""


def normalised_mail(typed: str) -> str:
    """Give the form of a mail address that limits and look-ups use; what is too long to be one is nobody's, and empty."""
    address = typed.strip().casefold()
    return address if len(address) <= MAX_MAIL_CHARACTERS else ""


@dataclass(frozen=True, slots=True)
class OwnerLogin:
    """Begin, follow and end a session; the owner is read live at every request."""

    directory: Directory
    guard: LoginGuard
    kept: KeptSecrets

    def log_in(self, mail: str, password: str, caller: Caller, query: str | None = None) -> str:
        """Check mail address and portal password.

        Args:
            mail: as typed.
            password: as typed.
            caller: who asks.
            query: the authorization request that they log in for, or None.

        Returns:
            the session's secret, for a cookie.

        Raises:
            InvalidCredentials: wrong, unknown, locked, or no password: all alike.
            LoginWantsCaptcha, Throttled: too many tries; see `LoginGuard.hold_off`.
        """
        address = normalised_mail(mail)
        self.guard.hold_off(address, caller)
        if not 0 < len(password) <= MAX_CHECKED_CHARACTERS:
            raise InvalidCredentials
        found = self._find(address)
        try:
            owner = self._authenticated(found, password)
        except InvalidCredentials:
            self.guard.failed(address, caller)
            self._note_failure(found.entry_uuid if found else "")
            raise
        changed = owner.password_changed or ""  # pragma: no mutate  # who could bind has a password
        facts = {"owner": owner.entry_uuid, "changed": changed}
        if query is not None:
            facts["request"] = self._request(query)
        secret = new_secret()
        session = self.kept.capability(Purpose.PORTAL_SESSION, secret, facts)
        with self.kept.store.transaction() as work:
            work.capabilities.add(session)
            work.audit.append(AuditEvent(session.created_at, "portal.logged-in", "owner", owner.entry_uuid))
        return secret

    def wants_captcha(self, mail: str, caller: Caller) -> bool:
        """Tell whether the next try with a mail address, as typed, would cost a captcha."""
        return self.guard.wants_captcha(normalised_mail(mail), caller)

    def token_for(self, mail: str, caller: Caller) -> str:
        """Give the token of a browser in which somebody has just logged in; see `KnownBrowsers`."""
        return self.guard.browsers.token_for(caller.tokens, normalised_mail(mail))

    def owner_of(self, session: str) -> Owner:
        """Give the owner whose session this is; see `session_of`. Raises `NotUsable`."""
        return self.session_of(session).owner

    def session_of(self, secret: str) -> PortalSession:
        """Give a session.

        Raises:
            NotUsable: logged out, expired, blocked, or the password was changed.
        """
        try:
            found = self.kept.find(Purpose.PORTAL_SESSION, secret)
        except LinkDead as exc:
            raise GrantEnded from exc
        facts = found.facts
        try:
            owner = self.directory.find_owner_by_uuid(facts["owner"])
        except UnknownUser as exc:
            raise SubjectChanged from exc
        if (owner.password_changed or "") != facts["changed"]:
            raise SubjectChanged
        if owner.locks.shut_at(self.kept.clock.now()):
            raise SubjectBlocked
        return PortalSession(owner, found.digest, found.created_at, facts.get("request"))

    def opened_by(self, secret: str) -> str | None:
        """Give the owner who opened a session that has not ended, by `entryUUID`; None: no such session.

        The directory is not asked. It lets nobody in, and tells only whose numbers a request counts for.
        """
        try:
            return self.kept.find(Purpose.PORTAL_SESSION, secret).facts["owner"]
        except LinkDead:
            return None

    def began_for(self, session: PortalSession, query: str) -> bool:
        """Tell whether an owner has logged in for this request, and not answered it since.

        An application that wants a new login, or a recent one, has had it then, however long they take over their answer. It is
        kept with the session, since a browser's owner could write anything into an address.

        Args:
            session: live.
            query: the request.
        """
        in_time = self.kept.clock.now() < session.began_at + LIFETIMES[Purpose.AUTHORIZATION_REQUEST]
        return in_time and session.request == self._request(query)

    def answered(self, session: PortalSession) -> None:
        """Note that the request that this session began for was answered, by no decision of its owner's (`note_answer`)."""
        if session.request is not None:
            with self.kept.store.transaction() as work:
                note_answer(work, session)

    def is_about(self, session: PortalSession, subjects: Collection[str]) -> bool:
        """Tell whether one of these koppelgebruikers, by `entryUUID`, is one of the owner's whose session this is."""
        return any(user.entry_uuid in subjects for user in self.directory.users_of(session.owner))

    def log_out(self, session: str) -> None:
        """End a session by its secret; one that ended already is no error."""
        self.end(self.kept.digests.digest(Purpose.PORTAL_SESSION, session))

    def end(self, session_id: str, client_id: str | None = None) -> None:
        """End a session, and have the applications told that know of it; one that ended already is no error.

        Args:
            session_id: see `PortalSession.id`.
            client_id: the application that has its owner log out, or None.
        """
        now = self.kept.clock.now()
        with self.kept.store.transaction() as work:
            found = work.capabilities.get(Purpose.PORTAL_SESSION, session_id)
            if found is not None and work.capabilities.use(found, now):
                detail = {} if client_id is None else {"client": client_id}
                tell_clients(work, session_id, now)
                work.audit.append(AuditEvent(now, "portal.logged-out", "owner", found.facts["owner"], detail))

    def _request(self, query: str) -> str:
        return self.kept.digests.digest(Purpose.AUTHORIZATION_REQUEST, query)

    def _find(self, address: str) -> Owner | None:
        try:
            return self.directory.find_owner_by_mail(address)
        except UnknownUser:
            return None

    def _authenticated(self, owner: Owner | None, password: str) -> Owner:
        self.directory.bind_owner(owner, password)
        if owner is None or owner.locks.shut_at(self.kept.clock.now()):
            raise InvalidCredentials
        return owner

    def _note_failure(self, subject: str) -> None:
        with self.kept.store.transaction() as work:
            work.audit.append(AuditEvent(self.kept.clock.now(), "portal.login-failed", "stranger", subject))
