"""The resources that an API is, as commands are given them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors import Connector
    from idp.settings import Settings

audience_option: Callable[[Any], Any] = click.option(
    "--audience",
    "audiences",
    multiple=True,
    metavar="URI",
    help="The API that it is itself: it may ask what any token is worth that is for it (introspection). Any number of times.",
)

no_audience_option: Callable[[Any], Any] = click.option(
    "--no-audience", is_flag=True, help="It is no API any more: it may ask about its own tokens only."
)


def audiences_of(settings: Settings, connector: Connector, given: tuple[str, ...]) -> tuple[str, ...]:
    """Give the resources that a client is.

    Args:
        settings: name all that tokens are issued for.
        connector: the client's kind.
        given: what was given as `--audience`.

    Raises:
        click.BadParameter: one for which there is no token, so nothing to ask about; or a client that can't prove itself.
    """
    if given and connector.is_public:
        message = f"applications of the kind {connector.id} can't prove who they are, and are told of nobody's tokens"
        raise click.BadParameter(message, param_hint="--audience")
    known = {settings.oauth.default_audience, *settings.oauth.audiences}
    for audience in given:
        if audience not in known:
            message = f"no token is for {audience!r}; oauth.default_audience and oauth.audiences in the configuration name "
            raise click.BadParameter(message + ", ".join(sorted(known)), param_hint="--audience")
    return given
