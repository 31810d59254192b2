"""Content synchronisation's part of the protocol (RFC 4533 section 2); ldap3 knows nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ldap3.protocol.controls import build_control
from ldap3.utils.asn1 import compute_ber_size, decode_sequence
from pyasn1.codec.ber.decoder import decode
from pyasn1.error import PyAsn1Error
from pyasn1.type import namedtype, univ

from idp.adapters.ldap.border import border, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

_REQUEST = "1.3.6.1.4.1.4203.1.9.1.1"
_STATE = "1.3.6.1.4.1.4203.1.9.1.2"
_DONE = "1.3.6.1.4.1.4203.1.9.1.3"
_INFO = "1.3.6.1.4.1.4203.1.9.1.4"

_REFRESH_ONLY = 1
_PROTOCOL_ERROR = 2


class State(IntEnum):
    """What is told of one entry (section 2.3)."""

    PRESENT = 0
    ADD = 1
    MODIFY = 2
    DELETE = 3


@dataclass(frozen=True, slots=True)
class Done:
    """The end of an answer.

    Args:
        cookie: where it ends; None where nothing has changed.
        names_gone: all that is gone was named; else all that was not named is gone (section 3.3).
    """

    cookie: bytes | None
    names_gone: bool


@dataclass(frozen=True, slots=True)
class Named:
    """Entries of which nothing but `entryUUID`s is told.

    Args:
        uuids: theirs.
        gone: they are gone; else they are there, and as they were.
    """

    uuids: frozenset[str]
    gone: bool


class _Request(univ.Sequence):
    componentType = namedtype.NamedTypes(  # noqa: N815  # pyasn1's
        namedtype.NamedType("mode", univ.Enumerated()),
        namedtype.OptionalNamedType("cookie", univ.OctetString()),
    )


class _State(univ.Sequence):
    componentType = namedtype.NamedTypes(  # noqa: N815  # likewise
        namedtype.NamedType("state", univ.Enumerated()),
        namedtype.NamedType("entryUUID", univ.OctetString()),
        namedtype.OptionalNamedType("cookie", univ.OctetString()),
    )


class _Done(univ.Sequence):
    componentType = namedtype.NamedTypes(  # noqa: N815  # likewise
        namedtype.OptionalNamedType("cookie", univ.OctetString()),
        namedtype.DefaultedNamedType("refreshDeletes", univ.Boolean(value=False)),
    )


_ID_SET = 0xA3
"""Of the four forms of the message between entries only this one names some."""

_BOOLEAN, _SET = 1, 17


def ask_for_changes(cookie: bytes | None) -> object:
    """Make the control that asks what has changed since a cookie, or, without one, for everything.

    A server that doesn't know it refuses the search.
    """
    request = _Request()
    request["mode"] = _REFRESH_ONLY
    if cookie is not None:
        request["cookie"] = cookie
    return build_control(_REQUEST, criticality=True, value=request)


def read_done(result: Mapping[str, Any]) -> Done | None:
    """Read the end of an answer; None when the server did not synchronise. Raises `DirectoryUnavailable` for nonsense."""
    control = result.get("controls", {}).get(_DONE)
    if control is None:
        return None
    done = _decoded(control["value"], _Done())
    cookie = done["cookie"]
    return Done(bytes(cookie) if cookie.hasValue() else None, bool(done["refreshDeletes"]))


def read_state(response: Mapping[str, Any]) -> tuple[State, str]:
    """Read what is told of an entry, and its `entryUUID`. Raises as `read_done`."""
    control = response.get("controls", {}).get(_STATE)
    if control is None:
        raise refusal(_PROTOCOL_ERROR)
    told = _decoded(control["value"], _State())
    try:
        return State(int(told["state"])), _text(told["entryUUID"])
    except ValueError as exc:
        raise refusal(_PROTOCOL_ERROR) from exc


def read_named(response: Mapping[str, Any]) -> Named | None:
    """Read a message between entries; None for one that names none. Raises as `read_done`."""
    value = response.get("responseValue") or b""
    if response.get("responseName") != _INFO or value[:1] != bytes([_ID_SET]):
        return None
    with border():
        # ldap3's own decoder: pyasn1 takes five times as long, which counts where everybody is named.
        length, start = compute_ber_size(value)  # type: ignore[no-untyped-call]  # no stub
        told = {kind: found for _, _, kind, found in decode_sequence(value, start, start + length)}
        return Named(frozenset(_text(found) for _, _, _, found in told[_SET]), bool(told.get(_BOOLEAN, False)))


def _decoded(value: bytes, form: univ.Sequence) -> univ.Sequence:
    try:
        decoded, _ = decode(value, asn1Spec=form)
    except PyAsn1Error as exc:
        raise refusal(_PROTOCOL_ERROR) from exc
    return decoded  # type: ignore[no-any-return]  # its stub doesn't say


def _text(octets: bytes | univ.OctetString) -> str:
    return str(UUID(bytes=bytes(octets)))
