"""The post-read control (RFC 4527): what an entry is right after a change, told with the change's own result.

A search afterwards could come behind somebody else's change, and give that one's revision; and it would be one more to wait for.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from ldap3.protocol.rfc4527 import post_read_control

from idp.adapters.ldap.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

_OID = "1.3.6.1.1.13.2"
_REVISION = "entryCSN"


def ask_for_revision() -> object:
    """Make the control; a server that doesn't know it makes the change all the same."""
    return ask_for((_REVISION,))


def told_revision(result: Mapping[str, Any]) -> str | None:
    """Give the `entryCSN` that the entry got by the change; None when the server, or its access rules, didn't tell."""
    values = _told(result).get(_REVISION, [])
    return str(values[0]) if values else None


@cache
def ask_for(attributes: tuple[str, ...]) -> object:
    """Make the control for any attributes; once, since that takes a good part of a whole change."""
    control: object = post_read_control(list(attributes), criticality=False)
    return control


def told_entry(result: Mapping[str, Any], dn: str) -> Entry:
    """Give the entry as the change left it; without values where the server didn't tell.

    Args:
        result: of the change.
        dn: as we wrote it; where `entryDN` (RFC 5020) was asked for, the server's own spelling takes its place.
    """
    values = {name.lower(): [str(value) for value in told] for name, told in _told(result).items()}
    return Entry(next(iter(values.pop("entrydn", [])), dn), values)


def _told(result: Mapping[str, Any]) -> Mapping[str, Any]:
    control = result.get("controls", {}).get(_OID)
    return control["value"]["result"] if control else {}
