"""The worker follows changes with patience: a directory that is away, or keeps no log, holds nothing else up."""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from idp.domain.directory_change import DirectoryChange, Kind, What
from idp.errors import StoreUnavailable
from idp.following import Following
from idp.services.follow_changes import BATCH, FollowChanges
from tests.fakes.change_log import MemoryChangeLog
from tests.services.calls import raising

if TYPE_CHECKING:
    from tests.services.world import World


class Followed:
    """A log, and who follows it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.log = MemoryChangeLog()
        self.stop = Event()
        self.following = Following(FollowChanges(self.log, world.kept), world.clock, self.stop)
        self.following.step()

    def change(self, count: int = 1) -> None:
        """Have something changed."""
        for _ in range(count):
            position = f"{len(self.log.changes):09d}"
            now = self.world.clock.now()
            self.log.changes.append(DirectoryChange(position, now, "cn=a", False, What.MODIFIED, Kind.OTHER, "cn=x", ""))  # noqa: FBT003  # a field

    def said(self, ahead: timedelta = timedelta()) -> list[str]:
        """Let time pass and take a step; give what it says."""
        self.world.clock.go(ahead)
        with capture_logs() as lines:
            self.following.step()
        return [line["event"] for line in lines]

    @property
    def told(self) -> int:
        """Count what was told."""
        return len(self.world.audit("directory.modified"))


@pytest.fixture
def followed(world: World) -> Followed:
    """Followed from the beginning."""
    return Followed(world)


def test_all_that_is_new_is_told_in_one_step(followed: Followed) -> None:
    """After a night without a worker, owners would be told batch by batch, with a look at the mail in between."""
    followed.change(2 * BATCH + 1)
    assert followed.said() == ["changes"] * 3
    assert (followed.told, followed.said()) == (2 * BATCH + 1, [])


def test_a_signal_ends_it_between_two_batches(followed: Followed) -> None:
    """Ctrl-C would wait for an import of 100,000."""
    followed.change(2 * BATCH)
    followed.stop.set()
    assert (followed.said(), followed.told) == ([], 0)


def test_an_absent_directory_is_said_once_and_asked_ever_less(followed: Followed) -> None:
    """Mail would wait for one time-out after the other; or the log would be one line, again and again."""
    followed.change()
    followed.log.away = True
    assert followed.said() == ["changes_wait"]
    assert followed.said(timedelta(seconds=1)) == []
    followed.log.away = False
    assert (followed.said(timedelta(seconds=1.9)), followed.told) == ([], 0)  # the second pause is longer
    assert (followed.said(timedelta(seconds=0.2)), followed.told) == (["changes"], 1)
    followed.log.away = True
    assert followed.said() == ["changes_wait"]


def test_it_is_never_asked_less_than_twice_a_minute(followed: Followed) -> None:
    """After a long night an owner would be told in the afternoon."""
    followed.log.away = True
    for _ in range(10):
        followed.said(timedelta(seconds=30))
    followed.change()
    followed.log.away = False
    assert (followed.said(timedelta(seconds=30)), followed.told) == (["changes"], 1)


def test_a_directory_without_a_log_is_said_once_and_looked_at_again(followed: Followed) -> None:
    """A customer's own directory would fill our log; or what its admin has mended would need a restart of ours."""
    followed.change()
    followed.log.missing = True
    assert followed.said() == ["changes_not_followed"]
    assert followed.said(timedelta(minutes=1)) == []
    followed.log.missing = False
    assert followed.said(timedelta(seconds=59)) == []
    assert followed.said(timedelta(seconds=1)) == ["changes"]


def test_a_clock_that_is_set_back_makes_nobody_wait(followed: Followed) -> None:
    """An hour's pause, because of a clock."""
    followed.change()
    followed.log.missing = True
    followed.said()
    followed.log.missing = False
    assert followed.said(timedelta(hours=-1)) == ["changes"]


def test_a_store_that_is_away_is_the_workers_business(followed: Followed) -> None:
    """It needs the store for all that it does, and waits for it in one place."""
    followed.world.calls.before["store.reading"] = raising(StoreUnavailable())
    with pytest.raises(StoreUnavailable):
        followed.following.step()
