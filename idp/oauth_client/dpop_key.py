"""A key that an application shows when it asks for tokens and when it brings one (DPoP, RFC 9449)."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from joserfc import jws
from joserfc.jwk import ECKey

from idp.domain.digests import base64url
from idp.oauth_client.access_token import REGISTRY

if TYPE_CHECKING:
    from datetime import datetime

    from idp.oauth_client.http import Reply

HEADER, NONCE_HEADER = "DPoP", "dpop-nonce"
_ALGORITHM = "ES256"
_WANTS_NONCE = "use_dpop_nonce"


@dataclass(slots=True)
class DPoPKey:
    """One, made for this and kept nowhere, and the nonce that the service has given last."""

    _key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"), repr=False)
    _nonce: str | None = field(init=False, default=None)

    @property
    def thumbprint(self) -> str:
        """What tokens are bound to (RFC 7638)."""
        return self._key.thumbprint()

    def proof(self, method: str, url: str, now: datetime, access_token: str | None = None) -> tuple[str, dict[str, object]]:
        """Sign a proof for one request (section 4.2).

        Args:
            method: of the request.
            url: of the request, without a query.
            now: the present moment.
            access_token: that comes with it, if one does.

        Returns:
            the proof, and what it says.
        """
        claims: dict[str, object] = {"htm": method, "htu": url, "iat": int(now.timestamp()), "jti": secrets.token_urlsafe(16)}
        if self._nonce is not None:
            claims["nonce"] = self._nonce
        if access_token is not None:
            claims["ath"] = base64url(hashlib.sha256(access_token.encode()).digest())
        public = {name: value for name, value in self._key.as_dict(private=False).items() if name in ("kty", "crv", "x", "y")}
        header = {"typ": "dpop+jwt", "alg": _ALGORITHM, "jwk": public}
        text = jws.serialize_compact(header, json.dumps(claims).encode(), self._key, registry=REGISTRY)
        return text, {f"{HEADER} {name}": value for name, value in {**claims, "jkt": self.thumbprint}.items()}

    def wants_another(self, reply: Reply) -> bool:
        """Keep the nonce of an answer, and tell whether it came for lack of one: then it is asked again (section 8)."""
        nonce = reply.headers.get(NONCE_HEADER)
        if nonce is None:
            return False
        self._nonce = nonce
        return reply.document().get("error") == _WANTS_NONCE
