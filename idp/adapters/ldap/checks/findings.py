"""What a look at a directory brings to light."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing, in one line.

    Args:
        check: which look found it.
        problem: what is the matter.
        remedy: how to mend it.
        is_wrong: False for what could not be seen, which is no fault of the directory.
    """

    check: str
    problem: str
    remedy: str
    is_wrong: bool = True


def unseen(check: str, what: str, identity: str, options: str = "--as") -> Finding:
    """Say that something is hidden from whoever looks.

    Args:
        check: which look did not see it.
        what: is hidden.
        identity: who looked.
        options: of the command, by which somebody else looks.
    """
    return Finding(
        check, f"{what} can't be seen as {identity}", f"run with {options}, as somebody who may see it", is_wrong=False
    )
