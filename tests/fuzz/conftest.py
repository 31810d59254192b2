"""The service that is fuzzed: as production composes it, with everything switched on and nobody who comes too often."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fuzz.rounds import Rounds
from tests.fuzz.target import Target
from tests.web.conftest import new_world
from tests.web.world import NAME, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.world import NewWorld

__all__ = ["new_world"]

_MANY = "100000000 per minute"
_LIMITS = (
    "authorize_address",
    "captcha_address",
    "client_failures",
    "device_failures",
    "forgot_address",
    "forgot_mail",
    "link_address",
    "login_address",
    "login_failures",
    "login_mail",
    "refresh_grant",
    "registration_address",
    "reset_address",
    "reset_address_ticket",
    "reset_name",
    "reset_name_ticket",
    "token_address",
    "token_client",
    "token_client_user",
    "token_failures",
)


@pytest.fixture
def target(new_world: NewWorld) -> Iterator[Target]:  # a fixture of another folder
    """A service in which the koppelgebruiker has its password."""
    world = new_world(limits=dict.fromkeys(_LIMITS, _MANY), oauth={"registration": True})
    world.directory.set_password(NAME, PASSWORD)
    found = Target(world)
    with found.listening():
        yield found


@pytest.fixture
def rounds(pytestconfig: pytest.Config) -> Rounds:
    """How long input is made up, and from which seed."""
    return Rounds(pytestconfig.getoption("--fuzz-seconds"), pytestconfig.getoption("--fuzz-seed"))
