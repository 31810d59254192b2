"""What happens after a crash: everything is started again, and people try again where they would. In the end all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.crash.case import ANOTHER, LATER_S, NEW, OLD, THIRD
from tests.crash.mailbox import CONFIRMATION, RESET

if TYPE_CHECKING:
    from tests.crash.case import Case
    from tests.crash.steps import Step
    from tests.crash.trace import Trace

CONNECT: Step = ("connect", {"password": OLD})
WORK: Step = ("work", {})
CHOOSE: Step = ("choose", {"password": NEW})

DEAD = [("link", 410), ("password", 410)]
BUSY = [("link", 409), ("password", 409)]
TAKEN = [("link", 200), ("password", 303)]


def ask(*, with_ticket: bool) -> Step:
    """Give the step of asking for a new password."""
    return "ask", {"with_ticket": with_ticket}


def recover_asking(case: Case, crash: Trace, *, with_ticket: bool) -> None:
    """The owner looks for mail, and tries again in any case, where the browser stood: one mail comes, not two."""
    kept = crash.has_committed("outbox.add")
    assert case.password() == OLD
    case.run(WORK, ahead_s=LATER_S)
    assert len(case.letters(RESET)) == int(kept)
    again = ask(with_ticket=with_ticket) if crash.cookies is None else ("ask again", {"cookies": crash.cookies})
    pages = case.end(again, WORK, CHOOSE, WORK, password=NEW)
    assert pages[-3:] == ([("verify page", 303), *TAKEN] if kept else [("verify", 303), *TAKEN])


def recover_sending(case: Case, crash: Trace) -> None:
    """A new worker sends what waits. It can't know of a mail that was taken, but not noted: that one comes twice."""
    assert case.end(WORK, CHOOSE, WORK, password=NEW, resets=1 + taken_unnoted(crash)) == TAKEN


def recover_confirming(case: Case, crash: Trace) -> None:
    """The same for the confirmation."""
    assert case.password() == NEW
    case.end(WORK, password=NEW, confirmations=1 + taken_unnoted(crash))


def recover_choosing_by_worker(case: Case, crash: Trace) -> None:
    """A worker settles what stood still, without anybody's help; then the owner tries the link again, with another password."""
    del crash
    before = case.password()
    assert before in (OLD, NEW)
    settled = case.run(("work", {"times": 2}), ("take stock", {}), ahead_s=LATER_S)
    assert (settled.stock["claims"], len(case.letters(CONFIRMATION))) == (0, int(before == NEW))
    password, pages = (NEW, DEAD) if before == NEW else (ANOTHER, TAKEN)
    assert case.end(("choose", {"password": ANOTHER}), WORK, password=password) == pages


def recover_choosing_by_owner(case: Case, crash: Trace) -> None:
    """The owner tries the link again, with other passwords: at once, and when the claim must be dead; no worker runs yet."""
    before = case.password()
    assert before in (OLD, NEW)
    if crash.has_committed("grants.revoke_all"):
        at_once, later, password = DEAD, DEAD, NEW
    elif not crash.has_committed("resets.advance"):
        at_once, later, password = TAKEN, DEAD, ANOTHER
    elif before == NEW:
        at_once, later, password = BUSY, DEAD, NEW
    else:
        at_once, later, password = BUSY, TAKEN, THIRD
    assert case.run(("choose", {"password": ANOTHER})).pages == at_once
    assert case.end(("choose", {"password": THIRD}), WORK, password=password) == later


def taken_unnoted(crash: Trace) -> bool:
    """Tell whether the mail server has a mail of which the store does not know."""
    return "mailer.send" in crash.calls and not crash.has_committed("outbox.finish")
