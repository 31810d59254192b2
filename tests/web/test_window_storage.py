"""Counters in memory: as the package's own, without what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from threading import Barrier, Thread
from timeit import timeit

import pytest
from limits import strategies
from limits.storage import MemoryStorage, memory, storage_from_string

from idp.settings import LimitSettings
from idp.web import window_storage
from idp.web.limits import build_limiter
from idp.web.window_storage import WindowStorage


@dataclass
class Time:
    """Stands where a storage has the module `time`."""

    now: float = 1_700_000_000.0
    set_forward: float = 0.0

    def time(self) -> float:
        """Seconds since the epoch, by a clock that can be set."""
        return self.now + self.set_forward

    def monotonic(self) -> float:
        """Seconds since the start."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Goes for every storage."""
    told = Time()
    for module in (memory, strategies, window_storage):
        monkeypatch.setattr(module, "time", told)
    return told


def test_it_is_what_the_configuration_has() -> None:
    """All of this would be true of a storage that nobody uses."""
    assert build_limiter(LimitSettings())._storage_uri == "window://"  # noqa: SLF001  # nothing else tells
    assert type(storage_from_string("window://")) is WindowStorage


@pytest.mark.parametrize("seed", range(20))
def test_it_counts_as_the_packages_own_does(clock: Time, seed: int) -> None:
    """A guess too many, or a bank that waits longer than it is told."""
    drawn = Random(seed)  # noqa: S311  # it guards nothing
    ours, theirs = WindowStorage(), MemoryStorage()
    for _ in range(400):
        key, (limit, expiry) = drawn.choice("abc"), drawn.choice([(1, 1), (3, 10), (5, 60)])
        key, amount = f"{key}{expiry}", drawn.choice([1, 1, 1, 2])
        if drawn.random() < 0.6:
            assert ours.acquire_entry(key, limit, expiry, amount) == theirs.acquire_entry(key, limit, expiry, amount)
        first, second = ours.get_moving_window(key, limit, expiry), theirs.get_moving_window(key, limit, expiry)
        assert first == pytest.approx(second)
        clock.now += drawn.choice([0.0, 0.5, 3.0, 11.0]) * drawn.random()


@pytest.mark.parametrize("by", [3600.0, -3600.0])
def test_a_clock_that_is_set_changes_nothing(clock: Time, by: float) -> None:
    """By an hour back, and who was to wait for a minute waits for an hour longer; by an hour on, and guessers begin anew."""
    storage = WindowStorage()
    assert [storage.acquire_entry("a", 2, 60) for _ in range(3)] == [True, True, False]
    clock.set_forward = by
    assert not storage.acquire_entry("a", 2, 60)
    assert storage.get_moving_window("a", 2, 60) == (clock.time(), 2)
    clock.now += 60.5
    assert storage.acquire_entry("a", 2, 60)


def test_what_is_over_is_forgotten(clock: Time) -> None:
    """Whoever comes from ever new addresses would fill the memory of the service, with what nobody asks for any more."""
    storage = WindowStorage()
    for number in range(2000):
        storage.acquire_entry(f"address {number}", 5, 60)
        clock.now += 0.5
    assert storage.kept() <= 122
    assert not storage.events


def test_what_is_wanted_is_not(clock: Time) -> None:
    """Nobody may wash away the count of their guesses by counting something else."""
    storage = WindowStorage()
    storage.acquire_entry("guesses", 1, 86400)
    for number in range(5000):
        storage.acquire_entry(f"address {number}", 5, 60)
        storage.acquire_entry(f"name {number}", 5, 86400)
        clock.now += 10
    assert not storage.acquire_entry("guesses", 1, 86400)


def test_counting_costs_the_same_whatever_else_is_counted() -> None:
    """With 20,000 keys the package's own took most of a processor: whoever has many customers, or is attacked, stands still."""

    def took(storage: MemoryStorage, keys: int) -> float:
        for number in range(keys):
            storage.acquire_entry(f"key {number}", 100, 3600)
        return min(timeit(lambda: storage.acquire_entry("one", 10**6, 1), number=2000) for _ in range(5))

    assert took(WindowStorage(), 50_000) < 5 * took(WindowStorage(), 50)


def test_two_at_once_do_not_get_one_place() -> None:
    """Guesses that come together would be more than the limit has room for."""
    storage, begin = WindowStorage(), Barrier(8)
    got: list[bool] = []

    def take() -> None:
        begin.wait()
        got.extend(storage.acquire_entry("one", 500, 3600) for _ in range(400))

    threads = [Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got.count(True) == 500


def test_all_and_one_can_be_forgotten() -> None:
    """The package's own interface, which an operator's shell may use."""
    storage = WindowStorage()
    for key in "ab":
        storage.acquire_entry(key, 1, 60)
    storage.clear("a")
    assert [storage.acquire_entry(key, 1, 60) for key in "ab"] == [True, False]
    assert storage.reset() == 2
    assert storage.acquire_entry("b", 1, 60)
