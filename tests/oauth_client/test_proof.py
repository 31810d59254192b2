"""A key is known to sign before anything is sent."""

from __future__ import annotations

import json
import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from idp.errors import ConfigurationError
from idp.oauth_client.proof import ByKey

if TYPE_CHECKING:
    from pathlib import Path

EC = ECKey.generate_key("P-256").as_dict(private=True)
ED = OKPKey.generate_key("Ed25519").as_dict(private=True)
RSA = RSAKey.generate_key(2048).as_dict(private=True)
NOW = datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC)

SIGN: dict[str, dict[str, Any]] = {
    "P-256": EC,
    "P-256, for signatures": {**EC, "alg": "ES256", "use": "sig", "key_ops": ["sign"]},
    "Ed25519": ED,
    "RSA": RSA,
    "RSA by another algorithm": {**RSA, "alg": "RS256"},
}
DONT: dict[str, dict[str, Any]] = {
    "P-384": ECKey.generate_key("P-384").as_dict(private=True),
    "X25519": OKPKey.generate_key("X25519").as_dict(private=True),
    "another algorithm": {**EC, "alg": "ES384"},
    "an algorithm of other keys": {**EC, "alg": "PS256"},
    "an algorithm that is none": {**EC, "alg": "none"},
    "for encryption": {**EC, "use": "enc"},
    "for something else": {**EC, "key_ops": ["deriveKey"]},
    "a secret": OctKey.generate_key(256).as_dict(private=True),
    "half of one": {name: value for name, value in EC.items() if name != "d"},
}


@pytest.mark.parametrize("name", SIGN)
def test_a_key_that_signs_is_taken(tmp_path: Path, name: str) -> None:
    """A bank's key would be refused that the service itself takes."""
    (tmp_path / "key").write_text(json.dumps(SIGN[name]))
    with warnings.catch_warnings():
        warnings.simplefilter("error", SecurityWarning)  # it would stand on support's screen
        said = ByKey.read("client-1", tmp_path / "key").say("https://login.example", NOW)
    assert said.body["client_assertion"].startswith("eyJ")


@pytest.mark.parametrize("name", DONT)
def test_a_key_that_does_not_sign_is_told(tmp_path: Path, name: str) -> None:
    """Whoever took the wrong key of their many would read a traceback in the middle of the trial."""
    (tmp_path / "key").write_text(json.dumps(DONT[name]))
    with pytest.raises(ConfigurationError, match="holds no private key that signs, as a JWK") as refused:
        ByKey.read("client-1", tmp_path / "key")
    assert str(DONT[name].get("d", "no d")) not in str(refused.value)
