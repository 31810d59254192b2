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


def test_a_version_counts_as_a_line_and_stands_at_the_beginning_alone() -> None:
    """A mended file would be mended at the wrong line, and an entry that begins so would lose what it begins with."""
    assert [block.number for block in blocks([b"version: 1\n", b"dn: a=b\n"])] == [2]
    _, second = blocks([b"dn: a=b\n", b"\n", b"version: 1\n", b"dn: c=d\n"])
    assert second.lines == (b"version: 1", b"dn: c=d")


def test_a_byte_order_mark_is_one_at_the_beginning_alone() -> None:
    """A name that begins with one would come out without."""
    (block,) = blocks([b"dn: a=b\n", b"\xef\xbb\xbfuid: U\n"])
    with pytest.raises(LineRefused, match="attribute: value"):
        record_of(block)


def test_a_value_may_speak_of_changes_and_have_colons() -> None:
    """An administration would be refused for its name."""
    assert read("dn: a=b\ndescription: changetype: see control: 12:30\nuid::VTE=\ncn: \ttab\n") == [
        Record("a=b", (("description", "changetype: see control: 12:30"), ("uid", "U1"), ("cn", "\ttab")))
    ]


def test_a_first_value_may_speak_of_versions() -> None:
    """A file without a version would be refused for the name of its first entry."""
    assert read("dn: cn=version:2\n") == [Record("cn=version:2", ())]
    with pytest.raises(LineRefused, match="another version"):
        read("version: 2:1\n")


def test_a_record_with_less_or_otherwise_is_still_that_entry() -> None:
    """Another entry would be written than the one that was meant."""
    record = Record("uid=U1", (("uid", "U1"), ("mail", "a@example.nl"), ("Mail", "b@example.nl")))
    assert record.without("MAIL") == Record("uid=U1", (("uid", "U1"),))
    assert record.replaced("mail", "c@example.nl", "d@example.nl") == Record(
        "uid=U1", (("uid", "U1"), ("mail", "c@example.nl"), ("mail", "d@example.nl"))
    )


WRITTEN = {
    "De Vries, Zn.": "cn: De Vries, Zn.",
    "12:30 < 13:00": "cn: 12:30 < 13:00",
    "": "cn: ",
    "~": "cn: ~",
    " before": "cn:: IGJlZm9yZQ==",
    "behind ": "cn:: YmVoaW5kIA==",
    ":colon": "cn:: OmNvbG9u",
    "<less": "cn:: PGxlc3M=",
    "caf\u00e9": "cn:: Y2Fmw6k=",
    "two\nlines": "cn:: dHdvCmxpbmVz",
    "\x7f": "cn:: fw==",
}


@pytest.mark.parametrize("value", WRITTEN)
def test_a_value_is_plain_where_the_rfc_lets_it_be(value: str) -> None:
    """People could not read the file, or other tools would read another value (RFC 2849, SAFE-STRING and note 8)."""
    assert text_of(Record("uid=U1", (("cn", value),))) == f"dn: uid=U1\n{WRITTEN[value]}\n\n"


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


A_CHANGE = "it holds {}: what changes entries is applied by ldapmodify"
NO_PAIR = "a line is not of the form `attribute: value`"
NO_DN = "a record begins with its dn, and a blank line stands before the next"
REFUSED = {
    "dn: a=b\nchangetype: modify\nreplace: mail\nmail: x\n-\n": A_CHANGE.format("changetype"),
    "dn: a=b\nchangetype:: YWRk\nuid: U\n": A_CHANGE.format("changetype"),
    "dn: a=b\nControl : 1.2:3 true\nuid: U\n": A_CHANGE.format("control"),
    "dn: a=b\njpegPhoto:< file:///etc/passwd\n": "jpegPhoto stands in another place, which is not read",
    "dn: a=b\nuid:: %%%\n": "uid is no text in UTF-8, or no base64",
    f"dn: a=b\nuid:: {base64.b64encode(bytes([255])).decode()}\n": "uid is no text in UTF-8, or no base64",
    "dn: a=b\nno colon\n": NO_PAIR,
    "dn: a=b\n-x: y\n": NO_PAIR,
    "uid: U\n": NO_DN,
    "uid: U\ndn: a=b\n": NO_DN,
    "dn: a=b\nuid: U\ndn: c=d\n": NO_DN,
    " folded: from nothing\n": NO_PAIR,
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_entry_is_refused_with_its_reason(text: str) -> None:
    """A change, or a file of the machine's, would be taken for a user."""
    (block,) = blocks(text.encode().splitlines(keepends=True))
    with pytest.raises(LineRefused) as refused:
        record_of(block)
    assert str(refused.value) == REFUSED[text]


def test_bytes_that_are_no_text_are_refused() -> None:
    """A file in Latin-1 would give people other names than theirs."""
    (block,) = blocks([b"dn: a=b\n", b"cn: caf\xe9\n"])
    with pytest.raises(LineRefused, match="UTF-8"):
        record_of(block)
    (block,) = blocks([b"dn: a=b\n", b"caf\xe9: cn\n"])
    with pytest.raises(LineRefused, match="attribute: value"):
        record_of(block)


def test_another_version_is_refused_as_a_whole() -> None:
    """Nobody knows what it would mean."""
    with pytest.raises(LineRefused) as refused:
        list(blocks([b"version: 2\n", b"dn: a=b\n"]))
    assert str(refused.value) == "the file is LDIF of another version than 1"
