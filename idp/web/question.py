"""What an owner is asked about an application, whether a browser or a device has led it here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idp.web.scopes import sentence_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp.domain.client import Client
    from idp.domain.people import Owner
    from idp.services.portal import PortalLine
    from idp.translations import Words


def question(words: Words, owner: Owner, client: Client, scope: str, lines: Iterable[PortalLine]) -> dict[str, Any]:
    """Give what the page needs.

    Args:
        words: in which the scopes are said.
        owner: who is asked.
        client: the application.
        scope: space-separated scopes.
        lines: the koppelgebruikers that it is about.
    """
    known = list(lines)
    return {
        "owner": owner,
        "name": client.name,
        "self_named": client.self_named,
        "scopes": [sentence_of(each, words) for each in scope.split()],
        "free": [line for line in known if not line.blocked],
        "shut": [line for line in known if line.blocked],
    }
