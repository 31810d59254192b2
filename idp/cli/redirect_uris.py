"""Where authorizations lead back to, as commands are given it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from idp.domain.redirect_uri import assert_redirect_uri

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors import Connector

redirect_uri_option: Callable[[Any], Any] = click.option(
    "--redirect-uri",
    "redirect_uris",
    multiple=True,
    metavar="URI",
    help="Where an authorization may lead back to, exactly: https, or http://127.0.0.1 with any port. Any number of times.",
)

post_logout_option: Callable[[Any], Any] = click.option(
    "--post-logout-redirect-uri",
    "post_logout_redirect_uris",
    multiple=True,
    metavar="URI",
    callback=lambda _ctx, _option, uris: _assert_safe(uris),
    help="Where a browser may go once its owner was logged out at the application's wish, exactly. Any number of times.",
)

backchannel_logout_option: Callable[[Any], Any] = click.option(
    "--backchannel-logout-uri",
    metavar="URI",
    callback=lambda _ctx, _option, uri: _assert_safe((uri,))[0] if uri else None,
    help="Where the application is told that somebody has logged out: https, or http://127.0.0.1. What leads into a network "
    "of your own has to be in oauth.application_networks.",
)


no_exits_option: Callable[[Any], Any] = click.option(
    "--no-post-logout-redirect-uri", is_flag=True, help="It has none of those any more: after a logout its owner stays here."
)

no_backchannel_option: Callable[[Any], Any] = click.option(
    "--no-backchannel-logout-uri", is_flag=True, help="It is told of logouts no more."
)


def assert_led_back(kind: Connector, redirect_uris: tuple[str, ...], option: str = "--redirect-uri") -> None:
    """See that a client of this kind has a use for addresses. Raises `click.BadParameter`."""
    if redirect_uris and "authorization_code" not in kind.grants:
        message = f"no authorization leads back to an application of this kind; the grants of {kind.id} are "
        raise click.BadParameter(message + ", ".join(kind.grants), param_hint=option)


def _assert_safe(uris: tuple[str, ...]) -> tuple[str, ...]:
    for uri in uris:
        assert_redirect_uri(uri)
    return uris
