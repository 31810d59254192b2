"""The worker follows changes with patience: a directory that is away, or keeps no log, holds nothing else up."""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from idp.domain.directory_change import DirectoryChange, Kind, What
from idp.domain.directory_entry import KnownEntry
from idp.errors import StoreUnavailable
from idp.following import Following
from idp.services.follow_changes import BATCH, FollowChanges
from idp.services.follow_content import FollowContent
from tests.fakes.change_log import MemoryChangeLog
from tests.fakes.content import MemoryContent
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


def test_it_is_never_asked_less_than_every_three_seconds(followed: Followed) -> None:
    """After a long night an owner would be told long after the directory is back."""
    followed.log.away = True
    for _ in range(10):
        followed.said(timedelta(seconds=30))
    followed.change()
    followed.log.away = False
    assert (followed.said(timedelta(seconds=3)), followed.told) == (["changes"], 1)


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


class Unlogged(Followed):
    """A directory without a log, whose content is followed."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.log.missing = True
        self.content = MemoryContent()
        for number in range(2):
            self.content.write(KnownEntry(f"user-{number}", Kind.USER, f"uid=U{number}", "", {"uid": (f"U{number}",)}))
        self.following = Following(self.following.log, world.clock, self.stop, FollowContent(self.content, self.following.log))

    def change(self, count: int = 1) -> None:
        """Have something changed."""
        for _ in range(count):
            self.content.set_values("user-0", {"administratie": (f"{self.told}",)})

    @property
    def told(self) -> int:
        """Count what was told."""
        return len(self.world.audit("user.changed"))


@pytest.fixture
def unlogged(world: World) -> Unlogged:
    """Followed from the beginning."""
    found = Unlogged(world)
    assert found.said() == ["changes_by_content"]
    return found


def test_without_a_log_the_content_is_followed_and_that_is_said_once(unlogged: Unlogged) -> None:
    """An operator would not know why nobody knows who deleted a user; or our log would say it four times a second."""
    unlogged.change()
    assert unlogged.said() == ["changes"]
    assert unlogged.said() == []
    assert unlogged.said(timedelta(minutes=2)) == []
    unlogged.change()
    assert (unlogged.said(), unlogged.told) == (["changes"], 2)


def test_a_log_that_is_there_after_all_is_followed_within_a_minute(unlogged: Unlogged) -> None:
    """What an admin has mended would need a restart of ours."""
    unlogged.log.missing = False
    unlogged.change()
    assert (unlogged.said(), unlogged.told) == (["changes"], 1)
    assert unlogged.said(timedelta(minutes=1)) == []
    Followed.change(unlogged)
    assert unlogged.said() == ["changes"]
    assert len(unlogged.world.audit("directory.modified")) == 1
    unlogged.log.missing = True
    assert unlogged.said() == ["changes_by_content"]


def test_without_either_that_is_said_once_and_looked_at_again(unlogged: Unlogged) -> None:
    """A customer's own directory would fill our log; or what its admin has mended would need a restart of ours."""
    unlogged.content.missing = True
    assert unlogged.said() == ["changes_not_followed"]
    assert unlogged.said(timedelta(minutes=1)) == []
    unlogged.content.missing = False
    unlogged.change()
    assert unlogged.said(timedelta(seconds=59)) == []
    assert unlogged.said(timedelta(seconds=1)) == ["changes"]


def test_who_is_not_shown_any_more_is_said_once_and_looked_at_again(unlogged: Unlogged) -> None:
    """An operator would not learn that a rule is broken; and mending it would need a restart of ours."""
    unlogged.content.hidden.add(Kind.USER)
    unlogged.change()
    assert unlogged.said() == ["entries_missing"]
    assert unlogged.said(timedelta(minutes=1)) == []
    unlogged.content.hidden.clear()
    assert unlogged.said(timedelta(seconds=59)) == []
    assert (unlogged.said(timedelta(seconds=1)), unlogged.told) == (["changes"], 1)


def test_after_a_look_that_took_long_the_directory_is_left_in_peace(unlogged: Unlogged) -> None:
    """A large directory would do nothing but tell us who is there."""
    unlogged.world.calls.after["store.reading"] = lambda: unlogged.world.clock.go(timedelta(seconds=2))
    assert unlogged.said() == []
    unlogged.change()
    assert unlogged.said(timedelta(seconds=19)) == []
    assert (unlogged.said(timedelta(seconds=1)), unlogged.told) == (["changes"], 1)
