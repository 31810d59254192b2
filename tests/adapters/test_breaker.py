"""What holds requests back from a directory that gives no answers."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from idp.adapters.ldap.border import NoAnswerInTime
from idp.adapters.ldap.breaker import PAUSES_S, Breaker
from idp.errors import DirectoryUnavailable


class Seconds:
    """Seconds that pass by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """The present one."""
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    """The time."""
    return Seconds()


@pytest.fixture
def breaker(seconds: Seconds) -> Breaker:
    """Room for two, and nobody waits."""
    return Breaker(2, 0.0, seconds)


def time_out(breaker: Breaker) -> None:
    """Ask, and get no answer."""
    with pytest.raises(NoAnswerInTime), breaker.passing():
        raise NoAnswerInTime


def assert_refused(breaker: Breaker, sentence: str) -> None:
    """Nobody may ask, and it is said why."""
    with pytest.raises(DirectoryUnavailable, match=sentence), breaker.passing():
        pytest.fail("let through")


def test_pauses_grow_to_three_seconds_and_an_answer_ends_them(breaker: Breaker, seconds: Seconds) -> None:
    """A frozen directory is left in peace, but one that is back is used within five seconds."""
    for pause_s in (*PAUSES_S, PAUSES_S[-1]):
        time_out(breaker)
        assert_refused(breaker, f"asked again in {pause_s:.0f} s")
        seconds.now += pause_s
    assert pause_s == 3  # and an answer may take its time
    with breaker.passing():
        assert_refused(breaker, "at this moment")
    for _ in range(3):
        with breaker.passing():
            pass
    time_out(breaker)
    assert_refused(breaker, "again in 1 s")


def test_time_outs_of_those_who_asked_together_count_once(breaker: Breaker) -> None:
    """Six requests in one bad moment must not shut everybody out for five seconds."""

    def be_second() -> None:
        time_out(breaker)
        raise NoAnswerInTime

    with pytest.raises(NoAnswerInTime), breaker.passing():
        be_second()
    assert_refused(breaker, "again in 1 s")


def test_a_refusal_is_an_answer(breaker: Breaker) -> None:
    """A restart refuses for a moment, at once: nothing is gained by not asking again."""
    with pytest.raises(DirectoryUnavailable), breaker.passing():
        raise DirectoryUnavailable
    with breaker.passing():
        pass


def test_who_finds_no_room_is_told_so(breaker: Breaker) -> None:
    """Threads that wait for a directory are missing for pages that need none."""
    with ExitStack() as held:
        held.enter_context(breaker.passing())
        held.enter_context(breaker.passing())
        assert_refused(breaker, "busy")
    with breaker.passing():
        pass


def test_under_load_everybody_gets_their_turn() -> None:
    """A busy morning is no outage, and never are more on their way than there is room for."""
    breaker, lock, inside, most = Breaker(2, 5.0), threading.Lock(), [0], [0]

    def operate(_: int) -> None:
        with breaker.passing():
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            threading.Event().wait(0.002)
            with lock:
                inside[0] -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(operate, range(80)))
    assert most == [2]
