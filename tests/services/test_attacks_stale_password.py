"""An application that was not told of a new password, and tries the former one every minute, for months (docs/threats.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.errors import InvalidCredentials
from idp.services.failed_secrets import CAPACITY
from tests.services.simulated import DAY, HOUR, MINUTE, each, let_counters_follow
from tests.services.world import NAME, NEW_PASSWORD, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from datetime import timedelta

    from idp.domain.client import Client
    from tests.services.world import NewWorld, World

pytestmark = pytest.mark.row("S29")


@pytest.fixture
def world(new_world: NewWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """Whose limits go by its clock."""
    return let_counters_follow(new_world(), monkeypatch)


def retry(world: World, client: Client, step: timedelta, until: timedelta) -> None:
    """Send the former password again and again."""
    for _ in each(world, step, until):
        with pytest.raises(InvalidCredentials):
            world.login.koppelgebruiker(client, NAME, PASSWORD)


def test_a_stale_password_that_is_tried_for_months_shuts_out_nobody_and_is_one_failure(world: World, client: Client) -> None:
    """The bank's other customers, or this one with the new password, would be locked out by a forgotten connector."""
    world.admin.set_password(NAME, NEW_PASSWORD)
    retry(world, client, MINUTE, DAY)
    retry(world, client, HOUR - MINUTE, 90 * DAY)
    assert world.calls.names.count("directory.bind_user") == len(world.audit("login.failed")) == 1
    assert world.login.koppelgebruiker(client, SECOND_NAME, PASSWORD).uid == SECOND_NAME
    assert world.login.koppelgebruiker(client, NAME, NEW_PASSWORD).uid == NAME


def test_the_owner_may_err_nine_times_beside_it(world: World, client: Client) -> None:
    """Who types the new password wrongly while the old one is still tried would be shut out by their own connector."""
    world.admin.set_password(NAME, NEW_PASSWORD)
    retry(world, client, MINUTE, HOUR)
    for number in range(9):
        retry(world, client, MINUTE, MINUTE)
        with pytest.raises(InvalidCredentials):
            world.login.koppelgebruiker(client, NAME, f"typed wrongly, {number}")
    assert world.login.koppelgebruiker(client, NAME, NEW_PASSWORD).uid == NAME


def test_one_application_gone_wild_makes_no_other_forget_its_stale_passwords(world: World) -> None:
    """Guesses by one would push all others' out of the memory, each minute anew, and they would count as failures."""
    per_minute = int(world.settings.limits.token_client.partition(" ")[0])
    assert per_minute < CAPACITY
