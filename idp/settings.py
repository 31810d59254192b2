"""Settings: one TOML file and the environment, typed and frozen; secrets come from files.

`config/idp.toml` shows every key with its meaning. An environment variable wins over the file: `IDP_MAIL__HOST` is `[mail] host`.
"""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal, get_origin
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from idp.brand import BrandSettings
from idp.errors import ConfigurationError
from idp.setting_faults import KnownKeys
from idp.setting_values import (
    IN_MEMORY,
    Address,
    DirectoryUrl,
    Line,
    Network,
    Origin,
    Rates,
    Storage,
    TimeZone,
    is_loopback,
)

__all__ = ["ENVIRONMENT_PREFIX", "Settings", "is_loopback", "known_keys", "load_settings", "read_secret"]

ENVIRONMENT_PREFIX = "IDP_"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServiceSettings(_Section):
    """Where the service is, and whom it believes."""

    origin: Origin = "http://127.0.0.1:8000"
    listen: Address = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    threads: int = Field(8, ge=1, le=256)
    state: Path = Path("var")
    trusted_proxies: tuple[Network, ...] = ()
    mtls_origin: Origin | None = None
    metrics_networks: tuple[Network, ...] = ("127.0.0.0/8", "::1/128")
    time_zone: TimeZone = "Europe/Amsterdam"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class DirectorySettings(_Section):
    """The LDAP directory. Only the demo, which brings its own, starts without a url."""

    start_tls: bool = False
    url: DirectoryUrl | None = None
    base_dn: str = "dc=u4bsw,dc=nl"
    service_dn: str = "cn=idp,ou=services,dc=u4bsw,dc=nl"
    decoy_dn: str = "cn=decoy,ou=services,dc=u4bsw,dc=nl"
    password_file: Path | None = None
    ca_file: Path | None = None
    timeout_s: float = Field(5.0, gt=0, le=30)
    cooldown_h: float = Field(24, ge=0)

    @field_validator("url")
    @classmethod
    def _never_in_the_clear(cls, url: str | None, info: ValidationInfo) -> str | None:
        # S48: passwords never cross a network in the clear.
        parts, start_tls = urlsplit(url or ""), info.data.get("start_tls")
        if start_tls and url and parts.scheme != "ldap":
            message = "start_tls is for ldap:// only; ldaps:// has TLS from the first byte on, and ldapi:// stays on this machine"
            raise ValueError(message)
        if parts.scheme == "ldap" and not start_tls and not is_loopback(parts.hostname or ""):
            message = "plain ldap:// is for loopback only; use ldaps://, or start_tls"
            raise ValueError(message)
        return url


class StoreSettings(_Section):
    """The database; without a url, SQLite in the state directory."""

    url: str | None = None


class AuditSettings(_Section):
    """Who did what."""

    keep_days: int = Field(400, ge=1, le=36500)


class MailSettings(_Section):
    """The mail server, and where mail is from; under which name (R17), the brand says."""

    host: Line | None = None
    port: int = Field(587, ge=1, le=65535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None
    username: str | None = None
    password_file: Path | None = None
    timeout_s: float = Field(15.0, gt=0, le=60)
    from_address: str = "noreply@u4bsw.nl"
    subject: Line = "Wachtwoord wijzigen"

    @field_validator("tls")
    @classmethod
    def _never_in_the_clear(cls, tls: str, info: ValidationInfo) -> str:
        host = info.data.get("host")  # absent when it is wrong by itself
        if tls == "none" and host and not is_loopback(host):
            message = "mail goes in the clear to a server on this machine only; use starttls or tls"
            raise ValueError(message)
        return tls


class ResetSettings(_Section):
    """Who is told what (R22)."""

    message: Literal["ticket", "everyone"] = "ticket"


class OAuthSettings(_Section):
    """Tokens."""

    default_audience: str = "https://api.boekhoudgemak.nl/"
    audiences: tuple[str, ...] = ()
    signing_algorithm: Literal["ES256", "PS256", "EdDSA", "RS256"] = "ES256"
    key_folder: Path | None = None
    registration: bool = False
    application_networks: tuple[Network, ...] = ()


class ConnectorSettings(_Section):
    """Facts of one connector that turned out otherwise than assumed; what is left out stays as the connector has it."""

    grants: tuple[str, ...] | None = None
    scopes: tuple[str, ...] | None = None
    default_scopes: tuple[str, ...] | None = None
    access_token_lifetime: timedelta | None = None
    refresh_token_lifetime: timedelta | None = None
    client_auth_methods: tuple[str, ...] | None = None
    source_networks: tuple[str, ...] | None = None
    password_grant_sunset: date | None = None
    typed_into: tuple[Line, Line] | None = None
    certificate_bound_tokens: bool | None = None
    dpop_bound_tokens: bool | None = None
    pkce: Literal["required", "optional"] | None = None
    pushed_requests: Literal["optional", "required"] | None = None
    response_modes: tuple[str, ...] | None = None


class LimitSettings(_Section):
    """Limits, as the `limits` package reads them: several in one, apart by a semicolon."""

    reset_name: Rates = "3 per hour; 6 per day"
    reset_name_ticket: Rates = "3 per hour; 6 per day"
    reset_address: Rates = "30 per hour"
    reset_address_ticket: Rates = "30 per hour"
    captcha_address: Rates = "120 per hour; 30 per minute"
    link_address: Rates = "60 per hour"
    authorize_address: Rates = "600 per hour; 60 per minute"
    login_address: Rates = "60 per hour"
    login_mail: Rates = "10 per 15 minutes"
    login_failures: Rates = "30 per day"
    forgot_address: Rates = "30 per hour"
    forgot_mail: Rates = "3 per hour; 6 per day"
    token_address: Rates = "3000 per minute"  # noqa: S105  # a limit
    token_client: Rates = "6000 per minute"  # noqa: S105  # a limit
    token_client_user: Rates = "60 per minute"  # noqa: S105  # a limit
    token_failures: Rates = "10 per 15 minutes"  # noqa: S105  # a limit: different wrong secrets by client and user
    refresh_grant: Rates = "60 per minute; 600 per hour"
    client_failures: Rates = "30 per minute"
    device_failures: Rates = "10 per 15 minutes"
    registration_address: Rates = "30 per hour"
    mailbox_per_day: int = Field(10, ge=1)
    mailbox_per_day_ticket: int = Field(60, ge=1)
    storage: Storage = IN_MEMORY


class Settings(BaseSettings):
    """All of it."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__", case_sensitive=False
    )

    service: ServiceSettings = ServiceSettings()
    brand: BrandSettings = BrandSettings()
    directory: DirectorySettings = DirectorySettings()
    store: StoreSettings = StoreSettings()
    audit: AuditSettings = AuditSettings()
    mail: MailSettings = MailSettings()
    reset: ResetSettings = ResetSettings()
    oauth: OAuthSettings = OAuthSettings()
    limits: LimitSettings = LimitSettings()
    connectors: dict[str, ConnectorSettings] = {}

    @property
    def connector_changes(self) -> dict[str, dict[str, Any]]:
        """By connector id, the facts that the configuration replaces."""
        return {name: section.model_dump(exclude_none=True) for name, section in self.connectors.items()}

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
    known = _known()
    known.refuse_unknown_sections(document)
    known.refuse_unknown_variables(ENVIRONMENT_PREFIX)
    try:
        return Settings(**document)
    except ValidationError as exc:
        raise ConfigurationError(known.sentence(exc)) from None  # the original would print the values


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
    """Every key, as `section.key`; those of connectors apart."""
    return [f"{section}.{key}" for section, model in _sections().items() for key in model.model_fields]


def _sections() -> dict[str, type[BaseModel]]:
    return {
        name: field.annotation
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }


def _known() -> KnownKeys:
    lists = frozenset(
        f"{section}.{key}"
        for section, model in _sections().items()
        for key, field in model.model_fields.items()
        if get_origin(field.annotation) is tuple
    )
    return KnownKeys(tuple(Settings.model_fields), tuple(known_keys()), lists, tuple(ConnectorSettings.model_fields))
