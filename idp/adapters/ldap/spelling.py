"""How values are written in filters and in names; nothing else in this package puts one together.

Attributes are words of ours. Values may come from anybody, and stand for nothing but themselves.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from ldap3.utils.conv import escape_bytes

_PLAIN = re.compile(r"[A-Za-z0-9-]+", re.ASCII)

_LONGEST = 512
"""Characters of a value that is looked up: longer than any name, mail address or DN of ours."""


def escaped(value: str) -> str:
    """Write a value by its bytes: in a filter (RFC 4515 section 3) and in a DN (RFC 4514 section 2.4) the form is the same.

    (ldap3's `escape_rdn` leaves line feeds as they are, and fails at an empty value.)

    Raises:
        UnicodeEncodeError: a lone surrogate; ask `can_be_looked_up` first.
    """
    return escape_bytes(value.encode())


def can_be_looked_up(value: str) -> bool:
    """Tell whether a value could be in the directory at all; strangers send what can't."""
    if len(value) > _LONGEST or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return True


Rdn: TypeAlias = frozenset[tuple[str, str]]
"""One part of a name: attributes in lower case, and values. It may have several of them: `cn=A+l=B`."""

_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*|[0-9]+(\.[0-9]+)*")  # RFC 4512 section 1.4
_VALUE = re.compile(r" *((?:\\.|[^\\])*?) *", re.DOTALL)
_PAIR = re.compile(rb"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)


class NotAName(ValueError):
    """A text that is no DN."""


def parse_dn(dn: str) -> list[Rdn]:
    """Take a DN apart (RFC 4514 section 3), the entry's own part first.

    (ldap3's `parse_dn` refuses a number sign in the middle of a value, which slapd writes as it is.)

    Raises:
        NotAName: it is none.
    """
    return [frozenset(_kind_and_value(piece) for piece in _split(rdn, "+")) for rdn in _split(dn, ",")]


def parent_dn(dn: str) -> str:
    """Give the DN of the entry above."""
    return ",".join(_split(dn, ",")[1:])


def _split(text: str, separator: str) -> list[str]:
    # At each separator that no backslash stands before, unless that one is itself escaped.
    pieces, start, is_escaped = [], 0, False
    for at, character in enumerate(text):
        if character == separator and not is_escaped:
            pieces.append(text[start:at])
            start = at + 1
        is_escaped = character == "\\" and not is_escaped
    return [*pieces, text[start:]]


def _kind_and_value(piece: str) -> tuple[str, str]:
    kind, _, rest = piece.partition("=")
    value = _VALUE.fullmatch(rest) if can_be_looked_up(rest) else None
    if _ATTRIBUTE.fullmatch(kind.strip(" ")) is None or "=" not in piece or value is None:
        raise NotAName
    raw = _PAIR.sub(lambda pair: bytes.fromhex(pair[1].decode()) if len(pair[1]) > 1 else pair[1], value[1].encode())
    return kind.strip(" ").lower(), raw.decode(errors="replace")


def child_dn(attribute: str, value: str, parent_dn: str) -> str:
    """Give the DN of an entry directly below another; letters, digits and dashes stand as they are, as servers write them."""
    return f"{attribute}={value if _PLAIN.fullmatch(value) else escaped(value)},{parent_dn}"


def equals(attribute: str, value: str) -> str:
    """Match entries that have a value."""
    return f"({attribute}={escaped(value)})"


def at_least(attribute: str, value: str) -> str:
    """Match entries with a value that is not smaller."""
    return f"({attribute}>={escaped(value)})"


def at_most(attribute: str, value: str) -> str:
    """Match entries with a value that is not greater."""
    return f"({attribute}<={escaped(value)})"


def present(attribute: str) -> str:
    """Match entries with any value."""
    return f"({attribute}=*)"


def negated(condition: str) -> str:
    """Match what a filter does not."""
    return f"(!{condition})"


def every(*conditions: str) -> str:
    """Match what all filters match."""
    return f"(&{''.join(conditions)})"


def either(*conditions: str) -> str:
    """Match what one of the filters matches."""
    return f"(|{''.join(conditions)})"


ANYTHING = present("objectClass")
