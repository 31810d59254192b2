"""The parameter `claims`: what an application wants to be told, and what must be so (OpenID Connect Core section 5.5)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.oauth.id_token import ON_REQUEST
from idp.oauth.strict_json import loads

if TYPE_CHECKING:
    from collections.abc import Mapping

    Wishes = Mapping[str, Mapping[str, object]]
    """Of one member, by claim."""

_MALFORMED = "The parameter claims is not what OpenID Connect Core section 5.5 has."


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """What is asked. What we don't know of it means nothing here, as section 5.5 has it.

    Args:
        id_token: what an ID token is to tell.
        userinfo: what userinfo is to tell, which tells all that it has anyhow.
    """

    id_token: Wishes
    userinfo: Wishes

    @property
    def on_request(self) -> tuple[str, ...]:
        """What an ID token is to tell that it wouldn't tell otherwise."""
        return tuple(name for name in ON_REQUEST if name in self.id_token)

    @property
    def subjects(self) -> frozenset[str] | None:
        """The subjects that it may be about, or None when that was not said (section 5.5.1)."""
        return both(_values(self.id_token.get("sub", {})), _values(self.userinfo.get("sub", {})))

    @property
    def acrs(self) -> frozenset[str] | None:
        """How an owner must have logged in, or None where any way will do (section 5.5.1.1)."""
        wish = self.id_token.get("acr", {})
        return _values(wish) if wish.get("essential") is True else None

    def about(self, subjects: frozenset[str]) -> str:
        """Write it again, with these subjects."""
        id_token = {**self.id_token, "sub": {"values": sorted(subjects)}}
        return json.dumps({"id_token": id_token, "userinfo": self.userinfo}, separators=(",", ":"), sort_keys=True)


def read_claims(text: str | None) -> ClaimsRequest:
    """Read the parameter.

    Args:
        text: as sent, or None.

    Raises:
        InvalidRequestError: no JSON, or of another shape.
    """
    try:
        read = loads(text) if text is not None else {}
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise InvalidRequestError(_MALFORMED)
    return ClaimsRequest(_member(read, "id_token"), _member(read, "userinfo"))


def both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    """Give what two limits leave; None limits nothing."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _member(read: Mapping[str, object], name: str) -> Wishes:
    member = read.get(name)
    if member is None:
        return {}
    if not isinstance(member, dict) or not all(_is_wish(wish) for wish in member.values()):
        raise InvalidRequestError(_MALFORMED)
    return {claim: wish or {} for claim, wish in member.items()}


def _is_wish(wish: object) -> bool:
    # Null: it is asked for, and nothing more is said about it.
    if not isinstance(wish, dict):
        return wish is None
    return isinstance(wish.get("essential", False), bool) and isinstance(wish.get("values", []), list)


def _values(wish: Mapping[str, object]) -> frozenset[str] | None:
    """Give the values that a claim may have. One that is no text is none that we ever tell."""
    if "value" in wish:
        found: object = [wish["value"]]
    else:
        found = wish.get("values")
    return frozenset(value for value in found if isinstance(value, str)) if isinstance(found, list) else None
