"""`idp connector try`: acts as an application, and says of whatever is wrong what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from idp.adapters.system_clock import SystemClock
from idp.oauth_client.application import Application
from idp.oauth_client.by_password import ByPassword
from idp.oauth_client.endpoints import Place
from idp.oauth_client.http import Wire
from idp.oauth_client.proof import BySecret
from idp.oauth_client.trial import Trial
from tests.connectors.conftest import NAME, PASSWORD
from tests.free_ports import free_port
from tests.system.service import StandingClock

if TYPE_CHECKING:
    from pathlib import Path

    from tests.connectors.conftest import Tried

import connectors

ALL_THE_WAY = ["metadata", "token", "token, read", "token, verified", "introspection", "userinfo"]


@pytest.mark.row("R21")
@pytest.mark.parametrize(("kind", "more"), [("basecone", []), ("vendor_api", ["refresh"])])
def test_an_application_that_works_is_seen_to_work(
    tried: Tried, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, more: list[str]
) -> None:
    """R21: support sees within a second that it is not the service; from any machine, and without a secret on the screen."""
    monkeypatch.chdir(tmp_path)
    ran = tried.run(kind, "--json")
    assert (ran.code, ran.err) == (0, "")
    steps = {step["step"]: step for step in ran.json["steps"]}
    assert list(steps) == [*ALL_THE_WAY, *more]
    assert steps["token"]["sent"]["username"] == NAME
    assert steps["token, read"]["got"]["iss"] == tried.url
    assert steps["introspection"]["got"]["active"] is True
    shown = tried.run(kind)
    assert f"token: POST {tried.url}" in shown.out
    assert shown.out.count("  ok\n") == len(steps)
    for text in (ran.out, shown.out):
        assert tried.clients[kind][1] not in text
        assert PASSWORD not in text
        assert "eyJ" not in text  # how every JWT begins
    assert list(tmp_path.iterdir()) == []


def test_each_kind_asks_as_its_clients_do(tried: Tried) -> None:
    """A fault that only the bank's own way of asking meets would never be met."""
    asked = {}
    for kind in ("basecone", "vendor_api"):
        step = tried.run(kind, "--json").json["steps"][1]
        asked[kind] = step["request"].removeprefix(f"POST {tried.url}"), step["sent"]["scope"], "client_secret" in step["sent"]
    assert asked == {
        "basecone": ("/oauth/token", "administratie:read administratie:write", False),
        "vendor_api": ("/V221/OAuth/Token", "http://UNIT4.Multivers.API/Web/WebApi/*", True),
    }
    other_way = tried.run("basecone", "--auth-method", "client_secret_post", "--json").json["steps"][1]
    assert (other_way["status"], other_way["sent"]["client_secret"]) == (200, "(not shown)")


def test_other_scopes_can_be_asked_for(tried: Tried) -> None:
    """What an application that has registered for less is let in to could not be tried at all."""
    ran = tried.run("basecone", "--scope", "administratie:read", "--json")
    sent = ran.json["steps"][1]["sent"]["scope"]
    assert (ran.code, sent, ran.json["steps"][2]["got"]["scope"]) == (0, "administratie:read", "administratie:read")
    both = ("--scope", "administratie:read", "--scope", "administratie:all")
    said = sentence(tried, "basecone", *both)
    assert said.startswith("400 invalid_scope: the scope is not for this client; ")


@pytest.mark.parametrize("kind", ["basecone", "vendor_api"])
def test_what_was_issued_can_be_ended_again(tried: Tried, kind: str) -> None:
    """A trial leaves no token behind that works."""
    steps = tried.run(kind, "--revoke", "--json").json["steps"]
    assert [step["step"] for step in steps[-2:]] == ["revocation", "introspection afterwards"]
    assert steps[-1]["got"] == {"active": False}


def sentence(tried: Tried, kind: str = "basecone", *more: str, **other: str) -> str:
    """Try what must fail; gives the one sentence."""
    ran = tried.run(kind, *more, **other)
    assert (ran.code, ran.err.count("\n")) == (1, 1), ran
    said = ran.err.removeprefix("idp: ").rstrip("\n")
    assert ran.out.endswith(f"  WRONG: {said}\n")
    return said


REFUSED = (
    "400 invalid_grant: name or password wrong, the user blocked, or without a password; at a refresh, access has ended; let "
)
UNKNOWN = "401 invalid_client: client unknown or disabled, secret wrong, or "


def test_a_wrong_password_and_an_unknown_name_are_the_owners_to_mend(tried: Tried) -> None:
    """Support sends the owner to the reset, and doesn't ask the bank."""
    assert sentence(tried, password="nooit gekozen woorden").startswith(REFUSED)
    assert sentence(tried, name="U4BBGA9999").startswith(REFUSED)


@pytest.mark.row("R21")
def test_a_name_with_its_realm_is_told_apart(tried: Tried) -> None:
    """R21: the most frequent mistake at a bank's form is named as such, and not as a wrong password."""
    said = sentence(tried, name=f"{NAME}@u4bsw.nl")
    assert said == "400 invalid_grant: the name was sent with its realm; send the bare name, without the part from the @ on"


def test_a_wrong_secret_and_an_address_from_elsewhere_are_the_banks_to_mend(tried: Tried) -> None:
    """The bank's people know where to look: at the secret, and at the network that they come from."""
    assert sentence(tried, secret="nooit uitgegeven").startswith(UNKNOWN)
    assert "an address that its connector does not have" in sentence(tried, "rabobank")


def test_a_grant_that_has_ended_is_named(tried: Tried) -> None:
    """After the sunset nobody looks for a wrong password."""
    said = sentence(tried, "triodos")
    assert said.startswith("400 unauthorized_client: this client may not use this grant, or not any more; ")


def test_another_configuration_than_the_services_is_told(tried: Tried) -> None:
    """Whoever tries from a machine with other facts does not take them for the service's."""
    said = sentence(tried, "ing")
    assert said.startswith("a refresh token came, against what the connector says; look whether ")
    assert said.endswith("([connectors.ing])")


@pytest.mark.row("S49")
def test_another_issuer_is_told_with_its_address(tried: Tried) -> None:
    """S49: tokens of another name would be refused by every API, for a reason that nobody sees there."""
    other = tried.url.replace("127.0.0.1", "localhost")
    said = sentence(tried, url=other)
    assert said == f"the service at {other} is the issuer {tried.url}; ask it there (--url), or mend its service.origin"


def test_a_service_that_is_not_there_is_told(tried: Tried) -> None:
    """Support looks at the service and at the address, and not at the customer's password."""
    port = free_port()
    said = sentence(tried, url=f"http://127.0.0.1:{port}")
    assert said == f"127.0.0.1:{port} takes no connections; start the service, or mend the address (--url)"
    assert " does not speak TLS; look at the port" in sentence(tried, url=tried.url.replace("http:", "https:"))
    mail = f"http://127.0.0.1:{tried.service.mail.port}"
    assert " does not speak HTTP " in sentence(tried, url=mail)


@pytest.mark.parametrize(("ahead_s", "words"), [(-7200, "behind"), (7200, "ahead of")])
def test_a_clock_that_is_off_is_told(tried: Tried, ahead_s: float, words: str) -> None:
    """An API with such a clock refuses each token, and its people look for the fault in the token."""
    client_id, secret = tried.clients["basecone"]
    basecone = connectors.load(plugins=())["basecone"]
    application = Application(basecone, client_id, BySecret(client_id, secret, "client_secret_basic"), Wire())
    *_, last = Trial(application, Place(tried.url), ByPassword(NAME, PASSWORD), StandingClock(ahead_s)).steps()
    assert last.name == "token, read"
    found = re.match(rf"this machine's clock is (\d+) seconds {words} the service's, ", last.problem)
    assert found is not None
    assert 7140 <= int(found[1]) <= 7260  # the token has whole seconds, and took a while to come
    assert last.problem.endswith("set whichever is wrong right (NTP)")
    *_, last = Trial(application, Place(tried.url), ByPassword(NAME, PASSWORD), SystemClock()).steps()
    assert (last.name, last.problem) == ("userinfo", "")
