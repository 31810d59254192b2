"""What an application says of itself when it registers, judged (RFC 7591 section 2).

It gets what it asks for, or an error: never more than its connector allows, and never something else than it said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authlib.oauth2.rfc7591 import InvalidClientMetadataError, InvalidRedirectURIError, UnapprovedSoftwareStatementError

from connectors.base import PUBLIC
from idp.domain.client import ClientKey, Narrowed
from idp.domain.one_line import LONGEST_NAME, is_plain_name
from idp.domain.redirect_uri import assert_redirect_uri
from idp.errors import KeysRefused, RedirectUriRefused
from idp.oauth.authorization_code_grant import AuthorizationCodeGrant
from idp.oauth.authorization_rules import RESPONSE_TYPE
from idp.oauth.client import BASIC, POST, PRIVATE_KEY_JWT
from idp.oauth.client_keys import read_keys
from idp.services.registration import Wish

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from connectors.base import Connector

MAX_VALUES = 16
"""Of a list."""
MAX_URI_CHARACTERS = 2000

_WITH_SECRET = (BASIC, POST)
_METHODS = (*_WITH_SECRET, PRIVATE_KEY_JWT, PUBLIC)
"""Whose certificate is right, an operator says: `idp client add`."""

_CODE = str(AuthorizationCodeGrant.GRANT_TYPE)
_REFRESH = "refresh_token"
_UNREADABLE = "A redirect URI is a text of at most {most} characters, and there are at most {values} of them."
_NAME = f"The client_name is one line of at most {LONGEST_NAME} characters, all of them visible, without blanks around it."


@dataclass(frozen=True, slots=True)
class ClientMetadata:
    """Reads one document.

    Args:
        document: the members of the JSON object; what is not known is passed over (RFC 7591 section 2).
        connector: the most that the client may get.
        day: the present day in UTC.
    """

    document: Mapping[str, object]
    connector: Connector
    day: date

    def wish(self) -> Wish:
        """Judge all of it.

        Raises:
            InvalidRedirectURIError: an address that may not be registered (S2), none where one is needed, or one too many.
            InvalidClientMetadataError: anything else; the description names the member.
            UnapprovedSoftwareStatementError: there is a statement, and nobody whose word would be taken here.
        """
        if self._is_there("software_statement"):
            message = "Nobody else is believed here about an application: leave the software_statement out."
            raise UnapprovedSoftwareStatementError(message)
        grants = self._grants()
        method = self._method()
        narrowed = Narrowed(method, grants, self._scopes(), self._is_bound())
        self._check_response_types(grants)
        uris, keys = self._redirect_uris(grants), self._keys(method)
        return Wish(self._name(), uris, keys, narrowed, with_secret=method in _WITH_SECRET)

    def _grants(self) -> tuple[str, ...]:
        allowed = [grant for grant in self.connector.grants if self.connector.grant_allowed_on(grant, self.day)]
        asked = self._texts("grant_types")
        if asked is None:
            asked = (_CODE,)
        if not set(asked) <= set(allowed) or set(asked) <= {_REFRESH}:
            message = f"The grant_types are of {', '.join(allowed)}, and {_REFRESH} is never alone; left out, they are {_CODE}."
            raise InvalidClientMetadataError(message)
        return asked

    def _check_response_types(self, grants: tuple[str, ...]) -> None:
        # RFC 7591 section 2.1: the two go together.
        usual = (RESPONSE_TYPE,) if _CODE in grants else ()
        asked = self._texts("response_types")
        if asked not in (None, usual):
            message = f"The response_types are {RESPONSE_TYPE} with the grant type {_CODE}, and none without it."
            raise InvalidClientMetadataError(message)

    def _method(self) -> str:
        allowed = [method for method in self.connector.client_auth_methods if method in _METHODS]
        asked = self._text("token_endpoint_auth_method")
        if asked is None:
            asked = BASIC if BASIC in allowed else "".join(allowed[:1])
        if asked not in allowed:
            message = f"The token_endpoint_auth_method is of these: {', '.join(allowed) or 'none that can be registered so'}."
            raise InvalidClientMetadataError(message)
        return asked

    def _scopes(self) -> tuple[str, ...]:
        allowed = self.connector.scopes
        text = self._text("scope")
        asked = allowed if text is None else tuple(dict.fromkeys(text.split()))
        if not asked or not set(asked) <= set(allowed):
            message = f"The scope is of these: {' '.join(allowed)}."
            raise InvalidClientMetadataError(message)
        return asked

    def _is_bound(self) -> bool:
        asked = self.document.get("dpop_bound_access_tokens")
        if not isinstance(asked, bool | None):
            message = "The dpop_bound_access_tokens are true or false."
            raise InvalidClientMetadataError(message)
        if asked is False and self.connector.dpop_bound_tokens:
            message = "The dpop_bound_access_tokens can only be true: clients of this kind always show a key."
            raise InvalidClientMetadataError(message)
        return bool(asked)

    def _name(self) -> str | None:
        name = self._text("client_name")
        if name is not None and not is_plain_name(name):
            raise InvalidClientMetadataError(_NAME)
        return name

    def _redirect_uris(self, grants: tuple[str, ...]) -> tuple[str, ...]:
        try:
            uris = self._texts("redirect_uris") or ()
            for uri in uris:
                assert_redirect_uri(uri)
        except InvalidClientMetadataError:
            raise InvalidRedirectURIError(_UNREADABLE.format(most=MAX_URI_CHARACTERS, values=MAX_VALUES)) from None
        except RedirectUriRefused as exc:
            raise InvalidRedirectURIError(str(exc)) from None
        if any(len(uri) > MAX_URI_CHARACTERS for uri in uris):
            raise InvalidRedirectURIError(_UNREADABLE.format(most=MAX_URI_CHARACTERS, values=MAX_VALUES))
        if bool(uris) != (_CODE in grants):
            message = f"There are redirect_uris with the grant type {_CODE}, and none without it."
            raise InvalidRedirectURIError(message)
        return uris

    def _keys(self, method: str) -> tuple[ClientKey, ...]:
        if self._is_there("jwks_uri"):
            message = "No jwks_uri is fetched from here: send the keys themselves, as jwks."
            raise InvalidClientMetadataError(message)
        if self._is_there("jwks") != (method == PRIVATE_KEY_JWT):
            message = f"There is a jwks with the token_endpoint_auth_method {PRIVATE_KEY_JWT}, and none with another one."
            raise InvalidClientMetadataError(message)
        if method != PRIVATE_KEY_JWT:
            return ()
        try:
            return read_keys(self.document["jwks"])
        except KeysRefused as exc:
            raise InvalidClientMetadataError(str(exc)) from None

    def _is_there(self, name: str) -> bool:
        return self.document.get(name) is not None

    def _text(self, name: str) -> str | None:
        value = self.document.get(name)
        if value is None or isinstance(value, str):
            return value
        message = f"The {name} is a text."
        raise InvalidClientMetadataError(message)

    def _texts(self, name: str) -> tuple[str, ...] | None:
        value = self.document.get(name)
        if value is None:
            return None
        if isinstance(value, list) and len(value) <= MAX_VALUES and all(isinstance(each, str) for each in value):
            return tuple(dict.fromkeys(value))
        message = f"The {name} are a list of at most {MAX_VALUES} texts."
        raise InvalidClientMetadataError(message)
