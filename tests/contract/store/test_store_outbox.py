"""The queue of letters: every letter goes to one worker at a time, and none is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.mail import Letter, OutboxRow, OutboxState

if TYPE_CHECKING:
    from idp.ports.store import Store

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LEASE = 15 * MINUTE


def letter(name: str = "one", due: datetime = NOW) -> OutboxRow:
    """Write a reset letter for a ticket's holder."""
    return OutboxRow(name, Letter.RESET, {"request": name}, NOW, due, with_ticket=True)


def queue(store: Store, *rows: OutboxRow) -> None:
    """Queue letters, all in one transaction."""
    with store.transaction() as work:
        for row in rows:
            work.outbox.add(row)


def take(store: Store, now: datetime) -> OutboxRow | None:
    """Take what is due, as a worker does."""
    with store.transaction() as work:
        return work.outbox.take_due(now, now + LEASE)


def sent(row: OutboxRow, at: datetime, mailbox: str = "m") -> OutboxRow:
    """Give the letter as it stands once the mail server has it."""
    return replace(row, state=OutboxState.SENT, outcome="sent", mailbox=mailbox, finished_at=at)


def test_the_letter_that_is_due_longest_comes_first_and_only_once(store: Store) -> None:
    """An owner would wait behind newer letters, or get two mails from two workers."""
    first, second = letter("first", NOW - MINUTE), letter("second")
    queue(store, second, letter("not yet", NOW + MINUTE), first)
    taken = take(store, NOW)
    assert taken == replace(first, attempts=1, next_attempt_at=NOW + LEASE, outcome="sending")
    other = take(store, NOW)
    assert other is not None
    assert other.id == "second"
    assert take(store, NOW) is None


def test_a_letter_is_due_again_when_the_lease_of_a_dead_worker_ends(store: Store) -> None:
    """A mail would be lost with the worker that held it."""
    queue(store, letter())
    assert take(store, NOW)
    assert take(store, NOW + LEASE - timedelta(microseconds=1)) is None
    again = take(store, NOW + LEASE)
    assert again is not None
    assert again.attempts == 2


def test_a_worker_that_starts_alone_can_release_the_leases_of_a_dead_one(store: Store) -> None:
    """After a restart a mail would lie still for a quarter of an hour."""
    queue(store, letter("held"), letter("put off"), letter("done"))
    held, put_off, done = take(store, NOW), take(store, NOW), take(store, NOW)
    assert held
    assert put_off
    assert done
    with store.transaction() as work:
        work.outbox.put_off(put_off, NOW + MINUTE, "waits-for-mail")
        work.outbox.finish(sent(done, NOW))
        assert work.outbox.release_leases(NOW) == 1
    again = take(store, NOW)
    assert again is not None
    assert (again.id, again.attempts) == (held.id, 2)
    assert take(store, NOW) is None


def test_a_letter_put_off_is_not_due_before_its_moment(store: Store) -> None:
    """A mail server in trouble would be asked without a pause."""
    queue(store, letter())
    taken = take(store, NOW)
    assert taken
    with store.transaction() as work:
        work.outbox.put_off(taken, NOW + MINUTE, "waits-for-mail")
    assert take(store, NOW) is None
    again = take(store, NOW + MINUTE)
    assert again is not None
    assert again.attempts == 2


def test_a_worker_whose_lease_ran_out_can_not_put_off_what_another_one_holds(store: Store) -> None:
    """The letter would become due under the hands of the second worker, and go out twice."""
    queue(store, letter())
    slow = take(store, NOW)
    assert slow
    assert take(store, NOW + LEASE)
    with store.transaction() as work:
        work.outbox.put_off(slow, NOW, "waits-for-mail")
    assert take(store, NOW + LEASE) is None


def test_a_finished_letter_stays_finished(store: Store) -> None:
    """A letter that was sent would be sent again, or be counted as dropped."""
    queue(store, letter())
    taken = take(store, NOW)
    assert taken
    with store.transaction() as work:
        work.outbox.finish(sent(taken, NOW))
        work.outbox.put_off(taken, NOW, "waits-for-mail")
        work.outbox.finish(replace(taken, state=OutboxState.DROPPED, outcome="refused", finished_at=NOW))
        assert work.outbox.release_leases(NOW) == 0
        assert work.outbox.waiting() == (0, None)
        assert work.outbox.sent_to("m", Letter.RESET, with_ticket=True, since=NOW) == 1
    assert take(store, NOW + timedelta(days=1)) is None


def test_a_letter_queued_before_the_clock_was_set_back_is_due(store: Store) -> None:
    """A mail would wait until the clock reaches next year for the second time."""
    queue(store, letter(due=NOW + timedelta(days=365)))
    assert take(store, NOW)
    assert take(store, NOW) is None


@pytest.mark.parametrize(("attempts", "wait"), [(0, 1), (3, 1), (4, 10), (6, 10), (7, 60), (20, 60)])
def test_a_letter_put_off_before_the_clock_was_set_back_by_an_hour_is_due(store: Store, attempts: int, wait: int) -> None:
    """A mail would come an hour late, of which its link lives one; and in order, nothing is tried before its time."""
    longest = NOW + timedelta(minutes=wait)
    queue(store, replace(letter(due=longest), attempts=attempts))
    assert take(store, NOW) is None
    queue(store, replace(letter("another", due=longest + timedelta(seconds=1)), attempts=attempts))
    assert take(store, NOW)


def test_a_letter_that_is_being_sent_is_nobody_elses(store: Store) -> None:
    """It would be sent twice: the lease of its first try is longer than any pause before the second."""
    queue(store, letter())
    assert take(store, NOW)
    assert take(store, NOW) is None


@pytest.mark.row("R15")
def test_letters_to_a_mailbox_are_counted_apart_by_kind_and_ticket(store: Store) -> None:
    """R15: a stranger could fill a mailbox, or use up the room of its owner."""
    queue(
        store,
        letter("with"),
        replace(letter("without"), with_ticket=False),
        letter("old"),
        letter("elsewhere"),
        letter("dropped"),
        letter("waiting"),
        replace(letter("notice"), letter=Letter.PASSWORD_CHANGED),
    )
    with store.transaction() as work:
        work.outbox.finish(sent(letter("with"), NOW))
        work.outbox.finish(sent(letter("without"), NOW))
        work.outbox.finish(sent(letter("old"), NOW - MINUTE))
        work.outbox.finish(sent(letter("elsewhere"), NOW, "n"))
        work.outbox.finish(sent(letter("notice"), NOW))
        work.outbox.finish(replace(sent(letter("dropped"), NOW), state=OutboxState.DROPPED))
    with store.reading() as work:
        assert work.outbox.sent_to("m", Letter.RESET, with_ticket=True, since=NOW) == 1
        assert work.outbox.sent_to("m", Letter.RESET, with_ticket=False, since=NOW) == 1
        assert work.outbox.sent_to("m", Letter.RESET, with_ticket=True, since=NOW - MINUTE) == 2
        assert work.outbox.sent_to("m", Letter.PASSWORD_CHANGED, with_ticket=True, since=NOW) == 1
        assert work.outbox.sent_to("m", Letter.PORTAL_PASSWORD, with_ticket=True, since=NOW) == 0
        assert work.outbox.sent_to("", Letter.RESET, with_ticket=True, since=NOW) == 0


def test_waiting_letters_are_counted_and_the_oldest_is_told(store: Store) -> None:
    """An operator would not see that mail piles up."""
    with store.reading() as work:
        assert work.outbox.waiting() == (0, None)
    queue(store, replace(letter("old"), created_at=NOW - MINUTE), letter("new"), letter("done"))
    with store.transaction() as work:
        work.outbox.finish(sent(letter("done"), NOW))
    with store.reading() as work:
        assert work.outbox.waiting() == (2, NOW - MINUTE)


def test_a_letter_is_amended_unless_a_worker_has_it_or_had_it(store: Store) -> None:
    """A notice of what is now certain would wait for its minute, or stay dropped; one that was sent would be sent again."""
    later = NOW + MINUTE
    queue(store, letter("held", NOW - MINUTE), letter("sent", later), letter("dropped", later), letter("waits", later))
    assert take(store, NOW)
    with store.transaction() as work:
        work.outbox.finish(sent(letter("sent"), NOW))
        work.outbox.finish(replace(letter("dropped"), state=OutboxState.DROPPED, outcome="unchanged", finished_at=NOW))
        for name in ("held", "sent", "dropped", "waits"):
            work.outbox.amend(replace(letter(name), facts={"at": "now"}))
    for name in ("dropped", "waits"):
        row = take(store, NOW)
        assert row is not None
        assert (row.id, row.facts, row.state, row.finished_at) == (name, {"at": "now"}, OutboxState.WAITING, None)
    assert take(store, NOW) is None
    taken = [take(store, NOW + LEASE) for _ in range(4)]
    assert {row.id: row.facts for row in taken if row}["held"] == letter("held").facts
    assert "sent" not in {row.id for row in taken if row}


def test_letters_about_an_owner_are_found_while_they_wait_and_for_as_long_as_asked(store: Store) -> None:
    """A notice would be told twice, or a new owner be invited at every try."""

    def about(name: str, owner: str = "uuid-1", kind: Letter = Letter.INVITATION) -> OutboxRow:
        return replace(letter(name), letter=kind, facts={"owner": owner})

    rows = {name: about(name) for name in ("waiting", "sent", "sent long ago", "dropped")}
    queue(store, *rows.values(), about("other", "uuid-2"), about("kind", kind=Letter.MAIL_CHANGED), letter("none"))
    with store.transaction() as work:
        work.outbox.finish(sent(rows["sent"], NOW))
        work.outbox.finish(sent(rows["sent long ago"], NOW - MINUTE))
        work.outbox.finish(replace(sent(rows["dropped"], NOW), state=OutboxState.DROPPED))
    with store.reading() as work:
        found = work.outbox.about_owner(Letter.INVITATION, "uuid-1", NOW)
        assert found == [sent(rows["sent"], NOW), rows["waiting"]]
        assert len(work.outbox.about_owner(Letter.INVITATION, "uuid-1", NOW - MINUTE)) == 3
        assert work.outbox.about_owner(Letter.INVITATION, "uuid-3", NOW) == []
