"""`idp client add --certificate` and `--tls-subject-dn`: an application that shows a certificate has no secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from idp.errors import CertificateRefused
from idp.oauth.client_certificate import thumbprint_of
from idp.oauth.registered_certificate import MAX_CERTIFICATES, read_certificates, read_san_dns, read_san_uri, read_subject_dn
from tests.client_certificates import SUBJECT, MadeCertificate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.installation import Installation

ADD = ("client", "add", "ing", "--name", "ING", "--client-id", "ing-1", "--json")


@pytest.fixture
def asking(at: Installation) -> Installation:
    """An installation whose proxy asks for certificates, of one bank always, and of another that has a secret so far."""
    at.more["service"] = {"mtls_origin": "https://mtls.idp.example", "trusted_proxies": ["127.0.0.1/32"]}
    at.more["connectors.ing"] = {"client_auth_methods": ["tls_client_auth", "self_signed_tls_client_auth"]}
    at.more["connectors.rabobank"] = {"client_auth_methods": ["client_secret_basic", "tls_client_auth"]}
    return at


@pytest.fixture(scope="module")
def made() -> MadeCertificate:
    """The bank's certificate."""
    return MadeCertificate.made()


@pytest.fixture
def file(tmp_path: Path, made: MadeCertificate) -> Path:
    """The file that the bank has sent."""
    return made.written(tmp_path, "bank")[0]


def known(made: MadeCertificate) -> str:
    """What a certificate is known by alone."""
    return f"x5t#S256 {thumbprint_of(made.certificate)}"


def test_a_certificate_takes_the_place_of_a_secret(asking: Installation, file: Path, made: MadeCertificate) -> None:
    """The bank sends its certificate, later the next one, and there is nothing that we would send back and keep secret."""
    assert asking.idp(*ADD, "--certificate", str(file)).json == {"client_id": "ing-1", "certificates": [known(made)]}
    (row,) = asking.idp("client", "list", "--json").json
    assert (row["keys"], row["certificates"]) == ([], [known(made)])
    assert asking.idp("client", "rotate-secret", "ing-1").sentence.startswith("This client proves itself by its certificate")
    new = MadeCertificate.made()
    file.write_bytes(made.pem + new.pem)
    both = asking.idp("client", "rotate-secret", "ing-1", "--certificate", str(file), "--json").json
    assert both == {"client_id": "ing-1", "certificates": [known(made), known(new)]}
    shown = asking.idp("client", "show", "ing-1", "--json").json
    assert (shown["certificates"], shown["secrets"]) == (both["certificates"], [])
    changes = asking.idp("audit", "list", "--subject", "ing-1", "--json").json
    assert [change["action"] for change in changes] == ["client.added", "client.keys-replaced"]
    assert known(new) in str(changes[1])


def test_a_name_takes_the_place_of_a_secret(asking: Installation) -> None:
    """The bank says what its authority calls it, and renews its certificate without a word to us; nothing is no name."""
    told = asking.idp(*ADD, "--tls-subject-dn", SUBJECT).json
    assert told == {"client_id": "ing-1", "certificates": [f"tls_client_auth_subject_dn {SUBJECT}"]}
    asking.done("client", "add", "rabobank", "--name", "R", "--client-id", "r-1")
    assert asking.idp("client", "rotate-secret", "r-1", "--tls-subject-dn", "").sentence.startswith("this is no DN")
    for option, value in (("dns", "API.bank.example"), ("uri", "https://bank.example/api")):
        moved = asking.idp("client", "rotate-secret", "r-1", f"--tls-san-{option}", value, "--json").json
        assert moved["certificates"] == [f"tls_client_auth_san_{option} {value.lower()}"]
    assert len(asking.idp("client", "show", "r-1", "--json").json["secrets"]) == 1  # it works on for a day


def test_what_is_of_no_use_is_not_registered(asking: Installation, file: Path) -> None:
    """A proof that lets nobody in would be found out by the bank, weeks later."""
    wrong = (
        (("add", "ing", "--name", "I"), "give --certificate, --tls-subject-dn, --tls-san-dns, --tls-san-uri"),
        (("add", "ing", "--name", "I", "--certificate", str(file), "--tls-san-dns", "a.example"), "in one way"),
        (("add", "rabobank", "--name", "R", "--certificate", str(file)), "may name self_signed_tls_client_auth"),
    )
    for words, sentence in wrong:
        ran = asking.idp("client", *words)
        assert (ran.code, ran.out) == (2, "")
        assert sentence in " ".join(ran.err.split())
    assert asking.idp(*ADD, "--tls-subject-dn", "").sentence.startswith("this is no DN")
    asking.more["service"] = {}
    ran = asking.idp(*ADD, "--certificate", str(file))
    assert (ran.code, ran.out) == (2, "")
    assert "service.mtls_origin" in ran.err
    assert asking.idp("client", "list", "--json").json == []


def test_a_private_key_is_refused_and_not_kept(asking: Installation, tmp_path: Path, made: MadeCertificate) -> None:
    """A bank that sends its private key has to have another certificate made, and learns so."""
    certificate, key = made.written(tmp_path, "whole")
    certificate.write_bytes(certificate.read_bytes() + key.read_bytes())
    said = asking.idp(*ADD, "--certificate", str(certificate)).sentence
    assert said.startswith("the file holds a private key; nothing of it was kept.")
    assert asking.idp("client", "list", "--json").json == []
    assert key.read_bytes()[40:80] not in b"".join(path.read_bytes() for path in asking.state.iterdir())


def test_a_file_that_holds_no_usable_certificate_is_one_sentence(made: MadeCertificate) -> None:
    """An operator knows what to ask the bank for."""
    now = datetime.now(UTC)
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505  # what is to be refused
    builder = x509.CertificateBuilder(subject_name=made.certificate.subject, issuer_name=made.certificate.subject)
    builder = (
        builder.public_key(weak.public_key()).serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    )
    broken = {
        b"": "does not hold",
        b'{"keys": []}': "does not hold",
        made.pem[:200]: "does not hold",
        made.pem * (MAX_CERTIFICATES + 1): "does not hold",
        made.pem + b" " * 65536: "does not hold",
        MadeCertificate.made(at=now - timedelta(days=40)).pem: "certificate 1 of the file has ended",
        made.pem + builder.sign(weak, hashes.SHA256()).public_bytes(serialization.Encoding.PEM): "the key of certificate 2",
    }
    for text, sentence in broken.items():
        with pytest.raises(CertificateRefused, match=sentence):
            read_certificates(text, now)


def test_names_are_read_as_others_write_them() -> None:
    """A DN comes out of OpenSSL, an authority's page or a PSD2 certificate; what can be no name is none."""
    eidas = "organizationIdentifier=PSDNL-DNB-B0024,serialNumber=24,CN=Bank,C=NL"
    assert read_subject_dn(eidas).value == "2.5.4.97=PSDNL-DNB-B0024,2.5.4.5=24,CN=Bank,C=NL"
    assert read_subject_dn("2.5.4.97=PSDNL-DNB-B0024,2.5.4.5=24,CN=Bank,C=NL") == read_subject_dn(eidas)
    assert read_subject_dn(r"CN=Bank\, de,O=\C3\A9").value == r"CN=Bank\, de,O=é"
    for text in ("", "Bank", "CN", "CN=a,", "CN=a/O=b\\", "/CN=a", "colour=red", "CN=a,,O=b", "\0"):
        with pytest.raises(CertificateRefused, match="no DN"):
            read_subject_dn(text)
    for text in ("", "*.bank.example", "a..b", "a b", "https://a", "é.example", "a.example\n", "x" * 254):
        with pytest.raises(CertificateRefused, match="no DNS name"):
            read_san_dns(text)
    for text in ("", "bank.example", "https://a b", "https://a\n", "https://" + "x" * 600):
        with pytest.raises(CertificateRefused, match="no URI"):
            read_san_uri(text)
