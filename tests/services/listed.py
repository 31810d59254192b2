"""Users and owners of all kinds, for files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from idp.domain.one_line import is_one_line
from idp.ports.directory import NewUser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

    from idp.services.intake import Line

AWKWARD = (
    "Bakkerij De Vries, Zn.",
    '"tussen haken"',
    " voor en achter ",
    "=1+1",
    "'=1+1",
    "''-x",
    "+31 6",
    "-",
    "@SOM(A1)",
    "caf\u00e9 \u2603",
    "harde\u00a0spatie",
    "\u754c\u9762",
    "\u05e9\u05dc\u05d5\u05dd",
    "a;b|c",
    ":begin",
    "<begin",
    "#begin",
    "\\,\\",
    "'",
    '"',
)
"""Names that mean something to CSV, to LDIF, to a spreadsheet, or to nobody."""

LINES = st.sampled_from(AWKWARD) | st.text(min_size=1, max_size=20).filter(is_one_line)
NAMES = st.from_regex(r"[A-Z0-9]{1,32}", fullmatch=True)
ADDRESSES = st.sampled_from(["anna@example.nl", "=cmd@example.nl", "'+x@example.nl", "-a'b@example.nl", "An.Na@Example.NL"])
USERS = st.builds(NewUser, NAMES, LINES, ADDRESSES, LINES, st.sampled_from(["nl", "en"]))


def read(reader: Callable[[BinaryIO], Iterator[Line]], pieces: str | bytes | Iterable[str]) -> list[Line]:
    """Read a file of these pieces."""
    content = pieces if isinstance(pieces, bytes) else "".join(pieces).encode()
    return list(reader(io.BytesIO(content)))
