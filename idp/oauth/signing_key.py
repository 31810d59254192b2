"""One signing key: what may be told about it, and, when it is first used, the key itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from joserfc import jwk
from joserfc.errors import JoseError

from idp.errors import ConfigurationError
from idp.oauth.algorithms import ALGORITHMS, MIN_RSA_BITS, PUBLIC_MEMBERS, algorithms_of, rsa_bits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.oauth.key_file import Entry

_RSA_BITS = 3072
_KEY_TYPES = {"ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519"), "RS256": ("RSA", _RSA_BITS), "PS256": ("RSA", _RSA_BITS)}


@dataclass(frozen=True)
class SigningKey:
    """A key with its life.

    Args:
        alg: the one algorithm that it is for.
        members: of its JWK, with the private part.
        created_at: when it was made.
        sign_from: first moment at which it signs; it is published from the beginning.
        retire_at: when it stops being published, or None while no other has taken its place.
        is_own: it comes from a file of the operator's, and its private part is kept there alone.

    Raises:
        ConfigurationError: not a key of this algorithm, or a weak one.
    """

    alg: str
    members: Mapping[str, Any] = field(repr=False)
    created_at: datetime
    sign_from: datetime
    retire_at: datetime | None = None
    is_own: bool = False

    def __post_init__(self) -> None:
        """Refuse a key that doesn't fit its algorithm, without the cost of loading it."""
        if self.alg not in algorithms_of(self.members):
            message = f"it does not fit its algorithm {self.alg!r}"
            raise ConfigurationError(message)
        if self.members["kty"] == "RSA" and rsa_bits(self.members) < MIN_RSA_BITS:
            message = f"an RSA key needs {MIN_RSA_BITS} bits"
            raise ConfigurationError(message)

    @cached_property
    def kid(self) -> str:
        """The key's thumbprint (RFC 7638): another key never has the same."""
        return jwk.thumbprint(self._public_members())

    @cached_property
    def key(self) -> jwk.Key:
        """The key to sign and verify with; an RSA key takes tens of milliseconds to load, once."""
        try:
            return jwk.import_key(dict(self.members))
        except (JoseError, ValueError) as exc:
            message = f"the signing key {self.kid} is broken"
            raise ConfigurationError(message) from exc

    @property
    def can_sign(self) -> bool:
        """Whether its private part is at hand."""
        return "d" in self.members

    def public(self) -> dict[str, str]:
        """Give the JWK to publish (RFC 7517 section 4)."""
        return {**self._public_members(), "kid": self.kid, "alg": self.alg, "use": "sig"}

    def published_at(self, now: datetime) -> bool:
        """Tell whether tokens that it signed are still accepted."""
        return self.retire_at is None or now < self.retire_at

    def entry(self) -> Entry:
        """Write it for the key file; of an operator's own key only what is published."""
        return {
            "alg": self.alg,
            "jwk": self._public_members() if self.is_own else dict(self.members),
            "created_at": self.created_at.isoformat(),
            "sign_from": self.sign_from.isoformat(),
            "retire_at": self.retire_at.isoformat() if self.retire_at else None,
            "is_own": self.is_own,
        }

    def _public_members(self) -> dict[str, str]:
        return {name: self.members[name] for name in PUBLIC_MEMBERS[self.members["kty"]]}


def new_key(alg: str, now: datetime, sign_from: datetime) -> SigningKey:
    """Make a key.

    Args:
        alg: one of `ALGORITHMS`.
        now: the present moment.
        sign_from: first moment at which it signs.

    Raises:
        ConfigurationError: another algorithm.
    """
    if alg not in _KEY_TYPES:
        message = f"unknown signing algorithm {alg!r}; use one of {', '.join(ALGORITHMS)}"
        raise ConfigurationError(message)
    kind, size = _KEY_TYPES[alg]
    made = jwk.generate_key(kind, size, private=True)  # type: ignore[call-overload]  # the pairs above are what it takes
    return SigningKey(alg, made.as_dict(private=True), now, sign_from)


def read_key(entry: Entry) -> SigningKey:
    """Read a key as `SigningKey.entry` wrote it.

    Raises:
        ConfigurationError: it is not one.
    """
    try:
        retire_at = entry["retire_at"]
        return SigningKey(
            alg=entry["alg"],
            members=dict(entry["jwk"]),
            created_at=datetime.fromisoformat(entry["created_at"]),
            sign_from=datetime.fromisoformat(entry["sign_from"]),
            retire_at=datetime.fromisoformat(retire_at) if retire_at else None,
            is_own=bool(entry.get("is_own")),
        )
    except (KeyError, TypeError, ValueError) as exc:
        message = "an entry of the key file is no key"
        raise ConfigurationError(message) from exc
    except ConfigurationError as exc:
        message = f"a key in the key file can't be used: {exc}"
        raise ConfigurationError(message) from exc
