"""An application's own reading of its ID token (OpenID Connect Core section 3.1.3.7), by another library than ours."""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from werkzeug.test import Client

    from tests.oauth.world import Http


def read_id_token(http: Http | Client, token: str, path: str = "") -> dict[str, Any]:
    """Verify an ID token with what discovery says, and give what it tells.

    Args:
        http: the service.
        token: as an application has it.
        path: of its issuer's identifier.
    """
    document: Any = http.get(f"{path}/.well-known/openid-configuration").json
    keys = http.get(document["jwks_uri"].removeprefix(document["issuer"].removesuffix(path))).json
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is kept for others' sake, and says so
        jose = importlib.import_module("authlib.jose")
        algorithms = document["id_token_signing_alg_values_supported"]
        read = jose.JsonWebToken(algorithms).decode(token, jose.JsonWebKey.import_key_set(keys))
    assert read.header["typ"] == "JWT"
    assert read["iss"] == document["issuer"]
    assert set(read) <= set(document["claims_supported"])
    return dict(read)
