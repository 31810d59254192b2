"""Certificates of applications: of an authority, or of nobody but themselves; and what nginx says of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SUBJECT = "CN=api.bank.example,O=Bank,C=NL"
DNS, URI = "api.bank.example", "https://bank.example/api"
NAMES = (x509.DNSName("API.bank.example"), x509.UniformResourceIdentifier(URI))
_LIVES = timedelta(days=30)


@dataclass(frozen=True)
class MadeCertificate:
    """A certificate and its key.

    Args:
        certificate: what is shown.
        key: signs in TLS, and whatever it issues.
    """

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def made(
        cls,
        subject: str | x509.Name = SUBJECT,
        names: Sequence[x509.GeneralName] = (),
        issuer: MadeCertificate | None = None,
        at: datetime | None = None,
        *,
        is_authority: bool = False,
    ) -> MadeCertificate:
        """Make one, for a month from a day ago on.

        Args:
            subject: a DN as in RFC 4514.
            names: alternative ones.
            issuer: who signs it; None: itself.
            at: a day after its begin; None: now.
            is_authority: issues others.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name.from_rfc4514_string(subject) if isinstance(subject, str) else subject
        begin = (at or datetime.now(UTC)) - timedelta(days=1)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer.certificate.subject if issuer else name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + _LIVES)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return cls(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)

    @property
    def pem(self) -> bytes:
        """The certificate, to be handed out."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def headers(self, verified: str = "SUCCESS") -> dict[str, str]:
        """What nginx tells of it: `$ssl_client_escaped_cert` and `$ssl_client_verify`."""
        return {"SSL-Client-Cert": quote(self.pem, safe=""), "SSL-Client-Verify": verified}

    def written(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Write it and its key into files, and give these."""
        files = folder / f"{name}.pem", folder / f"{name}.key"
        files[0].write_bytes(self.pem)
        plain = serialization.NoEncryption()
        files[1].write_bytes(self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
        return files
