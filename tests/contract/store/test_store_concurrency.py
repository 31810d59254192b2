"""Several threads and several processes at one store: of those who want the same thing one gets it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Capability, Purpose
from idp.domain.mail import Letter, OutboxRow
from idp.domain.people import Seen
from idp.domain.reset_request import Binding, ResetRequest, ResetState

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.adapters.sql import SqlStore
    from idp.ports.store import Store
    from tests.contract.store.processes import Process

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
TICKET = Capability("digest", Purpose.TICKET, {}, NOW, NOW + timedelta(minutes=10))


@pytest.mark.row("R15", "R19")
def test_of_thirty_two_uses_at_once_one_wins(store: Store, process: Callable[[str], Process]) -> None:
    """R15, R19: a ticket, a step or a link would work more than once."""
    with store.transaction() as work:
        work.capabilities.add(TICKET)
    both = [process("use"), process("use")]
    assert [one.hear() for one in both] == ["ready", "ready"]
    for one in both:
        one.go_on()
    assert sorted(int(one.hear()) for one in both) == [0, 1]


@pytest.mark.row("S20")
def test_of_thirty_two_who_were_never_seen_before_one_is_the_first(store_url: str, open_store: Callable[..., SqlStore]) -> None:
    """S20: what a client signed once would let in two, each at a process of its own."""
    stores = [open_store(store_url), open_store(store_url)]
    for each in stores:
        each.ping()
    assertion = Capability("digest", Purpose.CLIENT_ASSERTION, {}, NOW, NOW + timedelta(minutes=1))
    together = Barrier(32)

    def add(number: int) -> bool:
        together.wait()
        with stores[number % 2].transaction() as work:
            return work.capabilities.add(assertion)

    with ThreadPoolExecutor(32) as pool:
        assert sum(pool.map(add, range(32))) == 1


@pytest.mark.row("R19")
def test_of_many_claims_at_once_one_wins(store: Store) -> None:
    """R19: two submissions of one link would both set a password."""
    binding = Binding(Seen("uuid", None), "U4BBGA0008", "uid=jan", "jan@example.nl")
    queued = ResetRequest("id", "digest", "U4BBGA0008", with_ticket=False, created_at=NOW)
    live = queued.link_made(binding, NOW)
    with store.transaction() as work:
        work.resets.add(live)
    together = Barrier(16)

    def claim(_: int) -> bool:
        with store.reading() as work:
            seen = work.resets.get("id")
        assert seen == live
        together.wait()
        with store.transaction() as work:
            return work.resets.advance(seen, seen.claimed(NOW))

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(claim, range(16))) == 1
    with store.reading() as work:
        claimed = work.resets.get("id")
    assert claimed is not None
    assert (claimed.state, claimed.version) == (ResetState.CLAIMED, live.version + 1)


def test_each_letter_goes_to_one_of_two_workers(store: Store, process: Callable[[str], Process]) -> None:
    """An owner would get every mail twice."""
    names = [f"{number:03}" for number in range(100)]
    with store.transaction() as work:
        for name in names:
            work.outbox.add(OutboxRow(name, Letter.RESET, {}, NOW, NOW))
    both = [process("take"), process("take")]
    assert [one.hear() for one in both] == ["ready", "ready"]
    for one in both:
        one.go_on()
    assert sorted(name for one in both for name in one.hear().split()) == names


def test_the_audit_stays_one_chain_whoever_writes(store: Store, process: Callable[[str], Process]) -> None:
    """An honest trail would look as if somebody had tampered with it."""
    both = [process("append"), process("append")]
    assert [one.hear() for one in both] == ["ready", "ready"]
    for one in both:
        one.go_on()
    assert [one.hear() for one in both] == ["done", "done"]
    with store.reading() as work:
        assert len(work.audit.read(limit=200)) == 100
        assert work.audit.verify() == []


def test_of_processes_that_start_at_once_on_nothing_one_makes_the_tables(process: Callable[[str], Process]) -> None:
    """Web and worker, started together the first time, would fall over each other."""
    all_four = [process("migrate") for _ in range(4)]
    assert [one.hear() for one in all_four] == ["ready"] * 4
    for one in all_four:
        one.go_on()
    assert all(one.hear().endswith("alembic") for one in all_four)
    last = process("migrate")
    assert last.hear() == "ready"
    last.go_on()
    assert last.hear() == "no alembic"


def test_a_process_may_fork_after_using_the_store(store: Store, process: Callable[[str], Process]) -> None:
    """A web server that forks its workers would damage the database."""
    parent = process("fork")
    assert parent.hear() == "0"
    with store.reading() as work:
        actors = [record.event.actor for record in work.audit.read()]
        assert work.audit.verify() == []
    assert sorted(actors) == ["before"] * 10 + ["child"] * 20 + ["parent"] * 10
