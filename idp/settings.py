"""Settings: one TOML file and the environment, typed and frozen; secrets come from files.

`config/idp.toml` shows every key with its meaning. An environment variable wins over the file: `IDP_MAIL__HOST` is `[mail] host`.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from idp.domain.username import Realms
from idp.errors import ConfigurationError

ENVIRONMENT_PREFIX = "IDP_"


def _network(text: str) -> str:
    ipaddress.ip_network(text)
    return text


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
        message = "an origin is https://host or http://host:port, without a path"
        raise ValueError(message)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        message = "plain http is for loopback only; use https://"
        raise ValueError(message)
    return text


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _directory_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("ldaps", "ldapi", "ldap"):
        message = "a directory is ldaps://host, ldapi://socket, or ldap:// on loopback"
        raise ValueError(message)
    if parts.scheme == "ldap" and not is_loopback(parts.hostname or ""):
        # S48: passwords never cross a network in the clear.
        message = "plain ldap:// is for loopback only; use ldaps://"
        raise ValueError(message)
    return text


Network = Annotated[str, AfterValidator(_network)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServiceSettings(_Section):
    """Where the service is, and whom it believes."""

    origin: Annotated[str, AfterValidator(_origin)] = "http://127.0.0.1:8000"
    listen: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    threads: int = Field(8, ge=1, le=256)
    state: Path = Path("var")
    trusted_proxies: tuple[Network, ...] = ()
    metrics_networks: tuple[Network, ...] = ("127.0.0.0/8", "::1/128")
    time_zone: str = "Europe/Amsterdam"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class BrandSettings(_Section):
    """What people read."""

    phone: str = "088 – 247 247 2"  # noqa: RUF001  # the manual writes it with an en dash
    products: tuple[str, ...] = ("Boekhoud Gemak", "MultiVers", "Accounting")
    canonical_realm: str = "u4bsw.nl"
    realm_aliases: tuple[str, ...] = ("u4bb.nl",)

    @property
    def realms(self) -> Realms:
        """The realms, in lower case."""
        return Realms(self.canonical_realm.lower(), tuple(alias.lower() for alias in self.realm_aliases))


class DirectorySettings(_Section):
    """The LDAP directory. Without a url, the demo's embedded one is used."""

    url: Annotated[str, AfterValidator(_directory_url)] | None = None
    base_dn: str = "dc=u4bsw,dc=nl"
    service_dn: str = "cn=idp,ou=services,dc=u4bsw,dc=nl"
    decoy_dn: str = "cn=decoy,ou=services,dc=u4bsw,dc=nl"
    password_file: Path | None = None
    ca_file: Path | None = None
    timeout_s: float = Field(5.0, gt=0, le=30)
    cooldown_h: float = Field(24, ge=0)


class StoreSettings(_Section):
    """The database; without a url, SQLite in the state directory."""

    url: str | None = None


class MailSettings(_Section):
    """The mail server, and whom mail is from (R17)."""

    host: str | None = None
    port: int = Field(587, ge=1, le=65535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password_file: Path | None = None
    timeout_s: float = Field(15.0, gt=0, le=60)
    from_name: str = "Mijn Support Gemak"
    from_address: str = "noreply@u4bsw.nl"
    subject: str = "Wachtwoord wijzigen"


class ResetSettings(_Section):
    """Who is told what (R22)."""

    message: Literal["ticket", "everyone"] = "ticket"


class OAuthSettings(_Section):
    """Tokens."""

    default_audience: str = "https://api.boekhoudgemak.nl/"
    audiences: tuple[str, ...] = ()


class LimitSettings(_Section):
    """Limits, as the `limits` package reads them: several in one, apart by a semicolon."""

    reset_name: str = "3 per hour; 6 per day"
    reset_name_ticket: str = "3 per hour; 6 per day"
    reset_address: str = "30 per hour"
    reset_address_ticket: str = "30 per hour"
    captcha_address: str = "120 per hour; 30 per minute"
    link_address: str = "60 per hour"
    login_address: str = "60 per hour"
    login_mail: str = "10 per 15 minutes"
    forgot_address: str = "30 per hour"
    forgot_mail: str = "3 per hour; 6 per day"
    token_address: str = "3000 per minute"  # noqa: S105  # a limit
    token_client: str = "6000 per minute"  # noqa: S105  # a limit
    token_client_user: str = "60 per minute"  # noqa: S105  # a limit
    token_failures: str = "10 per 15 minutes"  # noqa: S105  # a limit: different wrong secrets by client and user
    client_failures: str = "30 per minute"
    mailbox_per_day: int = Field(10, ge=1)
    mailbox_per_day_ticket: int = Field(60, ge=1)
    storage: str = "memory://"


class Settings(BaseSettings):
    """All of it."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__", case_sensitive=False
    )

    service: ServiceSettings = ServiceSettings()
    brand: BrandSettings = BrandSettings()
    directory: DirectorySettings = DirectorySettings()
    store: StoreSettings = StoreSettings()
    mail: MailSettings = MailSettings()
    reset: ResetSettings = ResetSettings()
    oauth: OAuthSettings = OAuthSettings()
    limits: LimitSettings = LimitSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, which comes in as arguments."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings


def load_settings(path: Path | None) -> Settings:
    """Read the settings.

    Args:
        path: the TOML file, or None for the defaults and the environment alone.

    Raises:
        ConfigurationError: no such file, no TOML, an unknown key (with the nearest right one), a wrong value.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8")) if path else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        message = f"{path} can't be read: {type(exc).__name__}: {exc}"
        raise ConfigurationError(message) from exc
    _refuse_unknown_variables()
    try:
        return Settings(**document)
    except ValidationError as exc:
        raise ConfigurationError(_sentence(exc)) from None  # the original would print the values


def read_secret(path: Path) -> str:
    """Read a secret from its file, without the line's end.

    Raises:
        ConfigurationError: the file can't be read, or is empty.
    """
    try:
        secret = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as exc:
        message = f"the secret file {path} can't be read: {type(exc).__name__}"
        raise ConfigurationError(message) from exc
    if not secret:
        message = f"the secret file {path} is empty"
        raise ConfigurationError(message)
    return secret


def known_keys() -> list[str]:
    """Every key, as `section.key`."""
    return [
        f"{section}.{key}"
        for section, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        for key in field.annotation.model_fields
    ]


def _refuse_unknown_variables() -> None:
    names = {ENVIRONMENT_PREFIX + key.replace(".", "__").upper() for key in known_keys()}
    for name in os.environ:
        if name.upper().startswith(ENVIRONMENT_PREFIX) and "__" in name and name.upper() not in names:
            message = f"unknown environment variable {name}{_nearest(name.upper(), sorted(names))}"
            raise ConfigurationError(message)


def _sentence(error: ValidationError) -> str:
    sentences = []
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        key = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            sentences.append(f"unknown key {key}{_nearest(key, [*known_keys(), *Settings.model_fields])}")
        else:
            sentences.append(f"{key}: {fault['msg']}")
    return "; ".join(sentences)


def _nearest(key: str, names: list[str]) -> str:
    found: list[Any] = difflib.get_close_matches(key, names, n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""
