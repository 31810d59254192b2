"""How values are written in filters and in names; nothing else in this package puts one together.

Attributes are words of ours. Values may come from anybody, and stand for nothing but themselves.
"""

from __future__ import annotations

from ldap3.utils.conv import escape_bytes

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


def child_dn(attribute: str, value: str, parent_dn: str) -> str:
    """Give the DN of an entry directly below another."""
    return f"{attribute}={escaped(value)},{parent_dn}"


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
