"""Grants (an owner knows them as *koppelingen*) and the tokens issued under them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from idp.domain.people import Koppelgebruiker, Seen

_KEPT_BITS = {4: 24, 6: 48}
"""Enough to tell an application's own network from another one; which machine it was is nobody's business for a year."""


def network_around(address: str) -> str:
    """Give what is kept of an address: its network, in CIDR form; empty for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    return str(ipaddress.ip_interface((int(found), _KEPT_BITS[found.version])).network)


@dataclass(frozen=True, slots=True)
class Consent:
    """What an owner has allowed an application, so that they are not asked for it again.

    Args:
        owner: `entryUUID` of who said yes.
        scopes: by resource, all scopes that they have allowed for it, separated by spaces.
    """

    owner: str
    scopes: Mapping[str, str]

    def covers(self, owner: str, audience: str, scope: str) -> bool:
        """Tell whether this owner has allowed all of these scopes for this resource."""
        allowed = self.scopes.get(audience)
        return owner == self.owner and allowed is not None and set(scope.split()) <= set(allowed.split())


@dataclass(frozen=True, slots=True)
class Grant:
    """One application's access to one koppelgebruiker, or, on its own behalf, to no administration at all.

    Args:
        id: random identifier.
        client_id: the application.
        uid: the bare name, for people to read; empty on its own behalf.
        seen: entry and password that it was given with; None on its own behalf, for which nobody gave it anything.
        created_at: first use.
        last_used_at: latest token issued.
        network: that the latest token was asked from (`network_around`); empty when it isn't known, or once it was ended.
        revoked_at: when it was ended, or None.
        consent: what its owner has allowed in the portal; None where nobody was asked, or once it was ended.
    """

    id: str
    client_id: str
    uid: str
    seen: Seen | None
    created_at: datetime
    last_used_at: datetime
    network: str
    revoked_at: datetime | None = None
    consent: Consent | None = None

    @property
    def sub(self) -> str:
        """For whom it is, as tokens say it (RFC 9068 section 2.2): the `entryUUID`, or the client itself."""
        return self.client_id if self.seen is None else self.seen.entry_uuid

    def used(self, now: datetime, address: str) -> Grant:
        """Give it as it is after a token was issued under it.

        Args:
            now: when.
            address: that asked.
        """
        return replace(self, last_used_at=now, network=network_around(address))

    def allowed(self, owner: str, audience: str, scope: str) -> Grant:
        """Give it as it is after its owner has allowed this as well; what another one had allowed before is forgotten.

        Args:
            owner: `entryUUID` of who said yes.
            audience: the resource.
            scope: space-separated scopes.
        """
        before = self.consent.scopes if self.consent is not None and self.consent.owner == owner else {}
        scopes = sorted({*before.get(audience, "").split(), *scope.split()})
        return replace(self, consent=Consent(owner, {**before, audience: " ".join(scopes)}))


@dataclass(frozen=True, slots=True)
class Coupling:
    """A grant that was not ended, as its owner knows it.

    Args:
        grant: the grant.
        application: the client's name.
        access_until: end of the longest living token under it; None when none lives.
        self_named: the application gave itself that name, and nobody here has looked at it.
    """

    grant: Grant
    application: str
    access_until: datetime | None
    self_named: bool = False

    def works_for(self, user: Koppelgebruiker) -> bool:
        """Tell whether it was given to this user with the present password, and so ends with the next one."""
        return self.grant.seen == user.seen


JKT = "jkt"
"""The method of a DPoP key (RFC 9449 section 6.1)."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The key that a token is bound to: whoever brings the token shows that key too (RFC 7800 section 3.1).

    Args:
        method: its name as a member of ``cnf``: `JKT` or ``x5t#S256`` (RFC 8705 section 3.1).
        thumbprint: of the key or the certificate: base64url of its SHA-256.
    """

    method: str
    thumbprint: str

    def claim(self) -> dict[str, str]:
        """Give the ``cnf`` of a token."""
        return {self.method: self.thumbprint}


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was issued; the token itself is never kept.

    Args:
        digest: keyed digest of the refresh token, or of an access token's `jti`.
        kind: ``access`` or ``refresh``.
        grant_id: the grant it was issued under.
        client_id: the application it was issued to.
        scope: space-separated scopes.
        audience: the resource it is for.
        issued_at: when.
        expires_at: its absolute end.
        revoked_at: when it was revoked, or None.
        code: digest of the authorization code that it goes back to, or None.
        confirmation: the key that it is bound to, or None for a bearer token.
    """

    digest: str = field(repr=False)
    kind: str
    grant_id: str
    client_id: str
    scope: str
    audience: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    code: str | None = field(default=None, repr=False)
    confirmation: Confirmation | None = None

    def live_at(self, now: datetime) -> bool:
        """Tell whether it is neither revoked nor past its end."""
        return self.revoked_at is None and now < self.expires_at
