"""A device without a browser is let in from another screen (RFC 8628)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent
from idp.domain.capability import LIFETIMES, Purpose
from idp.domain.client import UserSubject
from idp.domain.digests import new_secret
from idp.domain.user_code import new_user_code, read_user_code
from idp.errors import (
    AskedTooSoon,
    CodeUsed,
    DeviceCodeExpired,
    DeviceRefused,
    FlowExpired,
    GrantEnded,
    LinkDead,
    NotDecided,
    ResourceNotGranted,
    UserCodeUnknown,
    UserNotChosen,
)
from idp.services.allowed import as_seen, fetch
from idp.services.own_user import own_user

if TYPE_CHECKING:
    from idp.domain.capability import Capability
    from idp.domain.client import Client
    from idp.domain.people import Owner
    from idp.ports.directory import Directory
    from idp.ports.outside import Limits
    from idp.ports.store import Transaction
    from idp.services.gate import Gate
    from idp.services.grants import GrantService
    from idp.services.issued import Issued, TokenPlan
    from idp.services.secrets_kept import KeptSecrets

INTERVAL = timedelta(seconds=5)
"""Between two questions of a device, at first; and by so much it grows each time that it asks too soon (section 3.5)."""

_ALLOWED, _REFUSED = "allowed", "refused"


@dataclass(frozen=True, slots=True)
class Started:
    """What a device is told: its own code, and the one that it shows. Neither is kept.

    Args:
        device_code: by which the device asks.
        user_code: for its user to type.
        lifetime: of both.
    """

    device_code: str = field(repr=False)
    user_code: str = field(repr=False)
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class Waiting:
    """A device whose code an owner has typed.

    Args:
        kept: its code.
        client: the application on it.
        scope: space-separated scopes.
    """

    kept: Capability
    client: Client
    scope: str


@dataclass(frozen=True, slots=True)
class DeviceAuthorization:
    """From the code on a screen to the tokens.

    All that is known of a device stands with its device code; its user code, and the step of a browser that has it, lead there.
    """

    directory: Directory
    gate: Gate
    grants: GrantService
    kept: KeptSecrets
    limits: Limits

    def start(self, client: Client, scope: str, audience: str) -> Started:
        """Make both codes (section 3.2).

        Args:
            client: authenticated.
            scope: space-separated scopes.
            audience: the resource.
        """
        device_code = new_secret()
        facts = {"client": client.client_id, "scope": scope, "audience": audience, "interval": str(INTERVAL.seconds)}
        device = self.kept.capability(Purpose.DEVICE_CODE, device_code, facts)
        with self.kept.store.transaction() as work:
            work.capabilities.add(device)
            while True:
                user_code = new_user_code()
                shown = self.kept.capability(Purpose.USER_CODE, read_user_code(user_code), {"device": device.digest})
                if work.capabilities.add(shown):  # of so few there may be one like it
                    return Started(device_code, user_code, LIFETIMES[Purpose.DEVICE_CODE])

    def recognise(self, owner: Owner, typed: str) -> str:
        """Find the device that shows a code. Only so many wrong ones may be typed (section 5.1).

        Args:
            owner: who types, logged in.
            typed: anything.

        Returns:
            the secret of the step, for this owner alone.

        Raises:
            UserCodeUnknown: there is none, or it was decided, or its time is over.
            Throttled: too many wrong ones.
        """
        self.limits.check("device-failures", owner.entry_uuid)
        try:
            found = self.kept.find(Purpose.USER_CODE, read_user_code(typed))
            self._waiting(found.facts["device"])
        except (LinkDead, FlowExpired) as exc:
            self.limits.hit("device-failures", owner.entry_uuid)
            raise UserCodeUnknown from exc
        return self.kept.make(Purpose.DEVICE_STEP, {"device": found.facts["device"], "owner": owner.entry_uuid})

    def waiting(self, owner: Owner, step: str) -> Waiting:
        """Give the device that an owner has recognised. Raises `FlowExpired`: none, another owner's, or decided by another."""
        try:
            facts = self.kept.find(Purpose.DEVICE_STEP, step).facts
        except LinkDead as exc:
            raise FlowExpired from exc
        if facts["owner"] != owner.entry_uuid:
            raise FlowExpired
        return self._waiting(facts["device"], owner.entry_uuid)

    def allow(self, owner: Owner, waiting: Waiting, uid: str) -> None:
        """Let the application in, bound to entry, owner and password as they are now. Said again, it is nothing more.

        Args:
            owner: who says so.
            waiting: the device.
            uid: for which of their koppelgebruikers.

        Raises:
            UserNotChosen: none was named.
            UnknownUser: not a koppelgebruiker of this owner.
            NotUsable: the gate is shut.
            FlowExpired: somebody has decided otherwise meanwhile, or its time is over.
        """
        if not uid:
            raise UserNotChosen
        found = own_user(self.directory, owner, uid)
        user = self.gate.assert_usable(UserSubject(found.entry_uuid), waiting.client, found.seen)
        decided = {"decision": _ALLOWED, "by": owner.entry_uuid, **as_seen(user)}
        self._decide(waiting, decided, user.entry_uuid, "device.allowed", user.entry_uuid)

    def refuse(self, owner: Owner, waiting: Waiting) -> None:
        """Shut the device out. Raises `FlowExpired`, as `allow`."""
        decided = {"decision": _REFUSED, "by": owner.entry_uuid}
        self._decide(waiting, decided, "", "device.refused", owner.entry_uuid)

    def redeem(self, client: Client, device_code: str, plan: TokenPlan, audience: str | None, network: str) -> Issued:
        """Change a device code for tokens, once its owner has allowed it (section 3.4); a second time ends what the first got.

        Args:
            client: authenticated.
            device_code: as sent.
            plan: lifetimes and key; scope, resource and code are those that were allowed.
            audience: the resource that is asked for, or None for the one that was allowed.
            network: address that asks.

        Raises:
            NotDecided: ask again later; `AskedTooSoon`: and less often.
            DeviceRefused: the owner has refused.
            DeviceCodeExpired: nobody has decided in time, or the device has not asked in time.
            CodeUsed: it was redeemed before.
            GrantEnded: unknown, withdrawn, or another client's.
            NotUsable: the user was blocked or changed since the owner allowed it (S46).
            ResourceNotGranted: another one than was allowed.
        """
        found = self._poll(client, device_code)
        facts = found.facts
        if audience not in (None, facts["audience"]):
            raise ResourceNotGranted
        allowed = replace(plan, scope=facts["scope"], audience=facts["audience"], code=found.digest)
        try:
            return fetch(self.gate, self.grants, client, found, network, allowed)
        except CodeUsed:
            self.grants.end_issued_for(client, found)
            raise

    def _poll(self, client: Client, device_code: str) -> Capability:
        now = self.kept.clock.now()
        too_soon = False
        with self.kept.store.transaction() as work:
            found = self.kept.peek(work, Purpose.DEVICE_CODE, device_code)
            if found is None or found.facts["client"] != client.client_id:
                raise GrantEnded
            pending = found.live_at(now) and "decision" not in found.facts
            if pending:
                too_soon = self._asked(work, found, now)
        if pending:
            raise AskedTooSoon if too_soon else NotDecided
        if found.used_at is None and not found.live_at(now):
            raise DeviceCodeExpired
        if found.facts["decision"] == _REFUSED:
            raise DeviceRefused
        return found

    @staticmethod
    def _asked(work: Transaction, found: Capability, now: datetime) -> bool:
        """Keep when a device has asked, and tell whether that was too soon."""
        interval = timedelta(seconds=int(found.facts["interval"]))
        before = found.facts.get("asked_at")
        too_soon = before is not None and now < datetime.fromisoformat(before) + interval
        next_interval = interval + INTERVAL if too_soon else interval
        facts = {**found.facts, "asked_at": now.isoformat(), "interval": str(next_interval.seconds)}
        work.capabilities.renew(replace(found, facts=facts))
        return too_soon

    def _waiting(self, digest: str, owner_uuid: str = "") -> Waiting:
        with self.kept.store.reading() as work:
            found = work.capabilities.get(Purpose.DEVICE_CODE, digest)
            client = work.clients.get(found.facts["client"]) if found else None
        if found is None or client is None or not client.enabled or not self._open(found, owner_uuid):
            raise FlowExpired
        return Waiting(found, client, found.facts["scope"])

    def _open(self, found: Capability, owner_uuid: str = "") -> bool:
        """Tell whether it can be decided still. To whoever has decided it, it stays open: their button may be pressed twice."""
        return found.live_at(self.kept.clock.now()) and ("decision" not in found.facts or found.facts.get("by") == owner_uuid)

    def _decide(self, waiting: Waiting, decided: dict[str, str], user: str, action: str, subject: str) -> None:
        detail = {"client": waiting.client.client_id, "scope": waiting.scope}
        with self.kept.store.transaction() as work:
            current = work.capabilities.get(Purpose.DEVICE_CODE, waiting.kept.digest)
            if current is None or not current.live_at(self.kept.clock.now()):
                raise FlowExpired
            after = replace(current, facts={**current.facts, **decided}, subject=user)
            if after == current:
                return
            if "decision" in current.facts:
                raise FlowExpired
            work.capabilities.renew(after)
            work.audit.append(AuditEvent(self.kept.clock.now(), action, "owner", subject, detail))
