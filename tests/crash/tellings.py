"""What must be told of a change in the directory: in letters, and in the audit."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.crash.case import LATER_S
from tests.crash.recoveries import taken_unnoted

if TYPE_CHECKING:
    from tests.crash.case import Case
    from tests.crash.steps import Step
    from tests.crash.trace import Trace

PASSWORD_CHANGED = "Je wachtwoord is gewijzigd"
BLOCKED = "Je koppelgebruiker is geblokkeerd"
MAIL_CHANGED = "Je mailadres is gewijzigd"
PORTAL_PASSWORD_CHANGED = "Het wachtwoord van je portaal is gewijzigd"
INVITATION = "Welkom: kies een wachtwoord voor je portaal"

WORK_OFF: Step = ("work", {"times": 3})
"""Intents come due, the log is read, and what it says is mailed."""


def settled(case: Case, *steps: Step, bare: str = "") -> Trace:
    """Let a worker come by when all is settled.

    Args:
        case: where.
        steps: what is done before.
        bare: whose grants are counted.
    """
    trace = case.run(*steps, WORK_OFF, ("take history", {"bare": bare}), ("take stock", {}), ahead_s=LATER_S)
    assert trace.stock["letters waiting"] == 0
    return trace


def assert_told(case: Case, crash: Trace | None, expected: dict[tuple[str, str], int]) -> None:
    """See that each letter came once; that one comes twice, the same, which was taken by the mail server but not noted.

    Args:
        case: where.
        crash: that of a worker, if it was one.
        expected: how many letters there must be, by subject and reader.
    """
    letters = case.installation.mailbox.all()
    told = Counter((letter.subject, letter.to) for letter in set(letters))
    assert told == Counter(expected)
    assert len(letters) - len(set(letters)) == int(crash is not None and taken_unnoted(crash))
