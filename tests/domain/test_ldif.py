"""LDIF (RFC 2849): what is written can be read, and what is no entry is refused."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.ldif import Record, blocks, record_of, text_of
from idp.errors import LineRefused

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True).filter(
    lambda name: name.lower() not in ("dn", "changetype", "control", "version")
)
VALUES = st.text()


def read(text: str | bytes) -> list[Record]:
    """Read a whole file."""
    lines = (text if isinstance(text, bytes) else text.encode()).splitlines(keepends=True)
    return [record_of(block) for block in blocks(lines)]


def folded(text: str, width: int) -> str:
    """Break lines as other tools do."""
    lines = []
    for line in text.split("\n"):
        pieces = [line[:width], *(line[start : start + width - 1] for start in range(width, len(line), width - 1))]
        lines.append("\n ".join(pieces))
    return "\n".join(lines)


@given(st.lists(st.builds(Record, st.text(min_size=1), st.lists(st.tuples(NAMES, VALUES)).map(tuple))), st.integers(2, 80))
def test_whatever_is_written_is_read_as_it_was(records: list[Record], width: int) -> None:
    """A name would come out otherwise than it went in, and with it whose books are opened."""
    text = "version: 1\n\n" + "".join(map(text_of, records))
    assert text.isascii()
    assert read(text) == records
    assert read(folded(text, width)) == records
    assert read(text.replace("\n", "\r\n")) == records
    assert read(b"\xef\xbb\xbf" + text.encode()) == records


def test_what_other_tools_write_is_read() -> None:
    """An admin would have to write it anew: comments, folded ones too, two blank lines, text that is not in base64."""
    text = (
        "# extended LDIF\n#\n# filter: (uid=*) and a very long\n  comment\n\nversion: 1\ndn:uid=U1,dc=nl\n# in between\n"
        "uid:    U1\nadministratie: Caf\u00e9\n  De Zon\n\n\n\ndn:: dWlkPVUyLGRjPW5s\nuid: U2"
    )
    assert read(text) == [
        Record("uid=U1,dc=nl", (("uid", "U1"), ("administratie", "Caf\u00e9 De Zon"))),
        Record("uid=U2,dc=nl", (("uid", "U2"),)),
    ]


def test_a_record_is_known_by_its_first_line() -> None:
    """Whoever mends a file of thousands would have to count."""
    text = "version: 1\n\n# one\ndn: uid=U1\nuid: U1\n\n\ndn: uid=U2\n"
    assert [block.number for block in blocks(text.encode().splitlines(keepends=True))] == [4, 8]


def test_records_come_while_the_file_is_read() -> None:
    """A file of a million entries would fill the memory first."""
    taken = 0

    def lines() -> list[bytes]:
        nonlocal taken
        taken += 1
        return [b"dn: uid=U\n", b"uid: U\n", b"\n"]

    flowing = blocks(line for _ in range(1000) for line in lines())
    next(flowing)
    next(flowing)
    assert taken <= 3


REFUSED = {
    "dn: a=b\nchangetype: modify\nreplace: mail\nmail: x\n-\n": "changetype",
    "dn: a=b\nchangetype: add\nuid: U\n": "changetype",
    "dn: a=b\ncontrol: 1.2.3 true\nuid: U\n": "control",
    "dn: a=b\njpegPhoto:< file:///etc/passwd\n": "another place",
    "dn: a=b\nuid:: %%%\n": "base64",
    f"dn: a=b\nuid:: {base64.b64encode(bytes([255])).decode()}\n": "UTF-8",
    "dn: a=b\nno colon\n": "attribute: value",
    "dn: a=b\n-x: y\n": "attribute: value",
    "uid: U\n": "begins with its dn",
    "dn: a=b\nuid: U\ndn: c=d\n": "begins with its dn",
    " folded: from nothing\n": "attribute: value",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_entry_is_refused_with_its_reason(text: str) -> None:
    """A change, or a file of the machine's, would be taken for a user."""
    (block,) = blocks(text.encode().splitlines(keepends=True))
    with pytest.raises(LineRefused, match=REFUSED[text]):
        record_of(block)


def test_bytes_that_are_no_text_are_refused() -> None:
    """A file in Latin-1 would give people other names than theirs."""
    (block,) = blocks([b"dn: a=b\n", b"cn: caf\xe9\n"])
    with pytest.raises(LineRefused, match="UTF-8"):
        record_of(block)


def test_another_version_is_refused_as_a_whole() -> None:
    """Nobody knows what it would mean."""
    with pytest.raises(LineRefused, match="another version"):
        list(blocks([b"version: 2\n", b"dn: a=b\n"]))
