"""An application as its developer knows it: what the operator told them, and the metadata."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner
from joserfc.jwk import ECKey

from idp.cli.root import root

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.demo import Demo

REDIRECT_URI = "http://127.0.0.1:8765/callback"
"""Of a program on its user's machine; nobody need listen there, where only the address is read."""

SCOPE = "openid http://UNIT4.Multivers.API/Web/WebApi/*"
API_SCOPE = "administratie:read administratie:write"
AUDIENCE = "https://api.boekhoudgemak.nl/"
"""What the service's access tokens are for, unless another resource was asked for."""

CONFIGURATION = """
[connectors.vendor_api]
pkce = "required"
client_auth_methods = ["client_secret_basic", "client_secret_post", "private_key_jwt"]

[limits]
authorize_address = "1000000 per hour"
login_address = "1000000 per hour"
login_mail = "1000000 per hour"
"""
"""What an operator would write for applications of today, instead of clients of the vendor's present API.

Limits have tests of their own; here one person does everything.
"""


@dataclass(frozen=True, slots=True)
class Application:
    """One registered application.

    Args:
        issuer: what its developer looks the metadata up by.
        client_id: its identifier.
        auth: how it authenticates (names of RFC 7591 section 2).
        client_secret: its secret, if it has one.
        key: its private key as a JWK, if it signs.
        redirect_uri: where its owner comes back to.
        scope: what it asks for.
        audience: what its access tokens are for.
        strict: it holds to the FAPI 2.0 Security Profile.
    """

    issuer: str
    client_id: str
    auth: str
    client_secret: str | None = field(default=None, repr=False)
    key: dict[str, Any] | None = field(default=None, repr=False)
    redirect_uri: str = REDIRECT_URI
    scope: str = SCOPE
    audience: str = AUDIENCE
    strict: bool = False

    @property
    def task(self) -> dict[str, Any]:
        """As a program in another language is told of it."""
        return asdict(self)


def register(demo: Demo, folder: Path, auth: str, redirect_uri: str = REDIRECT_URI, out: str = REDIRECT_URI) -> Application:
    """Register an application, as the operator does.

    Args:
        demo: the service.
        folder: for a file with its public key.
        auth: how it authenticates.
        redirect_uri: where its owner comes back to.
        out: where they come back to from a logout.
    """
    arguments, key = ["--redirect-uri", redirect_uri, "--post-logout-redirect-uri", out], None
    if auth == "private_key_jwt":
        file, key = _new_key(folder)
        arguments += ["--jwks", str(file)]
    told = _add(demo, "vendor_api", *arguments)
    return Application(demo.url, told["client_id"], auth, told.get("client_secret"), key, redirect_uri)


def register_strict(demo: Demo, folder: Path) -> Application:
    """Register an application at the strict issuer.

    Args:
        demo: the service.
        folder: for a file with its public key.
    """
    file, key = _new_key(folder)
    told = _add(demo, "fapi", "--redirect-uri", REDIRECT_URI, "--jwks", str(file))
    issuer = f"{demo.url}/fapi"
    return Application(issuer, told["client_id"], "private_key_jwt", key=key, scope=API_SCOPE, strict=True)


def register_app(demo: Demo, redirect_uri: str) -> Application:
    """Register an application that can keep no secret.

    Args:
        demo: the service.
        redirect_uri: where its owner comes back to.
    """
    told = _add(demo, "vendor_app", "--redirect-uri", redirect_uri)
    return Application(demo.url, told["client_id"], "none", redirect_uri=redirect_uri, scope=f"openid {API_SCOPE}")


def _new_key(folder: Path) -> tuple[Path, dict[str, Any]]:
    pair = ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig"}, auto_kid=True)
    file = folder / "keys.json"
    file.write_text(json.dumps({"keys": [pair.as_dict(private=False)]}), encoding="utf-8")
    return file, dict(pair.as_dict(private=True))


def _add(demo: Demo, connector: str, *arguments: str) -> dict[str, Any]:
    # In this process, since a new one would take longer than the rest of a flow.
    command = ["--config", str(demo.state / "idp.toml"), "client", "add", connector, "--name", "Boekhoud App", "--json"]
    added = CliRunner().invoke(root, [*command, *arguments], catch_exceptions=False)
    assert added.exit_code == 0, added.output
    return dict(json.loads(added.stdout))
