"""An owner lets an application in, and the application redeems the code that it gets for it (RFC 6749 section 4.1)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connectors.base import OPENID
from idp.domain.audit import AuditEvent
from idp.domain.capability import Purpose
from idp.domain.client import UserSubject
from idp.domain.digests import new_secret
from idp.domain.grant import JKT, Confirmation
from idp.domain.pkce import proves
from idp.domain.redirect_uri import is_registered
from idp.errors import (
    CodeUsed,
    FlowExpired,
    GrantEnded,
    LinkDead,
    RequestEnded,
    ResourceNotGranted,
    UnknownUser,
    UserNotChosen,
)
from idp.services.allowed import fetch
from idp.services.answered import note_answer
from idp.services.code_facts import authentication_of, bound
from idp.services.issued import TokenPlan
from idp.services.logged_in_clients import remember_client
from idp.services.nonces import use_nonce
from idp.services.own_user import own_user
from idp.services.pushed_requests import REQUEST_URI, PushedRequests
from idp.services.remembered import is_remembered

if TYPE_CHECKING:
    from datetime import timedelta

    from idp.domain.capability import Capability
    from idp.domain.client import Client
    from idp.domain.people import Owner
    from idp.domain.portal_session import PortalSession
    from idp.ports.directory import Directory
    from idp.services.gate import Gate
    from idp.services.grants import GrantService
    from idp.services.issued import Issued
    from idp.services.pushed_requests import PushedRequest
    from idp.services.secrets_kept import KeptSecrets


@dataclass(frozen=True, slots=True)
class Asked:
    """What an application asks an owner for; the code is bound to all of it (S6).

    Args:
        client: the application.
        redirect_uri: where the answer goes, as it was sent.
        scope: space-separated scopes.
        audience: the resource.
        challenge: of PKCE, or None.
        subjects: the koppelgebruikers that it wants one of, by `entryUUID`; None: whichever its owner chooses.
        nonce: of OpenID Connect, or None.
        claims: what an ID token is to tell besides.
        jkt: thumbprint of the DPoP key that is to be shown at the redemption (RFC 9449 section 10); None: any, or none.
        pushed: the request that the application has brought itself before, or None. The decision uses it up.
    """

    client: Client
    redirect_uri: str
    scope: str
    audience: str
    challenge: str | None
    subjects: frozenset[str] | None = None
    nonce: str | None = None
    claims: tuple[str, ...] = ()
    jkt: str | None = None
    pushed: PushedRequest | None = None


@dataclass(frozen=True, slots=True)
class Presented:
    """A code as an application brings it.

    Args:
        code: as sent; anything.
        redirect_uri: as sent.
        verifier: of PKCE, or None.
        audience: the resource that is asked for, or None for the one that was allowed.
        confirmation: the key that the access token will be bound to, or None.
    """

    code: str = field(repr=False)
    redirect_uri: str
    verifier: str | None = field(repr=False)
    audience: str | None = None
    confirmation: Confirmation | None = None


@dataclass(frozen=True, slots=True)
class PutOff:
    """A request that waits until its owner has logged in or decided.

    Args:
        secret: by which a form of ours refers to it.
        target: path and query of the request.
        name: of the application.
        locales: languages that the application says its owner reads, separated by spaces.
    """

    secret: str = field(repr=False)
    target: str
    name: str
    locales: str

    @property
    def query(self) -> str:
        """The query alone."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class Authorization:
    """From the question to the tokens."""

    directory: Directory
    gate: Gate
    grants: GrantService
    kept: KeptSecrets

    @property
    def pushed(self) -> PushedRequests:
        """Requests that applications bring themselves."""
        return PushedRequests(self.kept)

    def put_off(self, target: str, name: str, locales: str = "", pushed: PushedRequest | None = None) -> PutOff:
        """Keep a request for as long as somebody takes to log in and decide.

        Args:
            target: path and query of the request, judged.
            name: of the application.
            locales: see `PutOff`.
            pushed: the same, if it was pushed: then it is kept already, and its name is a secret that must stand nowhere (S34).
        """
        if pushed is not None:
            return _put_off_as(pushed)
        facts = {"target": target, "name": name, "locales": locales}
        return PutOff(self.kept.make(Purpose.AUTHORIZATION_REQUEST, facts), target, name, locales)

    def resume(self, secret: str) -> PutOff:
        """Give a request that was put off; one that was pushed also when it has ended, so that its owner is told so there.

        Raises:
            FlowExpired: there is none, or it waited for too long.
        """
        try:
            if secret.startswith(REQUEST_URI):
                return _put_off_as(self.pushed.look(secret))
            facts = self.kept.find(Purpose.AUTHORIZATION_REQUEST, secret).facts
        except (LinkDead, RequestEnded) as exc:
            raise FlowExpired from exc
        return PutOff(secret, facts["target"], facts["name"], facts["locales"])

    def remembered(self, owner: Owner, asked: Asked) -> list[str]:
        """Name the koppelgebruikers, of those that can be used, for whom an owner has allowed all of this before.

        Args:
            owner: logged in.
            asked: what the application asks for.
        """
        now = self.kept.clock.now()
        wanted = [user for user in self.directory.users_of(owner) if asked.subjects is None or user.entry_uuid in asked.subjects]
        with self.kept.store.reading() as work:
            found = [user for user in wanted if is_remembered(work, owner, user, asked)]
        return [user.uid for user in found if not user.locks.shut_at(now)]

    def allow(self, session: PortalSession, uid: str, asked: Asked, question: str | None = None, *, again: bool = False) -> str:
        """Make a code, bound to what was asked, to the login, and to entry, owner and password as they are now.

        Args:
            session: of the owner who says so.
            uid: which of their koppelgebruikers.
            asked: what the application asks for.
            question: the secret of the request that was put off to ask them, or None.
            again: they are not asked, since they have allowed it before (`remembered`).

        Raises:
            UserNotChosen: none was named.
            UnknownUser: not a koppelgebruiker of this owner, or not one that was asked for.
            NotUsable: the gate is shut; or what they had allowed was ended meanwhile.
            NonceUsed: another request came with the same nonce.
            RequestEnded: the request was pushed, and somebody has decided meanwhile.
        """
        if not uid:
            raise UserNotChosen
        found = own_user(self.directory, session.owner, uid)
        if asked.subjects is not None and found.entry_uuid not in asked.subjects:
            raise UnknownUser
        user = self.gate.assert_usable(UserSubject(found.entry_uuid), asked.client, found.seen)
        code = new_secret()
        kept = self.kept.capability(Purpose.AUTHORIZATION_CODE, code, bound(asked, found, session), subject=user.entry_uuid)
        detail = {"client": asked.client.client_id, "scope": asked.scope}
        actor, action = ("service", "authorization.remembered") if again else ("owner", "authorization.allowed")
        with self.kept.store.transaction() as work:
            if again and not is_remembered(work, session.owner, user, asked):
                raise GrantEnded
            self.pushed.spend(work, asked.pushed, kept.created_at)
            if asked.nonce is not None:
                use_nonce(self.kept, work, asked.client, asked.nonce, question)
            work.capabilities.add(kept)
            if OPENID in asked.scope.split():
                remember_client(self.kept, work, asked.client, session, user.entry_uuid)
            note_answer(work, session)
            work.audit.append(AuditEvent(kept.created_at, action, actor, user.entry_uuid, detail))
        return code

    def refuse(self, session: PortalSession, asked: Asked) -> None:
        """Write down that an owner has refused. Raises `RequestEnded`, see `allow`."""
        detail = {"client": asked.client.client_id, "scope": asked.scope}
        with self.kept.store.transaction() as work:
            now = self.kept.clock.now()
            self.pushed.spend(work, asked.pushed, now)
            note_answer(work, session)
            work.audit.append(AuditEvent(now, "authorization.refused", "owner", session.owner.entry_uuid, detail))

    def redeem(self, client: Client, presented: Presented, network: str, access: timedelta, refresh: timedelta | None) -> Issued:
        """Change a code for tokens, once (S4); a second time ends what the first one got.

        Args:
            client: authenticated.
            presented: what it brings.
            network: address that asks.
            access: lifetime of the access token.
            refresh: lifetime of the refresh token, or None for none.

        Raises:
            CodeUsed: it was redeemed before.
            GrantEnded: unknown, expired, withdrawn, another client's, or bound to something else (S6).
            NotUsable: the user was blocked or changed since the owner allowed it (S46).
            ResourceNotGranted: another one than was allowed.
        """
        found = self._found(client, presented.code)
        facts, bound_to = found.facts, presented.confirmation
        plan = TokenPlan(facts["scope"], facts["audience"], access, refresh, found.digest, bound_to, facts["allowed_by"])
        try:
            return self._redeem(client, found, presented, network, plan)
        except CodeUsed:
            self.grants.end_issued_for(client, found)
            raise

    def _redeem(self, client: Client, found: Capability, presented: Presented, network: str, plan: TokenPlan) -> Issued:
        facts = found.facts
        if found.used_at is not None:
            raise CodeUsed
        if not found.live_at(self.kept.clock.now()) or facts["redirect_uri"] != presented.redirect_uri:
            raise GrantEnded
        if not is_registered(presented.redirect_uri, client.redirect_uris):  # it was, when the code was made
            raise GrantEnded
        if not proves(presented.verifier, facts.get("challenge")):
            raise GrantEnded
        if "jkt" in facts and presented.confirmation != Confirmation(JKT, facts["jkt"]):  # S17
            raise GrantEnded
        if presented.audience not in (None, plan.audience):
            raise ResourceNotGranted
        issued = fetch(self.gate, self.grants, client, found, network, plan)
        return replace(issued, authentication=authentication_of(facts))

    def _found(self, client: Client, code: str) -> Capability:
        with self.kept.store.reading() as work:
            found = self.kept.peek(work, Purpose.AUTHORIZATION_CODE, code)
        # Another client's is not even ended: it would take no more than a guess at who has one.
        if found is None or found.facts["client"] != client.client_id:
            raise GrantEnded
        return found


def _put_off_as(pushed: PushedRequest) -> PutOff:
    return PutOff(pushed.request_uri, pushed.target, pushed.name, pushed.locales)
