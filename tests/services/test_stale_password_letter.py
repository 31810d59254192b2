"""An application that goes on with a wrong password: its owner is told, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.domain.directory_time import LONG_PAST
from idp.domain.mail import Letter, OutboxState
from idp.domain.people import Locks
from idp.errors import InvalidCredentials, MailUnavailable
from idp.services.authenticate import PasswordLogin
from idp.services.stale_password import STALE_AFTER
from tests.services.composition import DIGESTS
from tests.services.letters import dropped, waiting
from tests.services.logins import KNOWN_TO_BE_WRONG, WRONG
from tests.services.simulated import DAY, HOUR, MINUTE, each, let_counters_follow
from tests.services.tokens import issue
from tests.services.world import ANNA_MAIL, NAME, NEW_PASSWORD, PASSWORD, UNKNOWN_NAME

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from idp.domain.client import Client
    from tests.services.world import NewWorld, World

pytestmark = pytest.mark.row("S29")


@pytest.fixture
def world(new_world: NewWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """Whose limits go by its clock."""
    return let_counters_follow(new_world(), monkeypatch)


@pytest.fixture
def stale(world: World, client: Client) -> Client:
    """An application that was let in, and was not told of the new password."""
    issue(world, client)
    world.admin.set_password(NAME, NEW_PASSWORD)
    return client


def retry(world: World, client: Client, times: int, name: str = NAME, step: timedelta = MINUTE) -> None:
    """Send the former password again and again."""
    for _ in each(world, step, times * step):
        with pytest.raises(InvalidCredentials):
            world.login.koppelgebruiker(client, name, PASSWORD)


def restart(world: World) -> None:
    """Let the process begin anew, which remembers nothing."""
    world.login = PasswordLogin(world.directory, world.gate, world.limits, DIGESTS, world.store, world.clock)


def test_an_owner_is_told_once_of_a_password_that_is_tried_for_months(world: World, stale: Client) -> None:
    """Couplings would stand still, and nobody know; or a mail would come each hour until it is nobody's to read."""
    retry(world, stale, STALE_AFTER)
    assert world.work_off() == 0
    retry(world, stale, 1)
    world.work_off()
    (mail,) = world.mailbox.received
    assert mail.to == ANNA_MAIL
    assert f"{stale.name} probeert steeds in te loggen als {NAME}," in mail.content.text
    for _ in range(3):
        retry(world, stale, 2 * STALE_AFTER)
        retry(world, stale, 30, step=HOUR - MINUTE)
        world.work_off()
        restart(world)
    assert world.mailbox.received == [mail]


def test_another_password_and_another_application_are_told_anew(world: World, stale: Client) -> None:
    """Who was told of one bank would take it that the other one works."""
    other = world.client("ing")
    world.admin.set_password(NAME, PASSWORD)
    issue(world, other)
    world.admin.set_password(NAME, NEW_PASSWORD)
    for client in (stale, other):
        retry(world, client, STALE_AFTER + 1)
        world.work_off()
    world.admin.set_password(NAME, "nog weer een andere wachtzin")
    retry(world, stale, STALE_AFTER + 1)
    world.work_off()
    told = [mail.content.text.partition(" probeert")[0].split()[-1] for mail in world.mailbox.received]
    assert told == [stale.name, other.name, stale.name]


@pytest.mark.parametrize("what", WRONG)
def test_the_sixtieth_time_costs_the_same_whatever_is_wrong(world: World, client: Client, what: str) -> None:
    """The time of one answer in sixty would tell which customers exist."""
    WRONG[what](world)
    retry(world, client, STALE_AFTER)
    world.calls.names.clear()
    retry(world, client, 1)
    assert world.calls.names == [*KNOWN_TO_BE_WRONG, "store.transaction"]
    (row,) = world.take_letters()
    assert row.letter is Letter.STALE_PASSWORD
    world.calls.names.clear()
    retry(world, client, 1)
    assert world.calls.names == KNOWN_TO_BE_WRONG


def test_a_name_that_does_not_exist_is_nobodys(world: World, client: Client) -> None:
    """A worker that stops at it would send no mail to anybody."""
    retry(world, client, STALE_AFTER + 1, UNKNOWN_NAME)
    (row,) = world.take_letters()
    assert row.facts == {"user": "", "client": client.client_id, "changed": ""}
    assert dropped(world, row) == "unknown"


def test_who_was_never_let_in_has_nobody_mailed(world: World, client: Client) -> None:
    """Whoever has an application would mail all owners, of whom none uses it."""
    issue(world, world.client("ing"))
    world.admin.set_password(NAME, NEW_PASSWORD)
    retry(world, client, STALE_AFTER + 1)
    (row,) = world.take_letters()
    assert dropped(world, row) == "not-coupled"


# What may happen until the letter is addressed, and why it goes nowhere then.
MEANWHILE: dict[str, tuple[Callable[[World, Client], object], str]] = {
    "another password": (lambda world, _: world.admin.set_password(NAME, "nog weer een andere wachtzin"), "settled"),
    "blocked": (lambda world, _: world.admin.block(NAME), "blocked"),
    "owner blocked": (lambda world, _: world.admin.set_owner_locks(world.anna, Locks(end=LONG_PAST)), "blocked"),
    "gone": (lambda world, _: world.admin.delete(NAME), "unknown"),
    "switched off": (lambda world, client: world.clients.disable(client.client_id, "operator:test"), "not-coupled"),
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_what_is_no_longer_so_is_not_told(world: World, stale: Client, what: str) -> None:
    """An owner would look for a fault that is mended, or that a new password does not mend."""
    happen, reason = MEANWHILE[what]
    retry(world, stale, STALE_AFTER + 1)
    (row,) = world.take_letters()
    happen(world, stale)
    assert dropped(world, row) == reason


def test_a_mail_server_that_is_away_costs_the_owner_no_letter(world: World, stale: Client) -> None:
    """The second try would take the first for a letter that came."""
    retry(world, stale, STALE_AFTER + 1)
    world.mailbox.fault = MailUnavailable()
    world.work_off()
    assert waiting(world) == 1
    world.mailbox.fault = None
    world.clock.go(DAY)
    row = world.outbox.run_once()
    assert row is not None
    assert (row.state, row.facts["client"]) == (OutboxState.SENT, stale.client_id)
