"""How long we wait: never for ever, and longest where giving up makes a double."""

from __future__ import annotations

import socket
import time
from datetime import timedelta

import pytest

from idp.adapters.smtp import AFTER_END_S, SmtpMailer
from idp.errors import MailUnavailable
from idp.services.outbox import LEASE
from idp.settings import MailSettings
from tests.contract.mailer.letter import MAIL
from tests.contract.mailer.scripted_server import END, GREETING, Act, Drip, Hang, Late, ScriptedServer

ADDRESSES_OF_A_HOST = 2
"""By IPv6 and by IPv4."""


def _mailer(port: int, timeout_s: float, after_end_s: float) -> SmtpMailer:
    return SmtpMailer(
        "127.0.0.1", port, "none", "Mijn Support Gemak", "noreply@u4bsw.nl", timeout_s, after_end_s=after_end_s
    )  # fmt: skip


@pytest.mark.parametrize("step", [GREETING, "EHLO", "MAIL", "RCPT", "DATA", END])
@pytest.mark.parametrize("act", [Hang(), Drip()], ids=["hangs", "drips"])
def test_a_server_that_hangs_does_not_hold_the_worker(step: str, act: Act) -> None:
    """A byte now and then, each within the time-out, would keep everybody else's mail waiting."""
    began = time.monotonic()
    with ScriptedServer({step: act}) as server, pytest.raises(MailUnavailable, match="TimeoutError"):
        _mailer(server.port, 0.4, 0.4).send(MAIL)
    assert time.monotonic() - began < 5


def test_a_listener_that_never_accepts_does_not_hold_the_worker() -> None:
    """A machine that is overloaded takes connections and no more."""
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(MailUnavailable):
        _mailer(silent.getsockname()[1], 0.4, 0.4).send(MAIL)
    assert time.monotonic() - began < 5


def test_the_time_is_for_the_whole_and_not_for_each_step() -> None:
    """Five steps of just under the time-out each would be five time-outs."""
    late = {verb: Late(b"250 ok", 0.25) for verb in ("EHLO", "MAIL", "RCPT")}
    with ScriptedServer(late) as server, pytest.raises(MailUnavailable):
        _mailer(server.port, 0.6, 5).send(MAIL)


def test_a_server_may_think_about_the_message_itself() -> None:
    """RFC 5321 section 4.5.3.2.6: giving up while a server looks for viruses sends the message twice."""
    with ScriptedServer({END: Late(b"250 taken", 1.0)}) as server:
        _mailer(server.port, 0.5, 10).send(MAIL)


def test_a_server_that_does_not_say_goodbye_is_left() -> None:
    """It has the message; what it still says does not matter."""
    began = time.monotonic()
    with ScriptedServer({"QUIT": Hang()}) as server:
        _mailer(server.port, 5, 600).send(MAIL)
    assert time.monotonic() - began < 5


def test_the_longest_hand_over_is_shorter_than_the_outboxs_lease() -> None:
    """Otherwise a second worker would send a letter that the first one is still handing over."""
    (longest,) = (bound.le for bound in MailSettings.model_fields["timeout_s"].metadata if hasattr(bound, "le"))
    worst = longest * (ADDRESSES_OF_A_HOST + 1) + AFTER_END_S
    assert timedelta(seconds=worst) < LEASE
