"""Wrong passwords are counted by application and user; the same one again is no new guess (S29)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.errors import InvalidCredentials, Throttled
from tests.services.composition import DIGESTS
from tests.services.logins import COUNTED, KNOWN_TO_BE_WRONG, REFUSED, WRONG, ready_client
from tests.services.world import NAME, NEW_PASSWORD, PASSWORD, SECOND_NAME, UNKNOWN_NAME

if TYPE_CHECKING:
    from idp.domain.client import Client
    from tests.services.world import NewWorld, World


@pytest.mark.row("S29")
@pytest.mark.parametrize("what", WRONG)
def test_the_same_wrong_secret_again_costs_no_bind_and_is_no_new_failure(world: World, client: Client, what: str) -> None:
    """An application that was not told of a new password would shut out its owner, and keep slapd hashing."""
    WRONG[what](world)
    for _ in range(30):
        world.calls.names.clear()
        with pytest.raises(InvalidCredentials):
            world.login.koppelgebruiker(client, NAME, PASSWORD)
    assert world.calls.names == KNOWN_TO_BE_WRONG
    assert len(world.audit("login.failed")) == 1


@pytest.mark.row("S29")
def test_a_password_set_a_moment_ago_works_though_it_was_wrong_before(world: World, client: Client) -> None:
    """Who first typed the new password at the bank, and then set it, would wait for an hour."""
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, NAME, NEW_PASSWORD)
    world.admin.set_password(NAME, NEW_PASSWORD)
    assert world.login.koppelgebruiker(client, NAME, NEW_PASSWORD).uid == NAME


@pytest.mark.row("S29")
def test_a_wrong_secret_of_one_user_is_nothing_to_another(world: World, client: Client) -> None:
    """One user's stale password may be another one's right one."""
    world.admin.set_password(SECOND_NAME, NEW_PASSWORD)
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, NAME, NEW_PASSWORD)
    assert world.login.koppelgebruiker(client, SECOND_NAME, NEW_PASSWORD).uid == SECOND_NAME


@pytest.mark.row("S29")
@pytest.mark.parametrize("name", [NAME, UNKNOWN_NAME, "no name"])
def test_ten_different_wrong_secrets_are_as_many_as_there_are(world: World, client: Client, name: str) -> None:
    """Passwords could be guessed; and a name that is never throttled would be one that does not exist."""
    for number in range(10):
        with pytest.raises(InvalidCredentials):
            world.login.koppelgebruiker(client, name, f"guess {number}")
    world.calls.names.clear()
    with pytest.raises(Throttled) as raised:
        world.login.koppelgebruiker(client, name, PASSWORD)
    assert 1 <= raised.value.retry_after_s <= 15 * 60
    assert world.calls.names == COUNTED


@pytest.mark.row("S29")
def test_a_secret_that_failed_for_one_unknown_name_takes_all_steps_for_another(world: World, client: Client) -> None:
    """A quick second answer would tell that both names do not exist."""
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, UNKNOWN_NAME, NEW_PASSWORD)
    world.calls.names.clear()
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, "U4BBGA9998", NEW_PASSWORD)
    assert world.calls.names == REFUSED


@pytest.mark.row("S29")
def test_names_are_counted_as_digests(world: World, client: Client) -> None:
    """Whoever reads the counters, in Redis, would have a list of customers."""
    key = DIGESTS.digest(Purpose.LIMIT, client.client_id, NAME)
    for _ in range(10):
        world.limits.hit("token-failures", key)
    with pytest.raises(Throttled):
        world.login.koppelgebruiker(client, NAME, PASSWORD)


@pytest.mark.row("S29")
def test_guesses_through_one_application_shut_out_no_other(world: World, client: Client) -> None:
    """Whoever has any client could shut a customer out of its bank."""
    other = world.client("ing")
    for number in range(10):
        with pytest.raises(InvalidCredentials):
            world.login.koppelgebruiker(client, NAME, f"guess {number}")
    assert world.login.koppelgebruiker(other, NAME, PASSWORD).uid == NAME
    world.admin.set_password(SECOND_NAME, PASSWORD)
    assert world.login.koppelgebruiker(client, SECOND_NAME, PASSWORD).uid == SECOND_NAME


@pytest.mark.row("S29")
def test_requests_are_limited_by_client_and_user_right_or_wrong(new_world: NewWorld) -> None:
    """An application gone wild would use up the directory for all."""
    world = new_world(limits={"token_client_user": "2 per minute"})
    client = ready_client(world)
    world.login.koppelgebruiker(client, NAME, PASSWORD)
    world.login.koppelgebruiker(client, f" {NAME.lower()}", PASSWORD)
    with pytest.raises(Throttled):
        world.login.koppelgebruiker(client, NAME, PASSWORD)
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, UNKNOWN_NAME, PASSWORD)


@pytest.mark.row("S29")
def test_of_two_guesses_at_once_for_the_last_room_one_is_told_to_wait(world: World, client: Client) -> None:
    """Guesses sent all at once would be more than ten."""
    for number in range(9):
        with pytest.raises(InvalidCredentials):
            world.login.koppelgebruiker(client, NAME, f"guess {number}")

    def guess_at_once() -> None:
        with pytest.raises(InvalidCredentials):
            world.login.koppelgebruiker(client, NAME, "guess 9")

    world.calls.after["directory.find_user"] = guess_at_once
    with pytest.raises(Throttled):
        world.login.koppelgebruiker(client, NAME, "guess 10")
