"""Certificates through a real nginx, as config/nginx has it: what nginx has seen counts, and nobody else's word (S49)."""

from __future__ import annotations

import re
import socket
import ssl
import urllib.request
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from idp.oauth.authorization import AuthorizationEndpoint, AuthorizationRequest
from idp.oauth.client_certificate import thumbprint_of
from idp.oauth.http import RawRequest
from idp.oauth.registered_certificate import read_certificates, read_subject_dn
from tests.cli.installation import run_here
from tests.client_certificates import SUBJECT, MadeCertificate
from tests.docs.asked_for_certificates import ASKING, CONFIGURATIONS, OPEN, SAMPLES, SERVICE, STRANGER, Front
from tests.oauth.world import BACK, USERNAME

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.visitor import Answer, Visitor

RECOMMENDED = {f"ECDHE-{key}-AES{size}" for key in ("ECDSA", "RSA") for size in ("128-GCM-SHA256", "256-GCM-SHA384")}
"""By RFC 9325 section 4.2, as OpenSSL calls them."""

ITSELF, NAMED = "registered-itself", "registered-by-name"


@pytest.fixture(scope="module")
def bank(front: Front) -> MadeCertificate:
    """The certificate of a bank's own making that it is registered by; by the same subject, another one is."""
    made, clients = MadeCertificate.made(), front.world.parts.clients
    known_by = {ITSELF: read_certificates(made.pem, datetime.now(UTC)), NAMED: (read_subject_dn(SUBJECT),)}
    for client_id, known in known_by.items():
        clients.add_with_keys("fapi", "Bank", known, "operator:test", client_id, (BACK,))
    return made


def introspect(visitor: Visitor, client_id: str = ITSELF, **headers: str) -> int:
    """Ask something as a client that shows a certificate and nothing else; gives the status."""
    return visitor.post("/fapi/introspect", {"client_id": client_id, "token": "x"}, **headers).status


def speaks(front: Front, port: int, suite: str) -> bool:
    """Tell whether nginx at a port takes a cipher suite of TLS 1.2."""
    context = front.tls()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suite)
    with socket.create_connection(("127.0.0.1", front.ports[port])) as raw:
        try:
            with context.wrap_socket(raw, server_hostname="localhost") as spoken:
                return (spoken.cipher() or ("",))[0] == suite
        except ssl.SSLError as refused:
            return refused.reason != "SSLV3_ALERT_HANDSHAKE_FAILURE"


def test_of_tls_1_2_only_the_recommended_suites_are_spoken(front: Front) -> None:
    """FAPI 2.0 section 5.2.2: a bank whose tests offer another one, and are answered, may not connect to us."""
    usual = {suite["name"] for suite in ssl.create_default_context().get_ciphers()}
    offered = {name for name in usual if name.startswith("ECDHE-ECDSA-")}  # the kind of key that nginx has here
    assert "ECDHE-ECDSA-CHACHA20-POLY1305" in offered
    for port in (OPEN, ASKING):
        assert {suite for suite in offered if speaks(front, port, suite)} == offered & RECOMMENDED
        with front.tls().wrap_socket(
            socket.create_connection(("127.0.0.1", front.ports[port])), server_hostname="localhost"
        ) as new:
            assert new.version() == "TLSv1.3"
    for name in CONFIGURATIONS:  # what those speak that have a key of the other kind
        (named,) = re.findall(r"ssl_ciphers (.*);", (SAMPLES / name).read_text("utf-8"))
        assert set(named.split(":")) == RECOMMENDED


@pytest.mark.row("S18")
def test_its_own_certificate_lets_a_bank_in_and_no_other_does(front: Front, bank: MadeCertificate) -> None:
    """Anybody could make a certificate in the name of a bank; nginx lets it come, and the service knows it is another one."""
    assert introspect(front.visitor(ASKING, bank)) == 200
    assert introspect(front.visitor(ASKING, MadeCertificate.made())) == 401
    assert introspect(front.visitor(ASKING)) == 401


@pytest.mark.row("S18")
def test_a_name_counts_where_the_authority_has_given_it(front: Front, bank: MadeCertificate) -> None:
    """Whoever is called as the bank by nobody but themselves, or by another authority, is not the bank."""
    between = MadeCertificate.made("CN=between", issuer=front.trusted, is_authority=True)
    strangers = [MadeCertificate.made(f"CN={name}", is_authority=True) for name in ("of no one", "trusted")]
    for shown in ([MadeCertificate.made(issuer=front.trusted)], [MadeCertificate.made(issuer=between), between]):
        assert introspect(front.visitor(ASKING, *shown), NAMED) == 200
    other_name = MadeCertificate.made("CN=api.bank.example", issuer=front.trusted)
    untrusted, forged = (MadeCertificate.made(issuer=stranger) for stranger in strangers)
    for shown in ([bank], [other_name], [untrusted], [untrusted, strangers[0]], [MadeCertificate.made(issuer=between)]):
        assert introspect(front.visitor(ASKING, *shown), NAMED) == 401
    for shown in ([forged], [forged, strangers[1]]):
        assert introspect(front.visitor(ASKING, *shown), NAMED) == 400  # nginx itself: the signature is wrong


@pytest.mark.row("S18")
def test_a_certificate_that_has_ended_lets_nobody_in(front: Front, bank: MadeCertificate) -> None:
    """A key on a disk that was thrown away would be a bank for ever."""
    past = datetime.now(UTC) - timedelta(days=60)
    for issuer in (None, front.trusted):
        ended = MadeCertificate.made(issuer=issuer, at=past)
        assert introspect(front.visitor(ASKING, ended), NAMED) == 400  # nginx itself
    assert bank.certificate.not_valid_after_utc > datetime.now(UTC)


@pytest.mark.row("S49")
def test_what_a_visitor_writes_into_the_headers_is_gone(front: Front, bank: MadeCertificate) -> None:
    """S49: certificates are no secret; with a copy of one, anybody would be the bank."""
    forged = bank.headers()
    someone = MadeCertificate.made("CN=someone")
    for client_id in (ITSELF, NAMED):
        for visitor in (front.visitor(OPEN), front.visitor(OPEN, bank), front.visitor(ASKING), front.visitor(ASKING, someone)):
            assert introspect(visitor, client_id, **forged) == 401
        assert introspect(front.visitor(SERVICE, address=STRANGER), client_id, **forged) == 401


@pytest.mark.row("S49")
@pytest.mark.parametrize("port", [OPEN, ASKING])
def test_nor_do_they_count_where_they_are_spelt_otherwise(front: Front, bank: MadeCertificate, port: int) -> None:
    """S49: WSGI knows no difference between a hyphen and a low line."""
    forged = {name.replace("-", "_"): value for name, value in bank.headers().items()}
    connection = HTTPSConnection("localhost", front.ports[port], context=front.tls())
    body, form = f"client_id={ITSELF}&token=x", {"Content-Type": "application/x-www-form-urlencoded"}
    for headers in (forged, forged | bank.headers()):
        connection.request("POST", "/fapi/introspect", body, headers | form)
        answer = connection.getresponse()
        assert (answer.status, b"invalid_client" in answer.read()) == (401, True)
    connection.close()


@pytest.mark.row("S49")
def test_the_service_itself_believes_the_proxy_alone(front: Front, bank: MadeCertificate) -> None:
    """S49: the same words that are true from nginx are nothing from anybody else who reaches the service's port."""
    told = bank.headers()
    assert introspect(front.visitor(SERVICE), **told) == 200
    assert introspect(front.visitor(SERVICE, address=STRANGER), **told) == 401


@pytest.mark.row("S14", "S15")
def test_a_token_works_with_its_certificate_alone(front: Front, bank: MadeCertificate) -> None:
    """S15: a token that was stolen on its way to an API is worth nothing to the thief, whatever certificate they have."""
    code = front.world.code(client_id=ITSELF)
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "client_id": ITSELF}
    token = front.visitor(ASKING, bank).post("/fapi/token", asked).json["access_token"]
    assert front.world.strict.access_tokens.verify(token)["cnf"] == {"x5t#S256": thumbprint_of(bank.certificate)}

    def userinfo(visitor: Visitor, **more: str) -> Answer:
        return visitor.open("/fapi/userinfo", Authorization=f"Bearer {token}", **more)

    assert userinfo(front.visitor(ASKING, bank)).status == 200
    thieves = (front.visitor(ASKING), front.visitor(ASKING, MadeCertificate.made()), front.visitor(OPEN, bank))
    for thief in thieves:
        for more in ({}, bank.headers()):
            answer = userinfo(thief, **more)
            assert (answer.status, answer.json["error"]) == (401, "invalid_token")


@pytest.mark.row("S14", "S18")
def test_a_bank_with_a_certificate_is_tried(front: Front, bank: MadeCertificate, tmp_path: Path) -> None:
    """S18: of the banks that show a certificate, nobody could see whether it is the proxy, the certificate or the service."""
    known = read_certificates(bank.pem, datetime.now(UTC))
    front.world.parts.clients.add_with_keys("fapi", "B", known, "operator:test", "tried", ("http://127.0.0.1/callback",))
    file, key = bank.written(tmp_path, "bank")
    file.write_bytes(file.read_bytes() + key.read_bytes())

    def lets_in(text: str) -> None:
        query = urlsplit(text.strip().rpartition("\n")[2]).query
        if not query:
            return
        parts = front.world.strict.parts
        judged = AuthorizationEndpoint(parts).judge(RawRequest("GET", query, "", b"", None, "127.0.0.1", "127.0.0.1"))
        assert isinstance(judged, AuthorizationRequest), judged
        code = parts.authorization.allow(front.world.session(), USERNAME, judged.asked)
        urllib.request.urlopen(judged.back.with_code(code).location, timeout=10).close()  # noqa: S310  # of this machine

    origin = f"https://localhost:{front.ports[OPEN]}"
    words = ("--client-id", "tried", "--url", origin, "--client-certificate-file", str(file), "--revoke", "--json")
    trusting = ("--ca-file", str(front.authority.certificate))
    ran = run_here("connector", "try", "fapi", *words, *trusting, heeds=lets_in)
    assert ran.code == 0, ran
    steps = {step["step"]: step for step in ran.json["steps"]}
    assert steps["token, read"]["got"]["cnf"] == {"x5t#S256": thumbprint_of(bank.certificate)}
    asked = ("pushed request", "token", "introspection", "userinfo", "refresh", "revocation")
    assert {str(front.ports[ASKING]) in steps[name]["request"] for name in asked} == {True}
    elsewhere = run_here("connector", "try", "fapi", *words, *trusting, "--mtls-url", "https://elsewhere.example")
    assert "if that is right, name its origin with --mtls-url" in elsewhere.err


def test_no_browser_is_asked_for_a_certificate(front: Front) -> None:
    """A window that asks which certificate to show would frighten every owner; and no page stands where it is asked."""
    assert (front.is_asked(OPEN), front.is_asked(ASKING)) == (False, True)
    for path in ("/", "/login", "/oauth/authorize", "/fapi/authorize", "/metrics", "/readyz", "/V221/OAuth/Token"):
        assert front.visitor(ASKING).open(path).status == 404, path


@pytest.mark.row("S44")
def test_every_alias_that_is_advertised_is_there(front: Front) -> None:
    """S44: a program sets itself up from the metadata, and finds at each address what it was told."""
    for path in ("/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server/fapi"):
        document = front.visitor(OPEN).open(path).json
        for name, url in document["mtls_endpoint_aliases"].items():
            visitor = front.visitor(ASKING)
            assert url.startswith(visitor.origin + "/")
            answer, usual = visitor.post(url, {}), front.visitor(OPEN).post(document[name], {})
            assert (answer.status, answer.json) == (usual.status, usual.json)
            assert "error" in answer.json
