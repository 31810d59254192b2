"""LDIF (RFC 2849), as far as our own templates use it, and as whoever reads what we print expects it."""

from __future__ import annotations

import base64
from dataclasses import dataclass

_SAFE = range(0x20, 0x7F)


@dataclass(frozen=True, slots=True)
class Record:
    """One entry.

    Args:
        dn: its name.
        values: attributes with one value each, in the order in which they stand.
    """

    dn: str
    values: tuple[tuple[str, str], ...]

    def all(self, attribute: str) -> list[str]:
        """Give the values of one attribute."""
        return [value for name, value in self.values if name.lower() == attribute.lower()]

    def without(self, *attributes: str) -> Record:
        """Give the record without some attributes."""
        left_out = {attribute.lower() for attribute in attributes}
        return Record(self.dn, tuple(pair for pair in self.values if pair[0].lower() not in left_out))

    def replaced(self, attribute: str, *values: str) -> Record:
        """Give the record with other values of one attribute."""
        return Record(self.dn, (*self.without(attribute).values, *((attribute, value) for value in values)))


def parse_ldif(text: str) -> list[Record]:
    """Read the records of a template; comments and `include:` lines are left out."""
    unfolded = text.replace("\n ", "")
    lines = [line for line in unfolded.splitlines() if not line.startswith(("#", "include:"))]
    blocks = "\n".join(lines).split("\n\n")
    return [_record(block.strip().splitlines()) for block in blocks if block.strip()]


def line_of(attribute: str, value: str) -> str:
    """Write one value; in base64 where it is no plain text."""
    plain = all(ord(character) in _SAFE for character in value)
    if plain and not value.startswith((" ", ":", "<")) and not value.endswith(" "):
        return f"{attribute}: {value}"
    return f"{attribute}:: {base64.b64encode(value.encode()).decode()}"


def _record(lines: list[str]) -> Record:
    (_, dn), *values = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return Record(dn, tuple(values))
