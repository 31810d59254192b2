"""What the OAuth floor uses of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.base import Connector
    from idp.domain.digests import KeyedDigests
    from idp.oauth.issuer import Issuer
    from idp.oauth.keys import KeyRing
    from idp.ports.outside import Clock, Limits
    from idp.services.assertions import Assertions
    from idp.services.authenticate import PasswordLogin
    from idp.services.authorization import Authorization
    from idp.services.clients import ClientRegistry
    from idp.services.device import DeviceAuthorization
    from idp.services.grants import GrantService
    from idp.services.registration import Registration
    from idp.services.used_once import UsedOnce


@dataclass(frozen=True, slots=True)
class OAuthParts:
    """Everything that grants and endpoints take, made by the composition root.

    Args:
        issuer: which of the two.
        default_audience: the API that a token is for when no resource is asked for.
        audiences: the other resources that may be asked for (RFC 8707).
        connectors: by id.
        clients: registered applications.
        assertions: what those with keys have signed.
        used_once: proofs that were used.
        login: the check of a koppelgebruiker's password, gate included.
        authorization: redeems what owners have allowed, gate included.
        devices: lets those in that have no browser, gate included.
        grants: issues, refreshes, inspects and ends tokens, gate included.
        registration: lets applications register themselves, or None where they may not.
        keys: signing keys.
        limits: counters.
        digests: so that limits keep no client_id as it was typed; nonces are made with them too.
        clock: the time.
    """

    issuer: Issuer
    default_audience: str
    audiences: tuple[str, ...]
    connectors: Mapping[str, Connector]
    clients: ClientRegistry
    assertions: Assertions
    used_once: UsedOnce
    login: PasswordLogin
    authorization: Authorization
    devices: DeviceAuthorization
    grants: GrantService
    registration: Registration | None
    keys: KeyRing
    limits: Limits
    digests: KeyedDigests
    clock: Clock
