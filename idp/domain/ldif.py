"""LDIF (RFC 2849): entries as text, read and written one after the other.

Only entries to be added are read: what changes or deletes entries is refused, and so is a value that stands elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from idp.errors import LineRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

VERSION = "version: 1"

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SAFE = range(0x20, 0x7F)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*(;[A-Za-z0-9-]+)*", re.ASCII)
_CHANGE = ("changetype", "control")


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


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one record, unfolded and without comments.

    Args:
        number: of its first line in the file, from 1.
        lines: as bytes: what isn't UTF-8 is one record's fault, not the file's.
    """

    number: int
    lines: tuple[bytes, ...]


# -- reading ----------------------------------------------------------------------------------------------------------


def blocks(lines: Iterable[bytes]) -> Iterator[Block]:
    """Read a file's records, each when it is asked for.

    Args:
        lines: of the file, with their ends.

    Raises:
        LineRefused: the file says that it is of another version than 1.
    """
    paragraphs = _paragraphs(lines)
    for first in islice(paragraphs, 1):
        rest = _after_version(first)
        if rest.lines:
            yield rest
    yield from paragraphs


def record_of(block: Block) -> Record:
    """Read one record.

    Raises:
        LineRefused: it changes an entry rather than being one, or is not as the RFC has it.
    """
    names = [line.partition(b":")[0].strip().lower().decode(errors="replace") for line in block.lines]
    for change in _CHANGE:
        if change in names:
            message = f"it holds {change}: what changes entries is applied by ldapmodify"
            raise LineRefused(message)
    pairs = [_pair(line) for line in block.lines]
    if [name.lower() for name, _ in pairs].count("dn") != 1 or pairs[0][0].lower() != "dn":
        message = "a record begins with its dn, and a blank line stands before the next"
        raise LineRefused(message)
    return Record(pairs[0][1], tuple(pairs[1:]))


def _paragraphs(lines: Iterable[bytes]) -> Iterator[Block]:
    """Read what stands between blank lines."""
    folded: list[tuple[int, list[bytes]]] = []
    for number, line in enumerate(lines, start=1):
        text = (line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line).rstrip(b"\r\n")
        if text.startswith(b" ") and folded:
            folded[-1][1].append(text[1:])
        elif text:
            folded.append((number, [text]))
        else:
            yield from _block(folded)
            folded = []
    yield from _block(folded)


def _block(folded: Sequence[tuple[int, Sequence[bytes]]]) -> Iterator[Block]:
    unfolded = [(number, b"".join(parts)) for number, parts in folded]
    said = [(number, line) for number, line in unfolded if not line.startswith(b"#")]
    if said:
        yield Block(said[0][0], tuple(line for _, line in said))


def _after_version(block: Block) -> Block:
    name, _, version = block.lines[0].partition(b":")
    if name.lower() != b"version":
        return block
    if version.strip() != b"1":
        message = "the file is LDIF of another version than 1"
        raise LineRefused(message)
    return Block(block.number + 1, block.lines[1:])


def _pair(line: bytes) -> tuple[str, str]:
    named, colon, rest = line.partition(b":")
    name = named.decode(errors="replace")
    if not colon or not _NAME.fullmatch(name):
        message = "a line is not of the form `attribute: value`"
        raise LineRefused(message)
    if rest.startswith(b"<"):
        message = f"{name} stands in another place, which is not read"
        raise LineRefused(message)
    try:
        value = base64.b64decode(rest[1:].strip(), validate=True) if rest.startswith(b":") else rest.lstrip(b" ")
        return name, value.decode()
    except (binascii.Error, UnicodeDecodeError) as exc:
        message = f"{name} is no text in UTF-8, or no base64"
        raise LineRefused(message) from exc


# -- writing ----------------------------------------------------------------------------------------------------------


def text_of(record: Record) -> str:
    """Write one record, unfolded, and the blank line behind it."""
    return "".join(f"{line_of(name, value)}\n" for name, value in (("dn", record.dn), *record.values)) + "\n"


def line_of(attribute: str, value: str) -> str:
    """Write one value; in base64 where it is no plain text."""
    plain = all(ord(character) in _SAFE for character in value)
    if plain and not value.startswith((" ", ":", "<")) and not value.endswith(" "):
        return f"{attribute}: {value}"
    return f"{attribute}:: {base64.b64encode(value.encode()).decode()}"
