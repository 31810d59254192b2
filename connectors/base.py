"""What an outside application is, as plain frozen facts.

A connector imports nothing from the service, and no connector imports another: each is a leaf that can be read, tested and
replaced alone. Every fact names its source, so that a guess can be told from something that is known.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, fields
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

ASSUMED = "our assumption, configurable"
"""The source of a fact that nobody has told us; `load` takes other values from the configuration."""

CONFIGURED = "the configuration"
BEST_PRACTICE = "RFC 9700 section 2.1.1"
_MANUAL = "manual 'Wachtwoord reset koppelgebruiker Boekhoud Gemak' (Accountancy Gemak, Software Gemak)"
MANUAL = f"{_MANUAL}, step 15"
MANUAL_NOTE = f"{_MANUAL}, 'Let op!' below step 15"
OWN = "this service's own: docs/connector.md"
TWO_ISSUERS = "this service's own: docs/standards.md"
PRESENT_GUIDE = "the vendor's API documentation, https://api.boekhoudgemak.nl/V221/Documentation/Guide/OAuth"
PRESENT_CLIENT = "a client of the vendor's present API, https://github.com/onetoweb/unit4, src/BaseClient.php"
METADATA = "RFC 8414 section 2, token_endpoint"
PUSHED = "RFC 9126 section 6"
FORM_POST = "OAuth 2.0 Form Post Response Mode"
MTLS = "RFC 8705 section 3.4"
DPOP = "RFC 9449 section 5.2"
FAPI = "FAPI 2.0 Security Profile, section 5.3.2"
BASECONES_OWN = (
    "Basecone's support, https://support.basecone.com/en/articles/"
    "1855868-what-are-my-login-credentials-in-basecone-for-boekhoudgemak-multivers"
)
RESOURCE_SERVER = "docs/standards.md, rule S37"

CLASSIC, STRICT = "classic", "fapi"
"""The issuers."""

MAX_ACCESS_TOKEN_LIFETIME = timedelta(hours=12)
"""A signing key stays published for longer than this after its last signature."""

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
"""The grant for what has no browser (RFC 8628 section 3.4)."""

_GRANTS = ("authorization_code", "client_credentials", DEVICE_CODE, "password", "refresh_token")
_ON_ITS_OWN_BEHALF = "client_credentials"
"""The one grant without a user (RFC 6749 section 4.4)."""

TLS_CLIENT_AUTH = "tls_client_auth"
"""By a certificate of an authority that the proxy trusts, for a registered name (RFC 8705 section 2.1)."""

SELF_SIGNED = "self_signed_tls_client_auth"
"""By one that is registered itself, whoever has issued it (section 2.2)."""

CERTIFICATE_METHODS = (TLS_CLIENT_AUTH, SELF_SIGNED)
PUBLIC = "none"
"""The authentication method of a client that can prove nothing (RFC 7591 section 2)."""

_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", *CERTIFICATE_METHODS, PUBLIC)
_RESPONSE_MODES = ("query", "form_post")
_FAPI_GRANTS = ("authorization_code", "refresh_token")
_FAPI_AUTH_METHODS = ("private_key_jwt", *CERTIFICATE_METHODS)
OPENID = "openid"
"""The scope with which an application has its people log in by us (OpenID Connect Core section 3.1.2.1). A connector lists it, or
doesn't; it means nothing without the authorization code, since nobody logs in otherwise."""

_UNSOURCED = ("id", "name", "sources")
_PUBLIC_GRANTS = ("authorization_code", DEVICE_CODE, "refresh_token")
"""Client credentials are for confidential clients only (RFC 6749 section 4.4), and a password is for those at the least."""


class ConnectorInvalid(ValueError):
    """A connector contradicts itself; found when it is made, never at a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """One kind of application.

    Args:
        id: what registered clients refer to.
        name: shown to owners and operators.
        grants: grant types that its clients may use.
        scopes: all that its clients may ask for.
        default_scopes: what they get when they ask for nothing.
        access_token_lifetime: of each access token, at most `MAX_ACCESS_TOKEN_LIFETIME`.
        refresh_token_lifetime: absolute life of a refresh token, or None for no refresh token.
        client_auth_methods: how its clients may authenticate (names of RFC 7591 section 2); first the one that they use.
        source_networks: networks, in CIDR form, that its requests come from; empty means any.
        username_form: how its users type their name; ``bare`` is without the realm.
        typed_into: what its fields for the name and for the password are called, in its own pages; None where nobody has told us.
        password_grant_sunset: first day, in UTC, on which the password grant is refused, or None.
        token_path: where its clients ask for tokens, below the origin; None: where the metadata says.
        issuer: which of the two its clients belong to: ``classic``, or the strict one, ``fapi``.
        certificate_bound_tokens: whether its access tokens work only with the certificate that they were asked for with (RFC
            8705 section 3.4); at the strict issuer every token is bound, whatever stands here.
        dpop_bound_tokens: whether its clients always show a key when they ask for tokens (RFC 9449 section 5.2); the tokens of
            those who do so unasked are bound all the same.
        pkce: whether an authorization needs a code challenge (RFC 7636); ``optional`` is for confidential clients that never
            send one. One that was sent is always enforced.
        pushed_requests: whether an authorization must have been pushed (RFC 9126), so that no browser can change what is asked.
        response_modes: how an authorization may be answered: in the query, as a form that the browser posts, or either. One that
            is not among them is refused; that goes back by the first.
        sources: where each of `FACTS` is from; that PKCE is required needs none, nor that the issuer is the classic one, that
            either response mode is right, that requests need not be pushed, or that tokens are bound to nothing, since it is the
            rule.

    Raises:
        ConnectorInvalid: the facts contradict each other, or one has no source.
    """

    id: str
    name: str
    grants: tuple[str, ...]
    scopes: tuple[str, ...]
    default_scopes: tuple[str, ...]
    access_token_lifetime: timedelta
    refresh_token_lifetime: timedelta | None
    client_auth_methods: tuple[str, ...]
    source_networks: tuple[str, ...]
    username_form: Literal["bare"]
    password_grant_sunset: date | None
    typed_into: tuple[str, str] | None = None
    token_path: str | None = None
    issuer: Literal["classic", "fapi"] = "classic"
    certificate_bound_tokens: bool = False
    dpop_bound_tokens: bool = False
    pkce: Literal["required", "optional"] = "required"
    pushed_requests: Literal["optional", "required"] = "optional"
    response_modes: tuple[str, ...] = _RESPONSE_MODES
    sources: Mapping[str, str]

    def __post_init__(self) -> None:
        """Check the facts against each other, and freeze the sources."""
        object.__setattr__(self, "sources", MappingProxyType({**self._the_rule(), **self.sources}))
        for holds, complaint in self._rules():
            if not holds:
                message = f"connector {self.id}: {complaint}"
                raise ConnectorInvalid(message)
        for network in self.source_networks:
            self._check_network(network)

    @property
    def offered_scopes(self) -> tuple[str, ...]:
        """The scopes that can be had by its grants."""
        return tuple(scope for scope in self.scopes if scope != OPENID or "authorization_code" in self.grants)

    def grant_allowed_on(self, grant_type: str, day: date) -> bool:
        """Tell whether a grant type may be used on a day.

        Args:
            grant_type: as in the token request.
            day: the present day in UTC.
        """
        if grant_type not in self.grants:
            return False
        sunset = self.password_grant_sunset
        return grant_type != "password" or sunset is None or day < sunset

    @property
    def is_typed_into(self) -> bool:
        """Whether owners type a name and a password into its own pages: there is no other way in."""
        return "password" in self.grants and "authorization_code" not in self.grants

    def name_typed(self, bare: str) -> str:
        """Give a koppelgebruiker's name as it is typed there.

        Args:
            bare: without the realm.
        """
        return {"bare": bare}[self.username_form]

    @property
    def is_public(self) -> bool:
        """Whether its clients have nothing to prove themselves by (RFC 6749 section 2.1): an app, or a page in a browser."""
        return self.client_auth_methods == (PUBLIC,)

    def allows_address(self, address: str) -> bool:
        """Tell whether a request may come from this address; text that is no address may not, where networks are named."""
        if not self.source_networks:
            return True
        try:
            source = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(source in ipaddress.ip_network(network) for network in self.source_networks)

    def configured(self, changes: Mapping[str, object]) -> Connector:
        """Give this connector with other facts, whose source is then the configuration.

        Args:
            changes: new values by name of the fact.

        Raises:
            ConnectorInvalid: there is no such fact, or the facts contradict each other.
        """
        unknown = sorted(set(changes) - set(FACTS))
        if unknown:
            message = f"connector {self.id} has no fact {unknown[0]}"
            raise ConnectorInvalid(message)
        values: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        values.update(changes)
        values["sources"] = {**self.sources, **dict.fromkeys(changes, CONFIGURED)}
        return Connector(**values)

    def _rules(self) -> tuple[tuple[bool, str], ...]:
        lifetime = self.access_token_lifetime
        return (
            (bool(self.id) and self.id.isidentifier(), "its id is no identifier"),
            (set(self.grants) <= set(_GRANTS), f"its grants are not among {_GRANTS}"),
            (bool(self.default_scopes), "it has no default scope"),
            (set(self.default_scopes) <= set(self.scopes), "a default scope is not among its scopes"),
            (timedelta() < lifetime <= MAX_ACCESS_TOKEN_LIFETIME, "its access tokens live too short or too long"),
            (
                ("refresh_token" in self.grants) == (self.refresh_token_lifetime is not None),
                "a refresh token needs both the grant and a lifetime",
            ),
            (
                bool(self.client_auth_methods) and set(self.client_auth_methods) <= set(_AUTH_METHODS),
                f"its client authentication is not among {_AUTH_METHODS}",
            ),
            (
                _ON_ITS_OWN_BEHALF not in self.grants or self.grants == (_ON_ITS_OWN_BEHALF,),
                f"{_ON_ITS_OWN_BEHALF} stands alone: a scope must never mean both somebody's administration and nobody's",
            ),
            (set(FACTS) == set(self.sources), "each fact needs one source"),
            (self.typed_into is None or all(self.typed_into), "its typed_into leaves out what a field is called"),
            (self.pkce in {"required", "optional"}, "its pkce is neither required nor optional"),
            (self.pushed_requests in {"optional", "required"}, "its pushed_requests are neither optional nor required"),
            (
                bool(self.response_modes) and set(self.response_modes) <= set(_RESPONSE_MODES),
                f"its response modes are not among {_RESPONSE_MODES}",
            ),
            *self._public_rules(),
            (self.issuer in {CLASSIC, STRICT}, "its issuer is neither classic nor fapi"),
            *self._fapi_rules(),
        )

    def _public_rules(self) -> tuple[tuple[bool, str], ...]:
        if PUBLIC not in self.client_auth_methods:
            return ()
        return (
            (self.is_public, "beside none there is no other client authentication: whoever has no secret would leave it out"),
            (set(self.grants) <= set(_PUBLIC_GRANTS), f"without client authentication its grants are among {_PUBLIC_GRANTS}"),
            (self.pkce == "required", "only a confidential client may leave out PKCE"),
        )

    def _fapi_rules(self) -> tuple[tuple[bool, str], ...]:
        if self.issuer != STRICT:
            return ()
        return (
            (set(self.grants) <= set(_FAPI_GRANTS), f"at the strict issuer its grants are among {_FAPI_GRANTS}"),
            (
                set(self.client_auth_methods) <= set(_FAPI_AUTH_METHODS),
                f"at the strict issuer its client authentication is among {_FAPI_AUTH_METHODS}",
            ),
            (self.pkce == "required", "at the strict issuer PKCE is required"),
        )

    def _the_rule(self) -> dict[str, str]:
        rules = {
            "pkce": ("required", BEST_PRACTICE),
            "issuer": (CLASSIC, TWO_ISSUERS),
            "pushed_requests": ("optional", PUSHED),
            "response_modes": (_RESPONSE_MODES, FORM_POST),
            "typed_into": (None, ASSUMED),
            "certificate_bound_tokens": (False, MTLS),
            "dpop_bound_tokens": (False, DPOP),
        }
        return {name: source for name, (usual, source) in rules.items() if getattr(self, name) == usual}

    def _check_network(self, network: str) -> None:
        try:
            ipaddress.ip_network(network)
        except ValueError as exc:
            message = f"connector {self.id}: {exc}"
            raise ConnectorInvalid(message) from exc


FACTS = tuple(field.name for field in fields(Connector) if field.name not in _UNSOURCED)
"""What needs a source."""
