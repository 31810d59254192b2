"""kill -9 of web and worker, after each call on the outside that they make in a reset."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.crash.case import NEW, OLD
from tests.crash.crashes import lead
from tests.crash.recoveries import (
    CHOOSE,
    CONNECT,
    WORK,
    ask,
    recover_asking,
    recover_choosing_by_owner,
    recover_choosing_by_worker,
    recover_confirming,
    recover_sending,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.crash.case import Case
    from tests.crash.crashes import Crashes
    from tests.crash.trace import Trace

COMMITS = {"audit.append", "store.commit"}
REQUEST = {"captcha.challenge", "captcha.verify", "capabilities.add", "capabilities.use", "resets.add", "outbox.add"} | COMMITS
HAND_OVER = {"outbox.take_due", "directory.find_owner", "letters.write", "mailer.send", "outbox.finish"} | COMMITS
PASSWORD = {"resets.by_digest", "resets.advance", "directory.set_user_password", "grants.revoke_all", "outbox.add"} | COMMITS


@pytest.mark.parametrize("with_ticket", [True, False], ids=["from the portal", "as a stranger"])
def test_web_while_a_reset_is_asked_for(crashes: Crashes, with_ticket: bool) -> None:  # noqa: FBT001  # a parameter
    """Whose browser lost the connection gets one mail, and needs nobody's help."""
    step = ask(with_ticket=with_ticket)
    crashes.of(step, before=lead(CONNECT), must=REQUEST, recover=partial(recover_asking, with_ticket=with_ticket))


def test_worker_while_the_mail_goes_out(crashes: Crashes) -> None:
    """Who waits for the mail gets it; twice at most, and then it is the same one."""
    before = lead(CONNECT, ask(with_ticket=False))
    crashes.of(WORK, before=before, must={"directory.find_user", "resets.advance"} | HAND_OVER, recover=recover_sending)


@pytest.mark.row("R19")
@pytest.mark.parametrize("recover", [recover_choosing_by_worker, recover_choosing_by_owner])
def test_web_while_the_password_is_set(crashes: Crashes, recover: Callable[[Case, Trace], None]) -> None:
    """The password is the old one, and the link still works, or the new one, and then everything is done that belongs to it."""

    def look_and_recover(case: Case, crash: Trace) -> None:
        assert case.password() == (NEW if "directory.set_user_password" in crash.calls else OLD)
        recover(case, crash)

    before = lead(CONNECT, ask(with_ticket=False), WORK)
    crashes.of(CHOOSE, before=before, must=PASSWORD, recover=look_and_recover)


@pytest.mark.row("R20")
def test_worker_while_the_confirmation_goes_out(crashes: Crashes) -> None:
    """An owner whose password was changed by somebody else must hear of it."""
    before = lead(CONNECT, ask(with_ticket=False), WORK, CHOOSE)
    crashes.of(WORK, before=before, must={"directory.find_user_by_uuid"} | HAND_OVER, recover=recover_confirming)
