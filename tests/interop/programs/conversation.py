"""What a program here and its test say to each other: lines of JSON (`tests/interop/program.py`)."""

from __future__ import annotations

import json
import sys
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Task = dict[str, Any]
    Visit = Callable[[str], str]
    Told = dict[str, object]


def converse(carry_out: Callable[[Task, Visit], Told]) -> None:
    """Carry out the task that stands on stdin; a client's own error is an outcome that the test looks at.

    Args:
        carry_out: given the task, and a browser that goes to an address and gives the one that it came back to.
    """
    task = json.loads(sys.stdin.readline())
    try:
        told = carry_out(task, _visit)
    except Exception as exc:  # noqa: BLE001  # whichever the library raises
        traceback.print_exc()
        told = {"refused": {"error": getattr(exc, "error", None), "message": f"{type(exc).__name__}: {exc}"}}
    _say({"told": told})


def _visit(address: str) -> str:
    _say({"visit": address})
    return str(json.loads(sys.stdin.readline()))


def _say(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()
