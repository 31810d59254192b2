"""What is a mail address here."""

from __future__ import annotations

import re

# RFC 5322 section 3.2.3 with RFC 6532 section 3.2: no quoted local parts, no comments, no address literals. What a mailbox needs
# passes, what could end a header or a command does not.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+"
_LABEL = r"[A-Za-z0-9\-\u0080-\U0010ffff]+"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})*")
_MAX_CHARACTERS = 254  # RFC 5321 section 4.5.3.1.3, less the angle brackets


def is_address(text: str) -> bool:
    """Tell whether this is one mail address and nothing besides."""
    return len(text) <= _MAX_CHARACTERS and text.isprintable() and bool(_ADDRESS.fullmatch(text))


def masked(address: str) -> str:
    """Give an address so that its owner knows it again, and nobody learns it: ``j•••@bakkerij.nl``.

    Args:
        address: one of which `is_address` holds. However long its name is, it gets three dots; one letter would be all of it.
    """
    name, _at, domain = address.rpartition("@")
    return f"{name[:1] if len(name) > 1 else ''}•••@{domain}"
