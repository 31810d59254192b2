"""An access token as whoever gets it sees it: explained, and verified with the published keys alone (RFC 9068 section 4)."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import import_key

from idp.errors import NotGranted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from joserfc.jwk import Key
    from joserfc.jws import JWSAlgModel  # type: ignore[attr-defined]  # imported there, but left out of __all__

ALGORITHMS = ("ES256", "PS256", "EdDSA", "RS256")
"""FAPI 2.0 Security Profile section 5.4.1, and RS256 of OpenID Connect Core section 15.1."""

CLOCKS_APART = timedelta(seconds=60)
"""The service itself refuses a token from farther in the future."""

MEANS = {
    "alg": "the algorithm of the signature",
    "typ": "an access token (RFC 9068)",
    "kid": "which published key signed it",
    "iss": "who issued it",
    "sub": "the koppelgebruiker, by the entryUUID of its entry",
    "aud": "the API that it is for",
    "client_id": "the application that it was issued to",
    "iat": "issued at",
    "exp": "worth nothing from then on",
    "jti": "its own name, by which it can be ended",
    "scope": "what it is good for",
    "administratie": "whose books it opens",
    "cnf": "the key or the certificate without which it is worth nothing",
}
"""What stands in a token."""

MEANS_FOR_ITSELF = MEANS | {"sub": "the application itself"}
"""The same, where nobody let it in."""

_TYPE = "at+jwt"
_PARTS = 3


class _TheseAlgorithms(jws.JWSRegistry):
    """Exactly `ALGORITHMS`; joserfc itself warns of EdDSA, as the name that RFC 9864 gave way to Ed25519."""

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


REGISTRY = _TheseAlgorithms()


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token taken apart; nothing of it is proved yet.

    Args:
        text: as it came.
        header: of the signature.
        claims: what it says.
    """

    text: str = field(repr=False)
    header: Mapping[str, object]
    claims: Mapping[str, object]

    @classmethod
    def read(cls, text: str) -> AccessToken:
        """Take one apart. Raises `NotGranted`: it is no JWT."""
        parts = text.split(".")
        try:
            header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in parts[:2])
        except (ValueError, RecursionError):
            header = claims = None
        if len(parts) != _PARTS or not isinstance(header, dict) or not isinstance(claims, dict):
            message = "the access token is no JWT, so no API can verify it; look which service answers here (--url)"
            raise NotGranted(message)
        return cls(text, header, claims)

    def moment(self, name: str) -> datetime:
        """Give a claim that is a moment (RFC 7519 section 2). Raises `NotGranted`: it is none."""
        value = self.claims.get(name)
        try:
            return datetime.fromtimestamp(value, UTC)  # type: ignore[arg-type]  # what is no number raises TypeError
        except (TypeError, ValueError, OverflowError, OSError) as exc:
            message = f"the access token has no {name}, so no API takes it; look which service answers here (--url)"
            raise NotGranted(message) from exc

    def check(self, issuer: str, client_id: str, now: datetime) -> None:
        """See that it says what it should, as an API does.

        Args:
            issuer: whom it should be from.
            client_id: whom it should be for.
            now: by this machine's clock; the token was issued a moment ago.

        Raises:
            NotGranted: it doesn't.
        """
        wrong = (
            ("typ", self.header.get("typ"), _TYPE),
            ("iss", self.claims.get("iss"), issuer),
            ("client_id", self.claims.get("client_id"), client_id),
        )
        for name, found, wanted in wrong:
            if found != wanted:
                message = f"the access token has {name} {found} instead of {wanted}, so APIs refuse it; look at service.origin"
                raise NotGranted(message)
        apart = self.moment("iat") - now
        if abs(apart) > CLOCKS_APART or self.moment("exp") <= now:
            behind = "behind" if apart > timedelta() else "ahead of"
            message = (
                f"this machine's clock is {abs(apart).total_seconds():.0f} seconds {behind} the service's, and an API with such "
                "a clock refuses the token; set whichever is wrong right (NTP)"
            )
            raise NotGranted(message)

    def verify(self, keys: Mapping[str, object]) -> None:
        """Verify the signature with the key that the header names, by that key's algorithm alone (RFC 8725 section 3.1).

        Args:
            keys: the service's JWKS.

        Raises:
            NotGranted: the key is not published, or the signature is not its.
        """
        kid, alg = self.header.get("kid"), str(self.header.get("alg"))
        key = _published(keys, kid)
        if key is None or key.get("alg", alg) != alg:
            message = f"the key {kid} for {alg} is not published at the JWKS; look whether a proxy keeps an old copy of it"
            raise NotGranted(message)
        try:
            jws.deserialize_compact(self.text, key, registry=REGISTRY)
        except (JoseError, ValueError, TypeError, KeyError) as exc:
            message = f"the signature is not that of the published key {kid}; look whether two services share this address"
            raise NotGranted(message) from exc


def _published(keys: Mapping[str, object], kid: object) -> Key | None:
    published = keys.get("keys")
    for found in published if isinstance(published, list) else ():
        if isinstance(found, dict) and found.get("kid") == kid:
            try:
                return import_key(found)
            except (JoseError, ValueError, TypeError, KeyError):
                return None
    return None
