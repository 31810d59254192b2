"""What an operator is given about a client's certificate: the certificate itself, or the name that it will have (RFC 8705)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from idp.domain.client import ClientCertificate
from idp.errors import CertificateRefused
from idp.oauth.algorithms import MIN_RSA_BITS
from idp.oauth.client_certificate import BROKEN, SAN_DNS, SAN_URI, SUBJECT_DN, THUMBPRINT, dn_of, thumbprint_of

if TYPE_CHECKING:
    from datetime import datetime

MAX_CERTIFICATES = 8
MAX_FILE_BYTES = 64 * 1024

# What others print of a DN beside the short names of RFC 4514 section 3; those of banks (eIDAS, PSD2) above all.
_ALSO_CALLED = {
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "organizationIdentifier": NameOID.ORGANIZATION_IDENTIFIER,
    "businessCategory": NameOID.BUSINESS_CATEGORY,
    "jurisdictionC": NameOID.JURISDICTION_COUNTRY_NAME,
    "postalCode": NameOID.POSTAL_CODE,
    "GN": NameOID.GIVEN_NAME,
    "SN": NameOID.SURNAME,
}
_DNS_NAME = re.compile(r"(?=.{1,253}\Z)(?!.*\.\.)[a-z0-9_]([a-z0-9._-]*[a-z0-9])?", re.ASCII)
_ABSOLUTE_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:[\x21-\x7e]{1,500}", re.ASCII)


def read_certificates(text: bytes, now: datetime) -> tuple[ClientCertificate, ...]:
    """Read the certificates that a client will show, each of them good for itself (section 2.2).

    Args:
        text: PEM, one after the other.
        now: the time.

    Raises:
        CertificateRefused: none, too many, a private key among them, one that has ended, or with a weak key.
    """
    if b"PRIVATE KEY" in text:
        message = (
            "the file holds a private key; nothing of it was kept. It has been where it should never be: have a new key and "
            "certificate made, and give the certificate only"
        )
        raise CertificateRefused(message)
    try:
        found = x509.load_pem_x509_certificates(text) if len(text) <= MAX_FILE_BYTES else []
        given = tuple(_sound(number, certificate, now) for number, certificate in enumerate(found, 1))
    except (*BROKEN, UnsupportedAlgorithm):
        given = ()
    if not 0 < len(given) <= MAX_CERTIFICATES:
        message = f"the file does not hold 1 to {MAX_CERTIFICATES} certificates as PEM, one after the other"
        raise CertificateRefused(message)
    return given


def read_subject_dn(text: str) -> ClientCertificate:
    """Read the subject of a client's certificate (section 2.1.2), as RFC 4514 writes a DN: the most specific part first.

    Args:
        text: such as ``CN=api.bank.example,O=Bank,C=NL``; other attributes by the names that OpenSSL prints, or by their OID.

    Raises:
        CertificateRefused: no DN.
    """
    try:
        dn = dn_of(x509.Name.from_rfc4514_string(text, _ALSO_CALLED))
    except ValueError:
        dn = ""
    if not dn:
        message = (
            "this is no DN as in RFC 4514, such as CN=api.bank.example,O=Bank,C=NL; an unusual attribute is called by its OID"
        )
        raise CertificateRefused(message)
    return ClientCertificate(SUBJECT_DN, dn)


def read_san_dns(text: str) -> ClientCertificate:
    """Read a DNS name that stands in a client's certificate; it is exactly this one. Raises `CertificateRefused`."""
    if not _DNS_NAME.fullmatch(text.lower()):
        message = "this is no DNS name; it stands in the certificate just so, without an asterisk"
        raise CertificateRefused(message)
    return ClientCertificate(SAN_DNS, text.lower())


def read_san_uri(text: str) -> ClientCertificate:
    """Read a URI that stands in a client's certificate; it is exactly this one. Raises `CertificateRefused`."""
    if not _ABSOLUTE_URI.fullmatch(text):
        message = "this is no URI"
        raise CertificateRefused(message)
    return ClientCertificate(SAN_URI, text)


def _sound(number: int, certificate: x509.Certificate, now: datetime) -> ClientCertificate:
    if certificate.not_valid_after_utc < now:
        message = f"certificate {number} of the file has ended"
        raise CertificateRefused(message)
    key = certificate.public_key()
    strong = isinstance(key, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey)
    if not strong and not (isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_RSA_BITS):  # S23
        message = f"the key of certificate {number} of the file is neither EC, Ed25519, nor RSA of {MIN_RSA_BITS} bits at least"
        raise CertificateRefused(message)
    return ClientCertificate(THUMBPRINT, thumbprint_of(certificate))
