"""The outbox: every letter is sent, once, or it is known why not (R17, R20)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from idp.domain.capability import Purpose
from idp.domain.mail import Letter, OutboxState
from idp.errors import DirectoryUnavailable, MailRefused, MailUnavailable, StoreUnavailable
from idp.services.outbox import pause_after
from tests.services.calls import raising
from tests.services.composition import DIGESTS
from tests.services.letters import NOWHERE, UNMENDED, block_notice, run_once, waiting
from tests.services.world import ANNA_MAIL, HOME, NAME, UNKNOWN_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.world import World

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@pytest.mark.row("R17")
def test_a_letter_is_sent_and_remembered_as_sent(world: World) -> None:
    """The owner would get no mail; or the operator could not say whether they did."""
    request_id = world.request()
    asked_at = world.clock.now()
    world.clock.go(3 * SECOND)
    row = run_once(world)
    (mail,) = world.mailbox.received
    assert (mail.to, mail.message_id, mail.date, mail.language) == (ANNA_MAIL, f"<{request_id}@u4bsw.nl>", asked_at, "nl")
    assert mail.content.subject == "Wachtwoord wijzigen"
    assert f"/reset/password/{world.link(request_id)}" in mail.content.text
    assert (row.state, row.outcome, row.attempts, row.finished_at) == (OutboxState.SENT, "sent", 1, world.clock.now())
    assert row.mailbox == DIGESTS.digest(Purpose.MAILBOX, ANNA_MAIL)
    with world.database.reading() as work:
        assert work.outbox.sent_to(row.mailbox, row.letter, with_ticket=False, since=asked_at) == 1
    (event,) = world.audit("letter.sent")
    assert (event.actor, event.subject, event.at) == ("service", world.user().entry_uuid, world.clock.now())
    assert event.detail == {"letter": "reset", "outcome": "sent", "attempts": "1", "request": request_id}
    assert world.outbox.run_once() is None
    assert waiting(world) == 0


def test_a_notice_is_remembered_under_its_user(world: World) -> None:
    """Who looks a user up would not see what its owner was told; nor, when the user is gone, that nobody was."""
    block_notice(world)
    world.outbox.run_once()
    user_uuid = world.user().entry_uuid
    assert world.audit("letter.sent")[-1].subject == user_uuid
    block_notice(world)
    world.admin.delete(NAME)
    world.outbox.run_once()
    event = world.audit("letter.dropped")[-1]
    assert (event.subject, event.detail) == (user_uuid, {"letter": "user-blocked", "outcome": "unknown", "attempts": "1"})


@pytest.mark.parametrize("fault", [None, MailRefused()])
def test_a_portal_link_is_remembered_under_its_owner(world: World, fault: Exception | None) -> None:
    """Support could not say what became of the mail: only the address that was typed led to its owner."""
    world.portal_password.request(ANNA_MAIL, HOME)
    world.mailbox.fault = fault
    run_once(world)
    assert world.audit()[-1].subject == world.anna.entry_uuid


def test_a_letter_is_in_its_owners_language(world: World) -> None:
    """People would get mail that they can't read."""
    world.admin.set_language(world.anna, "en")
    block_notice(world)
    world.outbox.run_once()
    (mail,) = world.mailbox.received
    assert mail.language == "en"
    assert "Hello" in mail.content.text


def test_nothing_due_is_nothing_done(world: World) -> None:
    """A worker would spin, or break, in an empty queue."""
    assert world.outbox.run_once() is None
    assert world.work_off() == 0


def test_the_queue_is_worked_off(world: World) -> None:
    """Letters would wait for the next round."""
    for _ in range(3):
        block_notice(world)
    assert world.work_off() == 3
    assert len({mail.message_id for mail in world.mailbox.received}) == 3


def test_the_pauses_grow_from_a_second_to_an_hour() -> None:
    """A mail server in trouble would be asked without end, or an owner would wait for an hour after one hiccup."""
    pauses = [pause_after(attempts) / SECOND for attempts in range(1, 13)]
    assert pauses == [1, 2, 4, 15, 30, 60, 120, 300, 600, 1800, 3600, 3600]


def test_a_letter_waits_for_a_mail_server_that_is_down_and_is_the_same_letter_each_time(world: World) -> None:
    """A mail would be lost; or two copies would look like two, with different links."""
    request_id = world.request()
    world.mailbox.fault = MailUnavailable()
    for attempt in (1, 2, 3):
        row = run_once(world)
        assert (row.state, row.outcome, row.attempts) == (OutboxState.WAITING, "waits-for-mail", attempt)
        assert row.next_attempt_at == world.clock.now() + pause_after(attempt)
        world.clock.go(pause_after(attempt) - SECOND)
        assert world.outbox.run_once() is None
        world.clock.go(SECOND)
    world.mailbox.fault = None
    assert run_once(world).attempts == 4
    (mail,) = world.mailbox.received
    assert mail.message_id == f"<{request_id}@u4bsw.nl>"
    assert world.link(request_id) in mail.content.text
    world.complete_reset.open(world.link(request_id))
    assert [event.detail["attempts"] for event in world.audit("letter.sent")] == ["4"]


@pytest.mark.parametrize(
    ("call", "fault", "outcome"),
    [
        ("directory.find_user", DirectoryUnavailable(), "waits-for-directory"),
        ("store.reading", StoreUnavailable(), "waits-for-store"),
        ("mailer.send", MailUnavailable(), "waits-for-mail"),
    ],
)
def test_what_a_letter_waits_for_is_known(world: World, call: str, fault: Exception, outcome: str) -> None:
    """An operator would look at the mail server while the directory is down."""
    world.request()
    world.calls.before[call] = raising(fault)
    assert run_once(world).outcome == outcome
    with world.database.reading() as work:
        assert work.outbox.waiting()[0] == 1
    world.clock.go(pause_after(1))
    assert run_once(world).outcome == "sent"


def test_a_letter_that_the_mail_server_refuses_for_good_is_not_tried_again(world: World) -> None:
    """The mail server would take us for a spammer."""
    request_id = world.request()
    world.mailbox.fault = MailRefused()
    row = run_once(world)
    assert (row.state, row.outcome, row.mailbox, row.finished_at) == (OutboxState.DROPPED, "refused", "", world.clock.now())
    (event,) = world.audit("letter.dropped")
    assert event.subject == world.user().entry_uuid
    assert event.detail == {"letter": "reset", "outcome": "refused", "attempts": "1", "request": request_id}
    world.clock.go(DAY)
    assert world.outbox.run_once() is None


@pytest.mark.row("R22")
def test_a_letter_that_goes_nowhere_is_remembered_with_its_reason(world: World) -> None:
    """Support could not say why nothing came."""
    world.request(f"{UNKNOWN_NAME}@u4bsw.nl")
    row = run_once(world)
    assert (row.state, row.outcome) == (OutboxState.DROPPED, "unknown")
    assert world.audit("letter.dropped")[-1].detail["outcome"] == "unknown"
    assert world.mailbox.received == []


@pytest.mark.row("R22")
@pytest.mark.parametrize("what", NOWHERE)
def test_a_reset_that_came_to_nothing_is_found_by_its_user_and_by_its_request(world: World, what: str) -> None:
    """Support looks at a user whose owner got no mail, and would see nothing."""
    user_uuid, request_id = world.user().entry_uuid, world.request()
    NOWHERE[what][0](world)
    run_once(world)
    event = world.audit("letter.dropped")[-1]
    assert event.subject == ("" if what == "deleted" else user_uuid)
    assert event.detail["request"] == request_id


@pytest.mark.row("R25")
@pytest.mark.parametrize("what", UNMENDED)
def test_a_letter_that_waits_is_told_once_to_support_each_time_to_operators_and_goes_when_mended(world: World, what: str) -> None:
    """R25: nobody would know whose entry has to be mended; and that it was mended would change nothing."""
    user_uuid, request_id = world.user().entry_uuid, world.request()
    break_it, wrong, mend = UNMENDED[what]
    break_it(world)
    with capture_logs() as lines:
        for attempt in (1, 2):
            row = run_once(world)
            assert (row.state, row.outcome) == (OutboxState.WAITING, f"waits-for-{wrong}")
            world.clock.go(pause_after(attempt))
    entry_uuid = user_uuid if wrong == "owner" else world.anna.entry_uuid
    line = {"event": "letter_waits", "log_level": "warning", "id": request_id, "letter": "reset", "wrong": wrong}
    assert lines == [line | {"entry_uuid": entry_uuid}] * 2
    (event,) = world.audit("letter.waits")
    assert (event.subject, event.detail["outcome"], event.detail["request"]) == (user_uuid, f"waits-for-{wrong}", request_id)
    mend(world)
    assert run_once(world).state is OutboxState.SENT


@pytest.mark.row("R25")
def test_what_is_not_mended_within_a_day_is_given_up(world: World) -> None:
    """R25: a link asked for last week would come as a surprise."""
    world.request()
    world.admin.set_mail(world.anna, None)
    world.clock.go(DAY)
    row = run_once(world)
    assert (row.state, row.outcome) == (OutboxState.DROPPED, "gave-up-mail-address")
    assert world.audit("letter.waits") == []


@pytest.mark.parametrize(
    ("letter", "after"), [(Letter.RESET, DAY), (Letter.PORTAL_PASSWORD, DAY), (Letter.USER_BLOCKED, 5 * DAY)]
)
def test_a_letter_is_given_up_after_a_day_and_a_notice_after_five(world: World, letter: Letter, after: timedelta) -> None:
    """A link asked for last week would come as a surprise; a warning would be lost in a long weekend."""
    queues: dict[Letter, Callable[[], object]] = {
        Letter.RESET: world.request,
        Letter.PORTAL_PASSWORD: lambda: world.portal_password.request(ANNA_MAIL, "192.0.2.7"),
        Letter.USER_BLOCKED: lambda: block_notice(world),
    }
    queues[letter]()
    world.mailbox.fault = MailUnavailable()
    world.clock.go(after - SECOND)
    assert run_once(world).state is OutboxState.WAITING
    world.clock.go(pause_after(1))
    row = run_once(world)
    assert (row.state, row.outcome) == (OutboxState.DROPPED, "gave-up-mail")
    event = world.audit("letter.dropped")[-1]
    assert event.detail.items() >= {"letter": str(letter), "outcome": "gave-up-mail", "attempts": "2"}.items()
    assert event.subject == (world.anna if letter is Letter.PORTAL_PASSWORD else world.user()).entry_uuid
    assert waiting(world) == 0


def test_a_letter_is_given_up_at_its_very_second(world: World) -> None:
    """One more hour of waiting would follow."""
    world.request()
    world.mailbox.fault = MailUnavailable()
    world.clock.go(DAY)
    assert run_once(world).state is OutboxState.DROPPED


def test_a_letter_that_is_given_up_before_its_name_was_looked_up_is_about_nobody(world: World) -> None:
    """Somebody's record would be about somebody else."""
    world.request()
    world.admin.away = True
    world.clock.go(DAY)
    assert run_once(world).outcome == "gave-up-directory"
    assert world.audit("letter.dropped")[-1].subject == ""
