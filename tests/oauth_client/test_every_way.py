"""Against a service that is not what it seems, by ways without a password: nobody is led astray."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from joserfc import jws

import connectors
from connectors.base import DEVICE_CODE
from idp.adapters.system_clock import SystemClock
from idp.cli.trial_proofs import Given, application_of
from idp.errors import NotGranted
from idp.oauth_client.application import Application
from idp.oauth_client.by_device import ByDevice
from idp.oauth_client.by_itself import ByItself
from idp.oauth_client.certificate import Certificate
from idp.oauth_client.conversation import Conversation
from idp.oauth_client.dpop_key import DPoPKey
from idp.oauth_client.endpoints import Endpoints, Place
from idp.oauth_client.http import Wire
from idp.oauth_client.proof import ByName
from idp.oauth_client.trial import Trial
from tests.client_certificates import MadeCertificate
from tests.oauth_client.answering import Answers, answering
from tests.oauth_client.test_trial import KEY, claims_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectors import Connector
    from idp.oauth_client.step import Step
    from idp.oauth_client.ways import Way

PENDING = {"error": "authorization_pending"}


@pytest.fixture
def somebody() -> Iterator[Answers]:
    """Somebody who poses as the service."""
    with answering() as answers:
        grants = ["client_credentials", DEVICE_CODE]
        answers.give_metadata(grant_types_supported=grants, device_authorization_endpoint=f"{answers.origin}/begin")
        answers.give("/jwks", {"keys": [KEY.as_dict(private=False)]})
        yield answers


def nobody(code: str, address: str) -> None:
    """Read what is told, and do nothing."""


def begin(somebody: Answers, address: str, **more: object) -> None:
    """Have it give a device its codes."""
    somebody.give("/begin", {"device_code": "d", "user_code": "W", "verification_uri": address, **more})


def issue(somebody: Answers, refresh_token: str | None = None, **more: object) -> None:
    """Have it answer with a token that says this."""
    said = json.dumps({**claims_of(somebody), **more}).encode()
    token = jws.serialize_compact({"alg": "ES256", "typ": "at+jwt", "kid": "1"}, said, KEY)
    document = {"access_token": token, **({"refresh_token": refresh_token} if refresh_token else {})}
    somebody.give("/token", document)


def last(somebody: Answers, way: Way, kind: str = "vendor_app", key: DPoPKey | None = None) -> Step:
    """Try it; gives the last step."""
    connector = connectors.load(plugins=())[kind]
    application = Application(connector, "client-1", ByName("client-1"), Wire(), key)
    *_, step = Trial(application, Place(somebody.origin), way, SystemClock()).steps()
    return step


def test_a_device_waits_as_long_as_it_is_told_to(somebody: Answers) -> None:
    """RFC 8628 section 3.5: it would ask all the time, be slowed down ever more, and never learn that somebody has said yes."""
    begin(somebody, f"{somebody.origin}/device", interval=3)
    somebody.give("/token", PENDING, 400)
    then = [(PENDING, 400), ({"error": "slow_down"}, 400), (PENDING, 400), ({"error": "expired_token"}, 400)]
    waited = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        somebody.give("/token", *then.pop(0))

    step = last(somebody, ByDevice(nobody, wait))
    assert waited == [3, 3, 8, 8]
    assert step.problem.startswith("400 expired_token: nobody has typed the device's code and decided in time")


def test_nobody_is_led_to_type_a_code_elsewhere(somebody: Answers) -> None:
    """People log in where they type it: whoever answers in the service's place would have their portal password."""
    told = []
    for address in ("", "https://elsewhere.example/device", f"{somebody.origin}.elsewhere.example/device"):
        begin(somebody, address)
        step = last(somebody, ByDevice(lambda *what: told.append(what)))
        assert "which is not this service" in step.problem
    assert told == []


@pytest.mark.row("S14")
def test_a_token_that_is_bound_to_something_else_is_told(somebody: Answers) -> None:
    """S14: an application believes that a thief can do nothing with it; or no API takes it from the one whose it is."""
    key = DPoPKey()
    for shown, cnf in ((key, None), (key, {"jkt": "of another"}), (None, {"jkt": key.thumbprint})):
        issue(somebody, cnf=cnf)
        step = last(somebody, ByItself(), "vendor_service", shown)
        assert step.name == "token, read"
        assert "against what the connector says" in step.problem
    issue(somebody, cnf={"jkt": key.thumbprint})
    assert last(somebody, ByItself(), "vendor_service", key).name != "token, read"
    assert str(key._key.as_dict(private=True)["d"]) not in repr(key) + "".join(somebody.received)  # noqa: SLF001  # a secret


def test_a_refresh_token_that_does_not_come_is_told_with_both_reasons(somebody: Answers) -> None:
    """Whoever has registered their application for a code alone would look for the fault at the service (RFC 7591 section 2)."""
    begin(somebody, f"{somebody.origin}/device")
    issue(somebody)
    step = last(somebody, ByDevice(nobody))
    assert (step.name, step.problem.partition(",")[0]) == ("token", "a refresh token did not come")
    assert step.problem.endswith("([connectors.vendor_app]), or the application has registered for less (idp client show)")
    issue(somebody, "r")
    step = last(somebody, ByItself(), "vendor_service")
    assert step.problem.endswith("([connectors.vendor_service])")


@pytest.mark.row("S30")
def test_a_refresh_token_of_an_app_that_stays_the_same_is_told(somebody: Answers) -> None:
    """S30: whoever has copied the app's storage would go on for as long as the app."""
    begin(somebody, f"{somebody.origin}/device")
    somebody.give("/userinfo", {"sub": "u", "administratie": "A"})
    issue(somebody, "the same")
    step = last(somebody, ByDevice(nobody))
    assert (step.name, step.problem.partition(",")[0]) == ("refresh", "the refresh token was not changed for another")


def test_a_nonce_is_asked_with_once(somebody: Answers) -> None:
    """RFC 9449 section 8: a service that always wants another one would be asked for ever."""
    somebody.give("/token", {"error": "use_dpop_nonce"}, 400, **{"DPoP-Nonce": "n-1"})
    step = last(somebody, ByItself(), "vendor_service", DPoPKey())
    assert step.sent["DPoP nonce"] == "n-1"
    assert len(somebody.received) == 3  # the metadata, and twice the token


ORIGIN = "https://login.example"
NAMES = ("token", "introspection", "revocation", "userinfo")
METADATA = {
    "issuer": ORIGIN,
    "jwks_uri": f"{ORIGIN}/jwks",
    "tls_client_certificate_bound_access_tokens": True,
    **{f"{name}_endpoint": f"{ORIGIN}/{name}" for name in NAMES},
}


@pytest.mark.parametrize(
    ("alias", "mtls_origin", "is_right"),
    [
        ("https://login.example:8443", None, True),
        ("http://login.example:8443", None, False),
        ("https://elsewhere.example", None, False),
        ("https://[", None, False),
        ("https://mtls.example", "https://mtls.example", True),
        ("https://mtls.example.elsewhere.example", "https://mtls.example", False),
    ],
)
def test_what_is_asked_with_a_certificate_is_asked_here_or_where_somebody_said(
    alias: str, mtls_origin: str | None, *, is_right: bool
) -> None:
    """Whoever can write the metadata would be sent codes and refresh tokens."""
    place = Place(ORIGIN, with_certificate=True, mtls_origin=mtls_origin)
    document = METADATA | {"mtls_endpoint_aliases": {f"{name}_endpoint": f"{alias}/{name}" for name in NAMES}}
    if is_right:
        assert Endpoints.read(document, place).token == f"{alias}/token"
        return
    with pytest.raises(NotGranted, match="if that is right, name its origin with --mtls-url"):
        Endpoints.read(document, place)


def test_where_nobody_asks_for_certificates_that_is_told() -> None:
    """The bank would show one that nobody looks at, and be an unknown client."""
    place = Place(ORIGIN, with_certificate=True)
    assert Endpoints.read(METADATA, place).token == f"{ORIGIN}/token"  # one address for all
    with pytest.raises(NotGranted, match="asks nobody for a certificate"):
        Endpoints.read({**METADATA, "tls_client_certificate_bound_access_tokens": False}, place)


@pytest.mark.parametrize(
    ("kind", "facts", "token", "authorization"),
    [
        ("vendor_api", {}, "/V221/OAuth/Token", "/V221/OAuth/Authorize"),
        ("vendor_api", {"token_path": "/v19/OAuth/Token"}, "/v19/OAuth/Token", "/v19/OAuth/Authorize"),
        ("vendor_api", {"token_path": "/token"}, "/token", ""),
        ("vendor_api", {"token_path": "/V221/OAuth/Token/more"}, "/V221/OAuth/Token/more", ""),
        ("vendor_api", {"pushed_requests": "required"}, "/V221/OAuth/Token", ""),
        ("vendor_app", {}, "/fapi/token", ""),
        ("fapi", {"token_path": "/fapi/oauth/token"}, "/fapi/oauth/token", ""),
    ],
)
def test_each_kind_asks_where_its_clients_do(kind: str, facts: dict[str, object], token: str, authorization: str) -> None:
    """A fault at the vendor's present addresses would be met by its clients only, and never by support."""
    place, connector = Place(ORIGIN, "fapi"), changed(kind, **facts)
    application = Application(connector, "client-1", ByName("client-1"), Wire())
    conversation = Conversation(application, place, SystemClock(), tuple)
    urls = {f"{name}_endpoint": f"{ORIGIN}/fapi/{name}" for name in NAMES}
    conversation.at = Endpoints.read({**METADATA, **urls, "issuer": f"{ORIGIN}/fapi"}, place)
    assert conversation.token_url == ORIGIN + token
    assert conversation.vendors_authorization == (ORIGIN + authorization if authorization else "")


def changed(kind: str, **facts: object) -> Connector:
    """Give a kind of application of which a fact is another."""
    return connectors.load({kind: facts}, plugins=())[kind]


@pytest.mark.row("S14")
def test_an_application_does_what_its_connector_says(tmp_path: Path) -> None:
    """S14: support would try something else than what the customer's application does, and find nothing."""
    (tmp_path / "bank.pem").write_bytes(MadeCertificate.made().pem)
    certificate = Certificate.read(tmp_path / "bank.pem")
    bound = {"x5t#S256": certificate.thumbprint}
    for connector, pushes, confirmation in (
        (changed("vendor_api"), False, None),
        (changed("vendor_api", pushed_requests="required"), True, None),
        (changed("vendor_api", certificate_bound_tokens=True), False, bound),
        (changed("fapi"), True, bound),
    ):
        application = Application(connector, "client-1", ByName("client-1"), Wire(), certificate=certificate)
        assert (application.pushes, application.confirmation) == (pushes, confirmation)
    given = Given(
        client_secret_file=None,
        client_key_file=None,
        client_certificate_file=None,
        auth_method="none",
        dpop=False,
        scopes=(),
        ca_file=None,
    )
    keys = [application_of(changed("vendor_app", dpop_bound_tokens=always), "x", given).key for always in (False, True)]
    assert [key is not None for key in keys] == [False, True]
