"""An application is told something at the address that is registered, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.adapters.back_channel import HttpBackChannel
from idp.errors import ApplicationUnavailable
from tests.contract.back_channel.application import DRIP, running_application
from tests.contract.mailer.certificates import make_certificate
from tests.free_ports import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from idp.ports.outside import BackChannel

FORM = {"logout_token": "a.b.c&d=é"}


@pytest.fixture
def back_channel() -> BackChannel:
    """One that waits for half a second."""
    return HttpBackChannel(timeout_s=0.5)


@pytest.mark.parametrize("status", [200, 204, 302, 307, 400, 500])
def test_the_form_goes_to_the_address_and_its_status_comes_back(back_channel: BackChannel, status: int) -> None:
    """A redirect would have us send a token to whoever the application, or somebody in its place, names."""
    with running_application() as application:
        application.answers = [status]
        assert back_channel.post(application.uri, FORM) == status
        assert application.sent == [("/out?of=here", FORM)]


def test_who_answers_a_byte_at_a_time_holds_nobody_up(back_channel: BackChannel) -> None:
    """One application would keep all others, and every mail, waiting."""
    with running_application() as application:
        application.answers = [DRIP]
        with pytest.raises(ApplicationUnavailable):
            back_channel.post(application.uri, FORM)


def test_whoever_is_not_there_is_told_later(back_channel: BackChannel) -> None:
    """The worker would end by it."""
    for uri in (f"http://127.0.0.1:{free_port()}/out", "https://no-such-host.invalid/out"):
        with pytest.raises(ApplicationUnavailable):
            back_channel.post(uri, FORM)


@pytest.mark.parametrize("uri", ["https://app.example:65536/out", "https://app..example/out", "https://[::::]/out"])
def test_an_address_that_there_can_not_be_is_nobodys(back_channel: BackChannel, uri: str) -> None:
    """The worker would end by it at each start, and nobody would get a mail any more."""
    with pytest.raises(ApplicationUnavailable):
        back_channel.post(uri, FORM)


def test_only_a_server_whose_certificate_is_trusted_is_told(tmp_path: Path) -> None:
    """Whoever stands in the way would learn who has logged out of what."""
    certificate = make_certificate(tmp_path / "tls")
    with running_application(certificate.server_context()) as application:
        with pytest.raises(ApplicationUnavailable):
            HttpBackChannel().post(application.uri, FORM)
        assert application.sent == []
        assert HttpBackChannel(certificate.client_context()).post(application.uri, FORM) == 200
        another_name = application.uri.replace("127.0.0.1", "localhost")
        with pytest.raises(ApplicationUnavailable):
            HttpBackChannel(certificate.client_context()).post(another_name, FORM)
    assert len(application.sent) == 1
