"""Grants and the tokens under them: issue, refresh, look at, end."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent
from idp.domain.capability import Purpose
from idp.domain.client import ClientSubject, UserSubject
from idp.domain.digests import KeyedDigests, new_secret
from idp.domain.grant import Grant, Token, network_around
from idp.errors import ClientDisabled, CodeUsed, GrantEnded, KeyNotShown
from idp.services.issued import Issued, Live, TokenPlan
from idp.services.refreshing import end_family, rotated

if TYPE_CHECKING:
    from datetime import datetime

    from idp.domain.capability import Capability
    from idp.domain.client import Client
    from idp.domain.people import Koppelgebruiker
    from idp.ports.outside import Clock, Limits
    from idp.ports.store import Store, Transaction
    from idp.services.gate import Gate
    from idp.services.refreshing import Refreshing

_PURPOSES = {"access": Purpose.ACCESS_TOKEN, "refresh": Purpose.REFRESH_TOKEN}


@dataclass(frozen=True, slots=True)
class GrantService:
    """Issues and ends; every way to a live token runs through the gate."""

    store: Store
    gate: Gate
    limits: Limits
    digests: KeyedDigests
    clock: Clock

    def issue(
        self, client: Client, user: Koppelgebruiker, network: str, plan: TokenPlan, code: Capability | None = None
    ) -> Issued:
        """Issue tokens to a user who came through the gate; one grant serves a client and a user with one password.

        Args:
            client: the application.
            user: as the gate returned it.
            network: address that asked.
            plan: what to issue.
            code: the authorization code, used up in the same transaction; of those who bring it at once one gets something.

        Raises:
            CodeUsed: somebody else was first.
            GrantEnded: the code was withdrawn meanwhile (S42, S46).
        """
        now = self.clock.now()
        with self.store.transaction() as work:
            if code is not None:
                self._use(work, code, now)
            return self._issue(work, client, user, network, plan)

    def issue_to_client(self, client: Client, network: str, plan: TokenPlan) -> Issued:
        """Issue an access token to a client on its own behalf (RFC 6749 section 4.4), behind the gate.

        Args:
            client: authenticated.
            network: address that asked.
            plan: what to issue; no refresh token (section 4.4.3), since the client needs nobody to get another one.

        Raises:
            ClientDisabled: disabled or removed meanwhile.
        """
        self.gate.assert_usable(ClientSubject(client.client_id), client, None)
        with self.store.transaction() as work:
            return self._issue(work, client, None, network, plan)

    def end_issued_for(self, client: Client, code: Capability) -> None:
        """End all that goes back to an authorization code, which came a second time (S4, RFC 6749 section 4.1.2)."""
        now = self.clock.now()
        with self.store.transaction() as work:
            ended = work.grants.revoke_issued_for(code.digest, now)
            detail = {"tokens": str(ended)}
            work.audit.append(AuditEvent(now, "code.used-again", f"client:{client.client_id}", code.subject, detail))

    def refresh(self, client: Client, asked: Refreshing, network: str) -> Issued:
        """Issue an access token for a refresh token, which stays as it is unless it rotates.

        One that rotates works once. Who brings it again shows that two have it, so all of its family ends (S30, RFC 9700 section
        4.14.2); the one of several that was first, too: which of them is the thief, nobody knows.

        Args:
            client: authenticated.
            asked: what it asks for.
            network: address that asks.

        Raises:
            GrantEnded: unknown, used, revoked, expired, or another client's.
            KeyNotShown: it is bound to another key, as a public client's is that has shown one.
            NotUsable: the gate is shut.
            ScopeTooWide: more than was granted (S33).
            ResourceNotGranted: another one than was granted.
            Throttled: too often, for this application and this user; the token is not used up.
        """
        try:
            return self._refresh(client, asked, network)
        except GrantEnded:
            if asked.rotates:
                self._end_family(client, asked.token)
            raise

    def inspect_access(self, jti: str) -> Live:
        """Look at an access token by its `jti`. Raises `GrantEnded` or another `NotUsable`."""
        return self._inspect("access", jti)

    def inspect_refresh(self, refresh_token: str) -> Live:
        """Look at a refresh token. Raises `GrantEnded` or another `NotUsable`."""
        return self._inspect("refresh", refresh_token)

    def revoke_access(self, client: Client, jti: str) -> None:
        """End one access token, if it is this client's (RFC 7009 section 2.1); anything else is silence."""
        now = self.clock.now()
        with self.store.transaction() as work:
            token = work.grants.token("access", self._digest("access", jti))
            if token is None or token.client_id != client.client_id or not work.grants.revoke_token(token, now):
                return
            work.audit.append(self._ended("token.revoked", client, token, now))

    def revoke_refresh(self, client: Client, refresh_token: str) -> None:
        """End a refresh token and its grant with all that was issued under it, if it is this client's."""
        now = self.clock.now()
        with self.store.transaction() as work:
            token = work.grants.token("refresh", self._digest("refresh", refresh_token))
            if token is None or token.client_id != client.client_id or not work.grants.revoke_token(token, now):
                return
            work.grants.revoke(token.grant_id, now)
            work.audit.append(self._ended("grant.revoked", client, token, now))

    @staticmethod
    def _use(work: Transaction, code: Capability, now: datetime) -> None:
        # Gone is not used: who ends an application's access has withdrawn its codes, and nobody has come twice.
        if work.capabilities.get(code.purpose, code.digest) is None:
            raise GrantEnded
        if not work.capabilities.use(code, now):
            raise CodeUsed

    def _issue(self, work: Transaction, client: Client, user: Koppelgebruiker | None, network: str, plan: TokenPlan) -> Issued:
        now = self.clock.now()
        grant = self._grant_for(work, client, user, network, plan)
        issued = self._issue_under(work, client, grant, user, plan)
        work.audit.append(AuditEvent(now, "token.issued", f"client:{client.client_id}", grant.sub, {"grant": grant.id}))
        return issued

    def _refresh(self, client: Client, asked: Refreshing, network: str) -> Issued:
        live = self.inspect_refresh(asked.token)
        scope, granted = asked.scope_of(client, live.token), live.token
        if granted.confirmation not in (None, asked.confirmation):
            raise KeyNotShown
        # Each leaves a row or two for as long as they live, and whoever may refresh at all could have as many as they like.
        self.limits.hit("refresh-grant", live.grant.id)
        plan = TokenPlan(scope, granted.audience, asked.access_lifetime, code=granted.code, confirmation=asked.confirmation)
        now, refresh_token = self.clock.now(), asked.token
        with self.store.transaction() as work:
            self._assert_still_live(work, live, now)
            grant = live.grant.used(now, network)
            work.grants.used(grant)
            issued = self._issue_under(work, client, grant, live.user, plan)
            if asked.rotates:
                refresh_token = rotated(work, replace(granted, confirmation=asked.confirmation), self.digests, now)
            work.audit.append(AuditEvent(now, "token.refreshed", f"client:{client.client_id}", grant.sub, {"grant": grant.id}))
        return replace(issued, refresh_token=refresh_token)

    def _end_family(self, client: Client, refresh_token: str) -> None:
        now = self.clock.now()
        with self.store.transaction() as work:
            token = work.grants.token("refresh", self._digest("refresh", refresh_token))
            if token is not None and token.client_id == client.client_id and token.revoked_at is not None:
                end_family(work, token, now)

    def _grant_for(self, work: Transaction, client: Client, user: Koppelgebruiker | None, network: str, plan: TokenPlan) -> Grant:
        now = self.clock.now()
        found = self._grant_of(work, client, user)
        if found is not None:
            used = _remembering(found.used(now, network), plan)
            work.grants.used(used)
            work.grants.allowed(used)
            return used
        uid, seen = (user.uid, user.seen) if user else ("", None)
        bare = Grant(secrets.token_hex(16), client.client_id, uid, seen, now, now, network_around(network))
        grant = _remembering(bare, plan)
        work.grants.add(grant)
        return grant

    @staticmethod
    def _grant_of(work: Transaction, client: Client, user: Koppelgebruiker | None) -> Grant | None:
        if user is None:
            return work.grants.of_client(client.client_id)
        found = work.grants.of_user(user.entry_uuid)
        return next((grant for grant in found if grant.client_id == client.client_id and grant.seen == user.seen), None)

    def _issue_under(
        self, work: Transaction, client: Client, grant: Grant, user: Koppelgebruiker | None, plan: TokenPlan
    ) -> Issued:
        now = grant.last_used_at
        jti = secrets.token_urlsafe(16)
        expires_at = now + plan.access_lifetime
        work.grants.add_token(self._token("access", jti, grant, plan, expires_at))
        refresh_token = None
        if plan.refresh_lifetime is not None:
            refresh_token = new_secret()
            # RFC 9449 section 5: who proves itself at each refresh needs no key for it; who can't, does.
            kept = replace(plan, confirmation=None) if client.can_prove_itself else plan
            work.grants.add_token(self._token("refresh", refresh_token, grant, kept, now + plan.refresh_lifetime))
        return Issued(grant, user, jti, plan.scope, plan.audience, now, expires_at, refresh_token, plan.confirmation)

    def _token(self, kind: str, handle: str, grant: Grant, plan: TokenPlan, expires_at: datetime) -> Token:
        return Token(
            digest=self._digest(kind, handle),
            kind=kind,
            grant_id=grant.id,
            client_id=grant.client_id,
            scope=plan.scope,
            audience=plan.audience,
            issued_at=grant.last_used_at,
            expires_at=expires_at,
            code=plan.code,
            confirmation=plan.confirmation,
        )

    def _inspect(self, kind: str, handle: str) -> Live:
        now = self.clock.now()
        with self.store.reading() as work:
            token = work.grants.token(kind, self._digest(kind, handle))
            if token is None:
                raise GrantEnded
            grant = work.grants.get(token.grant_id)
            client = work.clients.get(token.client_id)
        if grant is None or not token.live_at(now) or grant.revoked_at is not None:
            raise GrantEnded
        if client is None:
            raise ClientDisabled
        return Live(token, grant, self._let_through(grant, client))

    def _let_through(self, grant: Grant, client: Client) -> Koppelgebruiker | None:
        if grant.seen is None:
            self.gate.assert_usable(ClientSubject(grant.client_id), client, None)
            return None
        return self.gate.assert_usable(UserSubject(grant.seen.entry_uuid), client, grant.seen)

    @staticmethod
    def _assert_still_live(work: Transaction, live: Live, now: datetime) -> None:
        # Revocation may have come between the look and this transaction.
        token = work.grants.token(live.token.kind, live.token.digest)
        grant = work.grants.get(live.grant.id)
        if token is None or not token.live_at(now) or grant is None or grant.revoked_at is not None:
            raise GrantEnded

    def _digest(self, kind: str, handle: str) -> str:
        return self.digests.digest(_PURPOSES[kind], handle)

    @staticmethod
    def _ended(action: str, client: Client, token: Token, now: datetime) -> AuditEvent:
        return AuditEvent(now, action, f"client:{client.client_id}", client.client_id, {"grant": token.grant_id})


def _remembering(grant: Grant, plan: TokenPlan) -> Grant:
    return grant if plan.allowed_by is None else grant.allowed(plan.allowed_by, plan.audience, plan.scope)
