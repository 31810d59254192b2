"""Who is shut out, and when a next reset is possible, to the second (R27, R28, S46)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from idp.domain.people import Koppelgebruiker, Locks, Owner, Seen

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
COOLDOWN = timedelta(hours=24)
NEVER_SET = Koppelgebruiker("U4BBGA0008", "uuid-8", "A8", "uid=anna,ou=people", None, Locks(), released=False, revision="1")
CHANGED = replace(NEVER_SET, password_changed="20261123120000Z")  # a day before NOW


def test_an_entry_without_locks_is_open() -> None:
    """Nobody could log in."""
    assert not Locks().shut_at(NOW)


@pytest.mark.row("S46")
@pytest.mark.parametrize("value", ["000001010000Z", "20261124115959Z", "20300101000000Z", "19700101000000Z", "nonsense"])
def test_any_lock_shuts_whatever_its_value(value: str) -> None:
    """The policy's lock-out has no duration: whom slapd refuses would still use old tokens here."""
    assert Locks(locked=value).shut_at(NOW)


@pytest.mark.row("S46")
def test_an_end_shuts_from_its_very_second() -> None:
    """A blocked user would be in for as long as the clocks differ."""
    end = Locks(end="20261124120000Z")
    assert not end.shut_at(NOW - SECOND)
    assert end.shut_at(NOW)
    assert end.shut_at(NOW + SECOND)


@pytest.mark.row("S46")
def test_an_end_that_slapd_may_count_wrongly_shuts() -> None:
    """Whom slapd refuses would go on with old tokens here."""
    assert not Locks(end="29991231235959Z").shut_at(NOW)
    assert Locks(end="30000101000000Z").shut_at(NOW)


@pytest.mark.row("S46")
def test_a_start_shuts_until_its_very_second() -> None:
    """A user would be in before their first day."""
    start = Locks(start="20261124120000Z")
    assert start.shut_at(NOW - SECOND)
    assert not start.shut_at(NOW)
    assert not start.shut_at(NOW + SECOND)


@pytest.mark.row("S46")
@pytest.mark.parametrize("locks", [Locks(end="soon"), Locks(start="soon")])
def test_a_value_that_can_not_be_read_shuts(locks: Locks) -> None:
    """A typing error of an admin would open the door that they meant to close."""
    assert locks.shut_at(NOW)


@pytest.mark.row("S46")
def test_one_way_to_be_shut_is_enough() -> None:
    """An end far away would hide that the start is not there yet."""
    assert Locks(end="20270101000000Z", start="20261201000000Z").shut_at(NOW)
    assert Locks(end="20261001000000Z", start="20260901000000Z").shut_at(NOW)
    assert not Locks(end="20270101000000Z", start="20260901000000Z").shut_at(NOW)


@pytest.mark.row("R27")
def test_a_day_after_the_change_a_reset_is_possible_and_a_second_before_it_is_not() -> None:
    """People would be held for longer than the manual's 24 hours, or be told a moment at which the directory still refuses."""
    assert CHANGED.next_reset_at(NOW - SECOND, COOLDOWN) == NOW
    assert CHANGED.next_reset_at(NOW, COOLDOWN) is None


@pytest.mark.row("R27")
def test_the_cooldown_is_the_directory_policys() -> None:
    """A vendor with another policy would tell its customers our 24 hours."""
    assert CHANGED.next_reset_at(NOW - SECOND, timedelta(hours=48)) == NOW + timedelta(hours=24)
    assert CHANGED.next_reset_at(NOW - timedelta(hours=24), timedelta()) is None


@pytest.mark.row("R28")
def test_a_user_without_a_password_has_no_cooldown() -> None:
    """A new customer could not make their first password."""
    assert NEVER_SET.next_reset_at(NOW, COOLDOWN) is None


@pytest.mark.row("R24")
def test_a_release_waives_the_cooldown() -> None:
    """Customer support could help nobody."""
    released = replace(CHANGED, released=True)
    assert released.next_reset_at(NOW - SECOND, COOLDOWN) is None


def test_a_time_of_change_that_can_not_be_read_holds_nobody() -> None:
    """The directory itself judges the age again; here a page would break."""
    assert replace(CHANGED, password_changed="long ago").next_reset_at(NOW, COOLDOWN) is None


@pytest.mark.row("S46")
def test_what_access_is_bound_to_is_the_entry_and_its_password() -> None:
    """A user deleted and made anew, or a changed password, would leave old tokens alive."""
    owner = Owner("uid=anna,ou=people", "uuid-a", "Anna", "anna@example.nl", "nl", "20261101000000Z", Locks())
    assert CHANGED.seen == Seen("uuid-8", "20261123120000Z")
    assert owner.seen == Seen("uuid-a", "20261101000000Z")
    assert NEVER_SET.seen == Seen("uuid-8", None)
