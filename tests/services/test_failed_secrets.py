"""The memory of wrong secrets: it saves hashes and guesses, and never refuses a password that was set since."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from idp.services.failed_secrets import CAPACITY, REMEMBERED_FOR, FailedSecrets

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)

pytestmark = pytest.mark.row("S29")


@pytest.fixture
def failed() -> FailedSecrets:
    """A memory in which one secret is."""
    failed = FailedSecrets()
    failed.remember("digest", "revision-1", NOW)
    return failed


def test_a_secret_that_was_wrong_is_known_to_be(failed: FailedSecrets) -> None:
    """An application with last year's password would cost a hash a minute."""
    assert failed.repeats("digest", "revision-1", NOW)
    assert not failed.repeats("another", "revision-1", NOW)


def test_a_memory_begins_empty_and_is_nobody_elses(failed: FailedSecrets) -> None:
    """One process's tests, or tenants, would refuse each other's users."""
    assert not FailedSecrets().repeats("digest", "revision-1", NOW)
    assert failed.repeats("digest", "revision-1", NOW)


def test_after_any_change_of_the_entry_it_is_asked_again(failed: FailedSecrets) -> None:
    """A password set a moment ago would be refused because it was wrong before."""
    assert not failed.repeats("digest", "revision-2", NOW)
    failed.remember("digest", "revision-2", NOW)
    assert failed.repeats("digest", "revision-2", NOW)
    assert not failed.repeats("digest", "revision-1", NOW)


def test_it_is_forgotten_after_an_hour(failed: FailedSecrets) -> None:
    """What this process believes would never be checked against the directory again."""
    assert timedelta(hours=1) == REMEMBERED_FOR
    assert not failed.repeats("digest", "revision-1", NOW + REMEMBERED_FOR)


def test_whoever_repeats_it_within_the_hour_keeps_it_remembered(failed: FailedSecrets) -> None:
    """A stale password sent for months would be hashed, and count as a guess, every hour."""
    assert failed.repeats("digest", "revision-1", NOW + REMEMBERED_FOR - MOMENT)
    assert failed.repeats("digest", "revision-1", NOW + 2 * (REMEMBERED_FOR - MOMENT))
    assert not failed.repeats("digest", "revision-1", NOW + 3 * REMEMBERED_FOR)


def test_it_is_counted_how_often_it_came_again(failed: FailedSecrets) -> None:
    """An owner would be told of a password that was typed wrongly once, or never of one that is sent every minute."""
    assert [failed.repeats("digest", "revision-1", NOW) for _ in range(3)] == [1, 2, 3]
    failed.remember("digest", "revision-2", NOW)
    assert failed.repeats("digest", "revision-2", NOW) == 1


def test_the_memory_is_bounded_and_forgets_the_one_unused_longest(failed: FailedSecrets) -> None:
    """A flood of wrong passwords would fill the machine's memory, or push out the ones that are sent every minute."""
    for number in range(CAPACITY - 2):
        failed.remember(f"flood-{number}", "unknown", NOW)
    failed.remember("unused", "revision-1", NOW)
    assert failed.repeats("digest", "revision-1", NOW)
    failed.remember("one more", "unknown", NOW)
    assert not failed.repeats("flood-0", "unknown", NOW)
    assert failed.repeats("flood-1", "unknown", NOW)
    assert failed.repeats("digest", "revision-1", NOW)
    for number in range(CAPACITY - 1):
        failed.remember(f"second-{number}", "unknown", NOW)
    assert failed.repeats("digest", "revision-1", NOW)
    assert not failed.repeats("unused", "revision-1", NOW)
