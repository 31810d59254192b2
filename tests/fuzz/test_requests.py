"""Whatever is sent to whatever address: an answer, in time, that says nothing it should not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from tests.fuzz.attack import FaultFound, attack
from tests.fuzz.rounds import Rounds
from tests.plugins.fuzz import SEEN
from tests.web.world import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fuzz.target import Target

_FEW = Rounds(0, seed=1, at_least=4)
_KEPT: list[bytes] = []


@pytest.mark.row("S35", "S47")
@pytest.mark.parametrize("lane", [1, 2])
def test_no_request_is_answered_by_a_fault(
    target: Target, rounds: Rounds, lane: int, record_property: Callable[[str, object], None]
) -> None:
    """S47: a stranger's rubbish is a traceback, an hour of somebody's night, or a secret in the log."""
    del lane  # each has a processor of its own
    record_property(SEEN, attack(target, rounds))


def _raises() -> None:
    raise LookupError


def _hangs() -> None:
    until = time.process_time() + 2.1
    while time.process_time() < until:
        pass


def _logs() -> None:
    structlog.get_logger("idp").debug("typed", typed=PASSWORD)


def _grows() -> None:
    _KEPT.append(b"x" * 200_000)


PLANTED = {_raises: "answered 500", _hangs: "took too long", _logs: "a secret in the log", _grows: "memory grew"}


@pytest.mark.parametrize("plant", PLANTED, ids=[plant.__name__.strip("_") for plant in PLANTED])
def test_a_planted_fault_is_found(target: Target, plant: Callable[[], None]) -> None:
    """A fuzzer that finds nothing says nothing, unless it would have found this."""
    app = target.world.app
    asked = app.url_map.bind("localhost").match("/oauth/introspect", "POST")[0]
    for name in app.view_functions if plant is _grows else (asked,):
        app.view_functions[name] = _with(plant, app.view_functions[name])
    with pytest.raises(FaultFound, match=PLANTED[plant]):
        attack(target, _FEW)
    _KEPT.clear()


def _with(plant: Callable[[], None], view: Callable[..., Any]) -> Callable[..., Any]:
    def planted(**arguments: object) -> Any:  # noqa: ANN401  # whatever Flask takes
        plant()
        return view(**arguments)

    return planted
