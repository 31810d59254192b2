"""A client in another language: a program that is told its task, asks for a browser, and tells what it got.

It speaks in lines of JSON: it reads its task; to `{"visit": address}` it reads the address that the browser came back to;
`{"told": facts}` is its last word.
"""

from __future__ import annotations

import json
import subprocess
from threading import Timer
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.interop.owner import Arrives

_TIMEOUT_S = 60


def converse(command: Sequence[str | Path], task: Mapping[str, object], arrives: Arrives) -> dict[str, Any]:
    """Run a program to its end; gives what it told.

    Args:
        command: of the program.
        task: what it shall do.
        arrives: what the browser does.

    Raises:
        RuntimeError: it ended without a last word, or took too long. What it complained of is on stderr.
    """
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # ours
        assert process.stdin is not None
        assert process.stdout is not None
        alarm = Timer(_TIMEOUT_S, process.kill)
        alarm.start()
        try:
            _say(process.stdin, json.dumps(task))
            for line in process.stdout:
                said = json.loads(line)
                if "told" in said:
                    return dict(said["told"])
                _say(process.stdin, json.dumps(arrives(said["visit"])))
        finally:
            alarm.cancel()
            process.kill()
    message = f"{command[-1]} ended without a last word"
    raise RuntimeError(message)


def _say(stdin: IO[str], line: str) -> None:
    stdin.write(line + "\n")
    stdin.flush()
