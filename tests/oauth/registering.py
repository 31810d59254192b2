"""Applications that register themselves, in a world of the token service."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.oauth.world import BACK, World

if TYPE_CHECKING:
    from idp.services.registration import Registration
    from tests.oauth.world import Answered, NewWorld

PATH = "/oauth/register"
JSON = "application/json"
WISH = {"redirect_uris": [BACK], "client_name": "Boekhoud App", "grant_types": ["authorization_code", "refresh_token"]}
"""What most applications send."""


def open_world(new_world: NewWorld, **more: object) -> World:
    """Make a service at which applications may register themselves, as often as they like."""
    limits = {"registration_address": "100000 per minute", "client_failures": "100000 per minute"}
    return new_world(limits=limits, oauth={"registration": True}, **more)


def registration_of(world: World) -> Registration:
    """Give the service behind it."""
    assert world.parts.registration is not None
    return world.parts.registration


def new_token(world: World, connector: str = "vendor_api", uses: int = 1000, lifetime: timedelta = timedelta(days=7)) -> str:
    """Make an initial access token, as an operator."""
    return registration_of(world).make_token(connector, uses, lifetime, "operator:test")[1]


def send(world: World, token: str | None, body: bytes, path: str = PATH, content_type: str = JSON) -> Answered:
    """Send any body, with a token or without."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return world.http.post(path, data=body, content_type=content_type, headers=headers)


def register(world: World, token: str | None, path: str = PATH, /, **members: object) -> Answered:
    """Send what is wished for; None leaves out what is wished for otherwise."""
    wish = {name: value for name, value in {**WISH, **members}.items() if value is not None}
    return send(world, token, json.dumps(wish).encode(), path)
