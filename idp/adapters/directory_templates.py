"""What a directory is made of: the templates in config/ldap, and the words that are filled in."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

MODULES = "/usr/lib/ldap"


def template_folder() -> Path:
    """Find config/ldap: inside the package once installed from a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "config" / "ldap"
    return installed if installed.is_dir() else package.parent / "config" / "ldap"


@dataclass(frozen=True, slots=True)
class Naming:
    """The names in a directory.

    Args:
        base_dn: its root.
        service: DN of the service's own identity; None: the usual one.
        decoy: DN of the entry that unknown names bind to; None: the usual one.
    """

    base_dn: str
    service: str | None = None
    decoy: str | None = None

    @property
    def admin_dn(self) -> str:
        """The administrator, whom access rules don't bind."""
        return f"cn=admin,{self.base_dn}"

    @property
    def service_dn(self) -> str:
        """The service's own identity."""
        return self.service or f"cn=idp,ou=services,{self.base_dn}"

    @property
    def decoy_dn(self) -> str:
        """The entry that unknown names bind to."""
        return self.decoy or f"cn=decoy,ou=services,{self.base_dn}"

    def words(self, cooldown: timedelta) -> dict[str, str]:
        """Give the words for the templates, but for the hashes.

        Args:
            cooldown: between two changes of a password.
        """
        return {
            "base_dn": self.base_dn,
            "dc": _first_value(self.base_dn),
            "admin_dn": self.admin_dn,
            "service_dn": self.service_dn,
            "service_cn": _first_value(self.service_dn),
            "decoy_dn": self.decoy_dn,
            "decoy_cn": _first_value(self.decoy_dn),
            "cooldown_s": str(round(cooldown.total_seconds())),
        }


def schema() -> str:
    """Give the schema, in which nothing is filled in: a dollar sign there stands for itself."""
    return (template_folder() / "koppelgebruiker.ldif").read_text(encoding="utf-8")


def filled_in(template: str, words: Mapping[str, str]) -> str:
    """Give a template's text with all its words filled in."""
    return Template((template_folder() / template).read_text(encoding="utf-8")).substitute(words)


def salted_sha(secret: str) -> str:
    """Hash a random secret.

    Enough for 256 random bits, which nobody can guess however fast; what people choose is hashed by slapd, with Argon2.
    """
    salt = secrets.token_bytes(8)
    digest = hashlib.sha1(secret.encode() + salt, usedforsecurity=False).digest()
    return "{SSHA}" + base64.b64encode(digest + salt).decode()


def _first_value(dn: str) -> str:
    return dn.split(",", 1)[0].partition("=")[2]
