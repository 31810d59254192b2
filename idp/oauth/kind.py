"""What a client may do: what its connector says, as far as its own registration goes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.base import Connector
    from idp.domain.client import Client, Narrowed
    from idp.oauth.parts import OAuthParts


def connector_of(parts: OAuthParts, client: Client) -> Connector | None:
    """Give the facts by which a client is served.

    Args:
        parts: the issuer.
        client: registered.

    Returns:
        None: nothing at this issuer. Its connector is the other one's, or is gone, or has nothing left that it registered for.
    """
    connector = parts.connectors.get(client.connector)
    if connector is None or not parts.issuer.serves(connector):
        return None
    return connector if client.narrowed is None else _narrowed(connector, client.narrowed)


def _narrowed(connector: Connector, to: Narrowed) -> Connector | None:
    # Whichever of the two allows less: the configuration may have taken something away since.
    grants = tuple(grant for grant in connector.grants if grant in to.grants)
    scopes = tuple(scope for scope in connector.scopes if scope in to.scopes)
    methods = tuple(method for method in connector.client_auth_methods if to.auth_method in (None, method))
    if not methods or not scopes:
        return None
    return replace(
        connector,
        grants=grants,
        scopes=scopes,
        default_scopes=tuple(scope for scope in connector.default_scopes if scope in scopes) or scopes,
        client_auth_methods=methods,
        dpop_bound_tokens=connector.dpop_bound_tokens or to.dpop_bound,
        refresh_token_lifetime=connector.refresh_token_lifetime if "refresh_token" in grants else None,
    )
