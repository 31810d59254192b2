"""A worker that dies: every letter is sent, and twice only between the server's yes and our commit (R20)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.services.outbox import LEASE
from tests.services.calls import Crash, raising
from tests.services.letters import run_once

if TYPE_CHECKING:
    from tests.services.world import NewWorld, World

SECOND = timedelta(seconds=1)


def test_a_worker_that_dies_before_the_mail_server_has_it_leaves_it_due_after_its_lease(world: World) -> None:
    """A mail would be lost with the worker; or a slow mail server would be handed it twice."""
    world.request()
    world.calls.before["mailer.send"] = raising(Crash())
    with pytest.raises(Crash):
        world.outbox.run_once()
    world.clock.go(LEASE - SECOND)
    assert world.outbox.run_once() is None
    world.clock.go(SECOND)
    assert run_once(world).outcome == "sent"
    assert len(world.mailbox.received) == 1
    assert timedelta(minutes=10) < LEASE


def test_a_worker_that_starts_alone_need_not_wait_for_the_lease(world: World) -> None:
    """After a restart a mail would lie still for a quarter of an hour."""
    world.request()
    world.calls.before["mailer.send"] = raising(Crash())
    with pytest.raises(Crash):
        world.outbox.run_once()
    assert world.outbox.release_leases() == 1
    assert run_once(world).outcome == "sent"
    assert world.outbox.release_leases() == 0


def test_a_letter_is_sent_twice_only_between_the_servers_yes_and_our_commit_and_as_one(world: World) -> None:
    """Two mails would be two, with different links: which is the right one?"""
    world.request()
    world.calls.after["mailer.send"] = raising(Crash())
    with pytest.raises(Crash):
        world.outbox.run_once()
    world.outbox.release_leases()
    world.outbox.run_once()
    first, second = world.mailbox.received
    assert (first.message_id, first.content.text) == (second.message_id, second.content.text)
    assert world.outbox.run_once() is None


def test_whatever_call_a_worker_dies_at_the_letter_is_sent_and_twice_only_there(new_world: NewWorld) -> None:
    """A mail would be lost, or come once for each restart."""
    calls = _calls_of_a_letter(new_world)
    sending = calls.index("mailer.send")
    for number in range(len(calls)):
        for moment in ("before", "after"):
            world = new_world()
            world.request()
            world.calls.names.clear()
            getattr(world.calls, moment)[number] = raising(Crash())
            with pytest.raises(Crash):
                world.outbox.run_once()
            world.outbox.release_leases()
            world.work_off()
            sent = [(mail.message_id, mail.content.text) for mail in world.mailbox.received]
            moments_passed = 2 * number + (moment == "after")
            twice = 2 * sending < moments_passed < 2 * len(calls) - 1  # after the server's yes, and before our commit
            assert len(sent) == 1 + twice, (moment, calls[number])
            assert len(set(sent)) == 1


def _calls_of_a_letter(new_world: NewWorld) -> list[str]:
    world = new_world()
    world.request()
    world.calls.names.clear()
    world.outbox.run_once()
    return list(world.calls.names)
