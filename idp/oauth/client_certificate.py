"""The certificate that a client has shown in TLS, as a proxy of ours hands it on (RFC 8705).

That whoever shows it has its key, the proxy has seen to; whether an authority has issued it, the proxy tells. All that is left to
do here is to read what stands in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from connectors.base import SELF_SIGNED, TLS_CLIENT_AUTH
from idp.domain.client import ClientCertificate
from idp.domain.digests import base64url
from idp.errors import CertificateRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from idp.domain.client import Client
    from idp.oauth.http import RawRequest

THUMBPRINT = "x5t#S256"
"""Section 3.1."""

SUBJECT_DN = "tls_client_auth_subject_dn"
SAN_DNS = "tls_client_auth_san_dns"
SAN_URI = "tls_client_auth_san_uri"
"""Section 2.1.2. Mail and IP addresses are no names of applications."""

MAX_CHARACTERS = 8000
"""Of the header, escaped; the web server takes 8190 bytes of a header and its name."""

BROKEN = (ValueError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
"""What is raised where a certificate is none; most of it is read only when it is asked for."""

_log = structlog.get_logger("idp.oauth")


@dataclass(frozen=True, slots=True)
class ShownCertificate:
    """A certificate in whose time we are, from somebody who has its key.

    Args:
        thumbprint: base64url of its SHA-256.
        known_by: everything that a client which is registered so may prove by it.
    """

    thumbprint: str
    known_by: frozenset[ClientCertificate]

    def method_of(self, client: Client) -> str | None:
        """Tell by which method it authenticates a client; None: it does not."""
        matched = {registered.by for registered in client.certificates if registered in self.known_by}
        if not matched:
            return None
        return SELF_SIGNED if THUMBPRINT in matched else TLS_CLIENT_AUTH


def shown(raw: RawRequest, now: datetime) -> ShownCertificate | None:
    """Give the certificate that a request was sent with.

    Args:
        raw: the request.
        now: the time.

    Returns:
        None for none, and for one that is worth no more than none: operators find in the log what is wrong with it.
    """
    if raw.certificate is None:
        return None
    try:
        return _read(raw.certificate, now, verified=raw.certificate_verified)
    except CertificateRefused as exc:
        _log.info("client_certificate_refused", reason=str(exc))
        return None


def thumbprint_of(certificate: x509.Certificate) -> str:
    """Give what a certificate is known by alone: base64url of the SHA-256 of its DER (RFC 8705 section 3.1)."""
    return base64url(certificate.fingerprint(hashes.SHA256()))


def dn_of(name: x509.Name) -> str:
    """Spell a DN in one way (RFC 4514), so that two are the same when their texts are."""
    # Within one RDN there is no order; cryptography's own would keep the certificate's.
    return ",".join("+".join(sorted(part.rfc4514_string() for part in rdn)) for rdn in reversed(name.rdns))


def _read(escaped: str, now: datetime, *, verified: bool) -> ShownCertificate:
    if len(escaped) > MAX_CHARACTERS:
        message = "it is too long"
        raise CertificateRefused(message)
    try:
        certificate = x509.load_pem_x509_certificate(unquote_to_bytes(escaped))
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        # Names in a certificate of nobody's are what whoever made it likes: they are not even read.
        names = frozenset(_names(certificate)) if verified else frozenset()
    except BROKEN:
        message = "it is no certificate, or a broken one"
        raise CertificateRefused(message) from None  # the original may repeat what stands in it
    if not begin <= now <= end:
        message = f"it is valid from {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
        raise CertificateRefused(message)
    thumbprint = thumbprint_of(certificate)
    return ShownCertificate(thumbprint, names | {ClientCertificate(THUMBPRINT, thumbprint)})


def _names(certificate: x509.Certificate) -> Iterator[ClientCertificate]:
    yield ClientCertificate(SUBJECT_DN, dn_of(certificate.subject))
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return
    # A name with an asterisk is that name, and stands for no other: a client is one machine, or says so.
    yield from (ClientCertificate(SAN_DNS, name.lower()) for name in names.get_values_for_type(x509.DNSName))
    yield from (ClientCertificate(SAN_URI, uri) for uri in names.get_values_for_type(x509.UniformResourceIdentifier))
