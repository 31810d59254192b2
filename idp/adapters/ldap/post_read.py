"""The post-read control (RFC 4527): what an entry is right after a change, told with the change's own result.

A search afterwards could come behind somebody else's change, and give that one's revision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ldap3.protocol.rfc4527 import post_read_control

if TYPE_CHECKING:
    from collections.abc import Mapping

_OID = "1.3.6.1.1.13.2"
_REVISION = "entryCSN"


def ask_for_revision() -> object:
    """Make the control; a server that doesn't know it makes the change all the same."""
    control: object = post_read_control([_REVISION], criticality=False)
    return control


def told_revision(result: Mapping[str, Any]) -> str | None:
    """Give the `entryCSN` that the entry got by the change; None when the server, or its access rules, didn't tell."""
    control = result.get("controls", {}).get(_OID)
    values = control["value"]["result"].get(_REVISION, []) if control else []
    return str(values[0]) if values else None
