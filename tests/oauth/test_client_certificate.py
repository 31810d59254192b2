"""An application that shows a certificate in TLS is let in by it and by nothing else (RFC 8705 section 2, S18, S25, S27, S49)."""

from __future__ import annotations

import ssl
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from structlog.testing import capture_logs

from idp.domain.client import ClientCertificate
from idp.oauth.client_certificate import MAX_CHARACTERS
from idp.oauth.registered_certificate import read_certificates, read_san_dns, read_san_uri, read_subject_dn
from idp.settings import LimitSettings
from tests.client_certificates import DNS, SUBJECT, URI
from tests.client_signers import asserted
from tests.oauth.certified import BEHIND_PROXY, PROXY, UNVERIFIED, WITH_CERTIFICATES, Certified
from tests.oauth.keyed import Keyed, refused
from tests.oauth.test_constant_work import MANY, work_of
from tests.oauth.test_token_request import assert_refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oauth.world import Answered, NewWorld, World

ENDPOINTS = ("/oauth/token", "/oauth/introspect", "/oauth/revoke")
BY_NAME = {"subject": read_subject_dn(SUBJECT), "dns": read_san_dns(DNS), "uri": read_san_uri(URI)}


@pytest.fixture
def certified_world(new_world: NewWorld) -> World:
    """A service behind a proxy that asks for certificates, at which a bank may fail as often as it likes."""
    return new_world(LimitSettings(client_failures=MANY), WITH_CERTIFICATES, service=BEHIND_PROXY)


@pytest.fixture
def bank(certified_world: World) -> Certified:
    """That bank, not yet registered."""
    return Certified(certified_world)


@pytest.fixture
def banks(certified_world: World) -> list[Certified]:
    """Four banks: one registered by its certificate, the others by what an authority calls them."""
    itself = Certified(certified_world).register()
    return [itself, *(Certified(certified_world, name).register(known_by) for name, known_by in BY_NAME.items())]


@pytest.mark.row("S18")
def test_a_registered_certificate_lets_in(bank: Certified) -> None:
    """A bank without a secret works with its certificate, whoever has issued it."""
    bank.register()
    for path in ENDPOINTS:
        assert bank.ask(path=path).status_code == 200
        assert bank.ask(bank.made.headers("SUCCESS"), path).status_code == 200


@pytest.mark.row("S18")
def test_a_registered_name_lets_in_whoever_an_authority_calls_so(banks: list[Certified]) -> None:
    """A bank renews its certificate every year, and nobody here has to know; what is not of the authority is anybody's."""
    for bank in banks[1:]:
        for made in (bank.made, bank.another()):
            assert bank.ask(made.headers()).status_code == 200, bank.client_id
            for verified in (UNVERIFIED, "NONE", "", "success"):
                assert refused(bank.ask(made.headers(verified)))


def of_version_6(bank: Certified) -> str:
    """Change the version (RFC 5280 section 4.1.2.1)."""
    third, sixth = b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x05"
    return ssl.DER_cert_to_PEM_cert(bank.made.certificate.public_bytes(Encoding.DER).replace(third, sixth, 1))


OTHERS: dict[str, Callable[[Certified], dict[str, str]]] = {
    "another, alike": lambda bank: bank.another().headers(UNVERIFIED),
    "none": lambda _: {},
    "an empty one": lambda _: {"SSL-Client-Cert": "", "SSL-Client-Verify": "NONE"},
    "its thumbprint": lambda bank: {"SSL-Client-Cert": read_certificates(bank.made.pem, bank.world.clock.now())[0].value},
    "half of it": lambda bank: {"SSL-Client-Cert": quote(bank.made.pem[:300], safe="")},
    "something in PEM": lambda _: {"SSL-Client-Cert": "-----BEGIN%20CERTIFICATE-----%0AMAA=%0A-----END%20CERTIFICATE-----"},
    "no PEM": lambda _: {"SSL-Client-Cert": ":b2YgdGhlIGJhbms=:"},
    "not UTF-8": lambda _: {"SSL-Client-Cert": "%ff%00\xff"},
    "of a version that there is not": lambda bank: {"SSL-Client-Cert": quote(of_version_6(bank), safe="")},
    "in another header": lambda bank: {"X-SSL-Client-Cert": quote(bank.made.pem, safe="")},
    "far too long": lambda bank: {"SSL-Client-Cert": quote(bank.made.pem, safe="") + "%0A" * MAX_CHARACTERS},
}


@pytest.mark.row("S18", "S47")
def test_any_other_certificate_is_refused(bank: Certified) -> None:
    """Anybody can make a certificate in the name of a bank, or none at all."""
    bank.register()
    for other in OTHERS.values():
        assert refused(bank.ask(other(bank)))


@pytest.mark.row("S18")
def test_a_certificate_counts_in_its_time_only(banks: list[Certified]) -> None:
    """The key of a certificate that has ended may lie on a disk that was thrown away."""
    clock = banks[0].world.clock
    early_or_late = [banks[0].another(at=clock.now() + timedelta(days=days)) for days in (2, -40)]
    assert [refused(bank.ask(made.headers())) for bank in banks for made in early_or_late]
    clock.go(timedelta(days=28))
    assert [bank.ask(bank.made.headers()).status_code for bank in banks] == [200] * 4
    clock.go(timedelta(days=2))
    assert [refused(bank.ask(bank.made.headers())) for bank in banks]


LIKE_IT = {
    "another order": read_subject_dn("C=NL,O=Bank,CN=api.bank.example"),
    "less": read_subject_dn("CN=api.bank.example"),
    "more": read_subject_dn("CN=api.bank.example,OU=Test,O=Bank,C=NL"),
    "the name of all subdomains": read_san_dns("bank.example"),
    "the name of a subdomain": read_san_dns("www.api.bank.example"),
    "the address without its path": read_san_uri("https://bank.example/"),
    "a DNS name that is its subject": ClientCertificate("tls_client_auth_subject_dn", DNS),
    "nothing": ClientCertificate("tls_client_auth_subject_dn", ""),
}


@pytest.mark.row("S18")
def test_a_name_is_exactly_that_name(certified_world: World) -> None:
    """An authority issues to many; whoever is called nearly as the bank is somebody else."""
    for what, known_by in LIKE_IT.items():
        bank = Certified(certified_world, what).register(known_by)
        assert refused(bank.ask(bank.made.headers()))


@pytest.mark.row("S18")
def test_a_name_that_spells_out_another_dn_is_not_that_dn(bank: Certified) -> None:
    """Somebody has an authority write the bank's whole DN into one attribute."""
    bank.register(BY_NAME["subject"])
    lookalikes = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SUBJECT.removeprefix("CN="))]),
        x509.Name(
            [x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"{SUBJECT},O=Bank")]
        ),
    )
    for subject in lookalikes:
        assert refused(bank.ask(bank.another(subject=subject, names=()).headers()))


@pytest.mark.row("S18")
def test_an_asterisk_stands_for_nothing(bank: Certified) -> None:
    """Whoever has a certificate for all of a domain's machines is not each application on them."""
    bank.register(BY_NAME["dns"])
    assert refused(bank.ask(bank.another(names=[x509.DNSName("*.bank.example")]).headers()))


def test_the_parts_of_one_name_have_no_order(certified_world: World) -> None:
    """Two programs print a multi-valued RDN in different orders, and mean the same."""
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, "Bank"), x509.NameAttribute(NameOID.SERIAL_NUMBER, "24")]
    subject = x509.Name([x509.RelativeDistinguishedName(parts)])
    for order in ("serialNumber=24+CN=Bank", "CN=Bank+serialNumber=24"):
        bank = Certified(certified_world, order).register(read_subject_dn(order))
        assert bank.ask(bank.another(subject=subject).headers()).status_code == 200


@pytest.mark.row("S49")
def test_who_is_no_proxy_of_ours_shows_no_certificate(banks: list[Certified]) -> None:
    """S49: certificates are public; whoever could write one into a header would be any bank."""
    for bank in banks:
        assert bank.ask(bank.made.headers()).status_code == 200
        assert refused(bank.ask(bank.made.headers(), address="192.0.2.81"))


@pytest.mark.row("S49")
def test_a_proxy_that_nobody_has_set_up_for_it_shows_none_either(new_world: NewWorld) -> None:
    """S49: a proxy that does not know of the header hands on whatever a stranger wrote into it."""
    bank = Certified(new_world(None, WITH_CERTIFICATES, service={"trusted_proxies": (f"{PROXY}/32",)})).register()
    assert refused(bank.ask())


@pytest.mark.row("S25")
def test_beside_another_proof_a_certificate_is_none(new_world: NewWorld) -> None:
    """S25: a wrong secret could otherwise ride along with a right certificate; a right one needs none."""
    methods = ("client_secret_basic", "client_secret_post", "private_key_jwt", "self_signed_tls_client_auth")
    world = new_world(changes={"ing": {"client_auth_methods": methods}}, service=BEHIND_PROXY)
    bank, signing = Certified(world).register(), Keyed(world, client_id="ing-2").register()
    certificate = bank.made.headers(UNVERIFIED)
    assert bank.ask().status_code == 200
    assert refused(bank.ask(client_secret="wrong"))
    assert refused(bank.ask({**certificate, **world.basic("ing", "wrong")}, client_id=world.clients["ing"][0]))
    assert_refused(bank.ask(**asserted(signing.assertion())), "invalid_request")  # two clients
    assert refused(bank.ask(**asserted(signing.assertion(aud="x")), client_id="ing-2"))
    assert bank.ask(**asserted(signing.assertion()), client_id="ing-2").status_code == 200
    assert bank.ask({**certificate, **world.basic("ing")}, client_id=world.clients["ing"][0]).status_code == 200


@pytest.mark.row("S18")
def test_only_what_its_connector_lists(new_world: NewWorld) -> None:
    """A bank whose connector wants an authority's certificate is not let in by one of its own making, nor the other way round."""
    kinds = {"ing": ("tls_client_auth",), "triodos": ("self_signed_tls_client_auth",)}
    world = new_world(changes={kind: {"client_auth_methods": methods} for kind, methods in kinds.items()}, service=BEHIND_PROXY)
    itself, named = Certified(world, "itself"), Certified(world, "named")
    itself.register(kind="ing")
    named.register(BY_NAME["subject"], kind="triodos")
    for bank in (itself, named):
        assert refused(bank.ask(bank.made.headers()))


@pytest.mark.row("S27")
@pytest.mark.parametrize(("kind", "path"), [("ing", "/oauth/token"), ("fapi", "/fapi/token")])
def test_whatever_is_wrong_costs_the_same(new_world: NewWorld, kind: str, path: str) -> None:
    """S27: who shows certificates of their own making learns not who is connected, by a stop-watch either."""
    changes = {**WITH_CERTIFICATES, "triodos": {"source_networks": ("203.0.113.0/24",), **WITH_CERTIFICATES["ing"]}}
    world = new_world(LimitSettings(client_failures=MANY), changes, service=BEHIND_PROXY)
    bank = Certified(world).register(kind=kind)
    elsewhere = Certified(world, client_id="triodos-1").register(kind="triodos")
    unlisted = Certified(world, client_id="basecone-1").register(kind="basecone")
    disabled = Certified(world, client_id="ing-2").register(kind=kind)
    world.parts.clients.disable("ing-2", "operator:test")
    named = Certified(world, client_id="ing-3").register(BY_NAME["subject"], kind=kind)
    ask = partial(bank.ask, path=path, grant_type="authorization_code")
    wrong: dict[str, Callable[[], Answered]] = {
        "unknown": partial(ask, client_id="nobody"),
        "another certificate": lambda: ask(bank.another().headers(UNVERIFIED)),
        "of no authority": partial(ask, named.made.headers(UNVERIFIED), client_id="ing-3"),
        "has a secret": partial(ask, client_id=world.clients["ing"][0]),
        "disabled": partial(ask, disabled.made.headers(UNVERIFIED), client_id="ing-2"),
        "from a wrong network, or of the other issuer": partial(ask, elsewhere.made.headers(UNVERIFIED), client_id="triodos-1"),
        "its kind has secrets": partial(ask, unlisted.made.headers(UNVERIFIED), client_id="basecone-1"),
    }
    seen = {}
    for what, asking in wrong.items():
        for _ in range(2):  # the first time, statements are prepared
            seen[what] = work_of(asking)
            assert b"invalid_client" in seen[what][1]
    assert seen == dict.fromkeys(seen, seen["unknown"])
    assert "execute" in seen["unknown"][0]
    assert "CountedLimits.hit" in seen["unknown"][0]


def test_an_operator_finds_in_the_log_what_is_wrong(bank: Certified) -> None:
    """A bank asks why it is shut out, and is told nothing by the service itself."""
    ended = bank.another(at=bank.world.clock.now() - timedelta(days=40))
    with capture_logs() as lines:
        for headers in ({"SSL-Client-Cert": "x"}, ended.headers()):
            bank.ask(headers)
    until = f"{ended.certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
    assert [line["event"] for line in lines] == ["client_certificate_refused", "client_refused"] * 2
    assert lines[0]["reason"] == "it is no certificate, or a broken one"
    assert lines[2]["reason"].endswith(until)
