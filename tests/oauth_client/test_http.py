"""Whatever keeps an answer from coming is one sentence, with what to do; and a secret goes nowhere but where it was sent."""

from __future__ import annotations

import socket
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.errors import ConfigurationError, NotGranted
from idp.oauth_client.http import Wire
from tests.contract.directory.certificates import Authority
from tests.oauth_client.answering import Answers, answering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from idp.oauth_client.http import Reply


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One that nobody's system trusts."""
    return Authority.found(tmp_path_factory.mktemp("authority"), "an authority of a test")


@pytest.fixture
def somebody() -> Iterator[Answers]:
    """A server that is not this service."""
    with answering() as answers:
        yield answers


def why_not(wire: Wire, url: str) -> str:
    """Ask what does not answer as it should; gives the sentence."""
    with pytest.raises(NotGranted) as caught:
        wire.get(url).document()
    return str(caught.value)


def test_a_certificate_is_trusted_by_its_authority_alone(authority: Authority, tmp_path: Path) -> None:
    """Whoever stands in between would read the client's secret and the customer's password."""
    with answering(authority.issue(tmp_path, "127.0.0.1")) as server:
        server.give("/", {})
        place = server.origin.removeprefix("https://")
        said = why_not(Wire(), server.origin)
        assert said.startswith(f"{place} has a certificate that is not trusted here (")
        assert said.endswith("; name its authority with --ca-file, or let the server send the whole chain")
        assert server.received == []
        assert Wire(authority.certificate).get(server.origin).document() == {}


def test_a_certificate_of_another_name_or_time_is_told_apart(authority: Authority, tmp_path: Path) -> None:
    """What is to be done about them differs, and the bank's people should not try both."""
    wire = Wire(authority.certificate)
    with answering(authority.issue(tmp_path, "login.example")) as server:
        assert "has a certificate of another name; ask by the name that stands in it" in why_not(wire, server.origin)
    with answering(authority.issue(tmp_path, "127.0.0.1", lived=timedelta(days=1))) as server:
        assert "has a certificate that has expired; renew it there" in why_not(wire, server.origin)


def test_a_file_without_certificates_is_told(tmp_path: Path) -> None:
    """A typing error is not taken for a fault of the service."""
    (tmp_path / "ca.pem").write_text("nothing")
    for file in (tmp_path / "ca.pem", tmp_path / "none.pem"):
        with pytest.raises(ConfigurationError, match=f"the file of certificates {file} can't be read"):
            Wire(file)


def test_something_else_that_answers_is_told(somebody: Answers) -> None:
    """Support looks at the address and the proxy, not at the customer's password."""
    url = f"{somebody.origin}/"
    place = somebody.origin.removeprefix("http://")
    assert why_not(Wire(), url) == (
        f"what answers at {url} is not this service: 404, text/html and no JSON; look at the address (--url)"
    )
    somebody.by_path["/"] = 502, {"Content-Type": "text/html"}, b"<h1>Bad Gateway"
    assert why_not(Wire(), url).startswith(f"a proxy answers 502 in the place of the service at {place}; start the service")
    somebody.by_path["/"] = 200, {"Content-Type": "application/json"}, b"[" * 100_000
    assert "is not this service: 200, application/json and no JSON" in why_not(Wire(), url)


def test_a_secret_follows_no_redirect(somebody: Answers) -> None:
    """Whoever can answer once would have the secret sent to them."""
    somebody.by_path["/token"] = 307, {"Location": f"{somebody.origin}/elsewhere"}, b""
    reply: Reply = Wire().post(f"{somebody.origin}/token", {"client_secret": "geheim"})
    assert len(somebody.received) == 1
    with pytest.raises(NotGranted, match=f"sends on to {somebody.origin}/elsewhere; name that address with --url"):
        reply.document()


def test_a_secret_goes_through_no_proxy_of_the_environment(somebody: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that somebody set long ago would have secrets sent elsewhere in the clear."""
    with answering() as proxy:
        monkeypatch.setenv("http_proxy", proxy.origin)
        somebody.give("/", {})
        assert Wire().get(f"{somebody.origin}/").document() == {}
        assert proxy.received == []


def test_one_who_says_nothing_is_not_waited_for_for_ever() -> None:
    """A firewall that swallows everything would keep support at the screen."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        said = why_not(Wire(timeout_s=0.05), f"http://{place}/")
    assert said == f"{place} did not answer within 0.05 seconds; look at the firewall, and whether the service runs"


def test_what_came_shows_no_body_by_itself(somebody: Answers) -> None:
    """A token in it would stand in whatever is written of a fault."""
    somebody.give("/", {"access_token": "geheim"})
    assert "geheim" not in repr(Wire().get(f"{somebody.origin}/"))
