"""The mail server refuses or hangs: mail waits, is tried again with growing pauses, and arrives under the same Message-ID."""

from __future__ import annotations

from contextlib import contextmanager
from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest

from idp.outside import open_digests, open_store
from tests.contract.mailer.real_server import RealServer
from tests.contract.mailer.scripted_server import GREETING, Hang, ScriptedServer
from tests.free_ports import free_port
from tests.system.service import StandingClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from aiosmtpd.smtp import SMTP, Envelope, Session

    from idp.adapters.sql import SqlStore
    from tests.system.service import Service

UID = "U4BBGA5101"
MAIL = "anna@example.nl"
PAUSES_S = (1, 2, 4, 15, 30, 60, 120, 300, 600, 1800, 3600, 3600)


@pytest.fixture(scope="module")
def serving(service: Service) -> Iterator[Service]:
    """The service, serving, with a koppelgebruiker that has no password."""
    service.add_user(UID, MAIL)
    with service.web():
        yield service


@pytest.fixture
def store(service: Service) -> Iterator[SqlStore]:
    """A look at what waits."""
    opened = open_store(service.settings, open_digests(service.settings))
    yield opened
    opened.close()


def waiting_letters(store: SqlStore) -> int:
    """Count what waits in the outbox."""
    with store.reading() as work:
        return work.outbox.waiting()[0]


@contextmanager
def nobody_there() -> Iterator[int]:
    """Give a port at which nobody listens."""
    yield free_port()


@contextmanager
def says_not_now() -> Iterator[int]:
    """Give a server that has no time."""
    with ScriptedServer({"MAIL": b"451 come back later"}) as server:
        yield server.port


@contextmanager
def hangs_at_once() -> Iterator[int]:
    """Give a server that takes connections, and says nothing."""
    with ScriptedServer({GREETING: Hang()}) as server:
        yield server.port


@contextmanager
def hangs_in_the_middle() -> Iterator[int]:
    """Give a server that falls silent before it has the message."""
    with ScriptedServer({"DATA": Hang()}) as server:
        yield server.port


@pytest.mark.row("R17")
@pytest.mark.parametrize("trouble", [nobody_there, says_not_now, hangs_at_once, hangs_in_the_middle])
def test_mail_waits_and_arrives_when_the_server_is_back(
    serving: Service, store: SqlStore, trouble: Callable[[], AbstractContextManager[int]]
) -> None:
    """An owner who asked during an outage gets the mail after it, and the link's hour counts from that mail."""
    before = len(serving.mail.delivered)
    serving.ask_for_reset(UID)
    with trouble() as port, serving.hands(smtp_port=port) as worker:
        worker.step()
    assert waiting_letters(store) == 1
    later = StandingClock(16)
    with serving.hands(later) as worker:
        worker.step()
    assert waiting_letters(store) == 0
    assert len(serving.mail.delivered) == before + 1
    assert serving.visitor().open(serving.links()[-1]).status == 200


class Reluctant(RealServer):
    """Listens to the whole message, and then has no time for it."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        """Keep what was heard."""
        await super().handle_DATA(server, session, envelope)
        return "451 come back later"

    @property
    def message_ids(self) -> list[str]:
        """Of each try."""
        return [message_from_bytes(heard.content)["Message-ID"] for heard in self.delivered]


@pytest.mark.row("R17")
def test_pauses_grow_and_the_message_id_stays(serving: Service) -> None:
    """A mail server that is down for hours is not hammered; and who gets two copies after all can tell that they are one."""
    serving.ask_for_reset(UID)
    clock = StandingClock()
    with Reluctant() as reluctant, serving.hands(clock, smtp_port=reluctant.port) as worker:
        worker.step()
        for tries, pause in enumerate(PAUSES_S, start=1):
            clock.move(pause - 1)
            worker.step()
            assert len(reluctant.delivered) == tries  # a second too early
            clock.move(1)
            worker.step()
            assert len(reluctant.delivered) == tries + 1
    clock.move(PAUSES_S[-1])
    with serving.hands(clock) as worker:
        worker.step()
    sent = message_from_bytes(serving.mail.delivered[-1].content)
    assert set(reluctant.message_ids) == {sent["Message-ID"]}
