"""What the tests of the services rely on in the log in memory is what the real one does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from idp.adapters.ldap import LdapDirectory, LdapServer, SimpleBind
from idp.adapters.ldap.change_log import LdapChangeLog
from idp.adapters.ldap.change_record import RecordReader
from idp.adapters.ldap.lane import Lane
from idp.adapters.ldap.tree import Tree
from idp.domain.directory_change import DirectoryChange, Kind, What
from idp.errors import ChangesNotLogged, DirectoryUnavailable
from tests.contract.directory.worlds import NAME, RealClock, World
from tests.fakes.change_log import MemoryChangeLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from idp.ports.changes import ChangeLog
    from tests.slapd import RunningSlapd


@dataclass(frozen=True)
class Logged:
    """A log, and hands to reach into it.

    Args:
        log: as the service has it.
        change: writes an administration's identifier.
        go_away: makes the directory answer nobody.
        without: the log of a directory that keeps none for us.
    """

    log: ChangeLog
    change: Callable[[str], None]
    go_away: Callable[[], None]
    without: ChangeLog


@pytest.fixture
def on_slapd(slapd: RunningSlapd, real: World) -> Iterator[Logged]:
    """The adapter."""
    assert isinstance(real.directory, LdapDirectory)
    user = real.user_with_password()
    embedded = slapd.embedded
    stranger = SimpleBind(f"uid={user.uid},ou=koppelgebruikers,{embedded.base_dn}", "een lange eerste wachtzin")
    lane = Lane(lambda: LdapServer(embedded.ldap_url).connect(stranger)[0])
    without = LdapChangeLog(lane, RecordReader(Tree(embedded.base_dn), embedded.service_dn), RealClock())
    yield Logged(
        real.directory.changes,
        lambda value: slapd.write(f"uid={NAME},ou=koppelgebruikers,{embedded.base_dn}", "administratie", value),
        real.go_away,
        without,
    )
    lane.close()


@pytest.fixture
def in_memory() -> Logged:
    """The fake."""
    log = MemoryChangeLog()

    def change(value: str) -> None:
        position = f"{len(log.changes) + 1:09d}"
        after = {"administratie": (value,)}
        log.changes.append(
            DirectoryChange(position, datetime.now(UTC), "cn=a", False, What.MODIFIED, Kind.USER, "", "", after=after)  # noqa: FBT003  # a field
        )

    def go_away() -> None:
        log.away = True

    return Logged(log, change, go_away, MemoryChangeLog(missing=True))


@pytest.fixture(params=["on_slapd", "in_memory"])
def logged(request: pytest.FixtureRequest) -> Logged:
    """Each in turn."""
    found: Logged = request.getfixturevalue(request.param)
    return found


def values(changes: list[DirectoryChange]) -> list[str | None]:
    """Give what was written."""
    return [change.new("administratie") for change in changes]


def test_the_end_is_behind_what_was_and_before_what_comes(logged: Logged) -> None:
    """The first start would tell of a month of changes, or miss one."""
    logged.change("before")
    end = logged.log.end()
    assert logged.log.read(end, 9) == []
    logged.change("after")
    assert values(logged.log.read(end, 9)) == ["after"]


def test_it_is_read_in_order_a_few_at_a_time_and_nothing_twice(logged: Logged) -> None:
    """A change would be told twice or never."""
    end = logged.log.end()
    for value in "abc":
        logged.change(value)
    first = logged.log.read(end, 2)
    assert values(first) == ["a", "b"]
    assert values(logged.log.read(first[-1].position, 2)) == ["c"]
    assert values(logged.log.read(end, 9)) == ["a", "b", "c"]


def test_away_and_without_a_log_are_two_things(logged: Logged) -> None:
    """The worker waits for the one, and goes on without the other."""
    with pytest.raises(ChangesNotLogged):
        logged.without.read(logged.log.end(), 9)
    logged.go_away()
    with pytest.raises(DirectoryUnavailable):
        logged.log.read(logged.log.end(), 9)
