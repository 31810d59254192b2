"""The embedded directory's certificate, and an authority of its own: made with it, and made anew before it ends."""

from __future__ import annotations

import ipaddress
import os
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

AUTHORITY_NAME, CERTIFICATE_NAME, KEY_NAME = "ca.pem", "tls.pem", "tls.key"
"""The last two are named in config/ldap/server.ldif."""

_LIFE = timedelta(days=825)
"""As long as any client takes: Apple's refuse a longer one."""

_RENEWED_BEFORE = timedelta(days=60)
"""Before `idp directory check` warns of it."""

_SKEW = timedelta(days=1)  # a clock that is set right later


def is_about_to_end(folder: Path, now: datetime) -> bool:
    """Tell whether there is a certificate that a start should replace. Raises `OSError`, `ValueError`."""
    path = folder / CERTIFICATE_NAME
    if not path.exists():
        return False
    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc - _RENEWED_BEFORE <= now


def make_certificate(folder: Path, now: datetime) -> None:
    """Make an authority that issues one certificate, for loopback, and is forgotten: nobody can have another one from it.

    Args:
        folder: gets the authority's certificate, and the server's with its key.
        now: the present moment.

    Raises:
        OSError: the folder can't be written.
    """
    begins = now - _SKEW
    issuer_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer, subject = _name("koppel-idp embedded directory"), _name("localhost")
    authority = (
        _builder(issuer, issuer, issuer_key.public_key(), begins)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(issues=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    certificate = (
        _builder(subject, issuer, key.public_key(), begins)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(issues=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_HOSTS), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    pkcs8 = serialization.PrivateFormat.PKCS8
    _write(folder / KEY_NAME, key.private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption()))
    _write(folder / CERTIFICATE_NAME, certificate.public_bytes(serialization.Encoding.PEM))
    _write(folder / AUTHORITY_NAME, authority.public_bytes(serialization.Encoding.PEM))


_HOSTS: list[x509.GeneralName] = [
    x509.DNSName("localhost"),
    *(x509.IPAddress(ipaddress.ip_address(address)) for address in ("127.0.0.1", "::1")),
]


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begins: datetime) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    return builder.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(begins + _LIFE)


def _usage(*, issues: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not issues,
        key_cert_sign=issues,
        crl_sign=issues,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _write(path: Path, content: bytes) -> None:
    successor = path.with_name(path.name + ".new")
    successor.unlink(missing_ok=True)
    with os.fdopen(os.open(successor, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    successor.replace(path)
