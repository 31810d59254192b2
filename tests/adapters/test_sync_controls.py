"""Content synchronisation's messages are read as RFC 4533 has them, and nonsense is no answer."""

from __future__ import annotations

import pytest

from idp.adapters.ldap.sync_controls import Done, Named, State, read_done, read_named, read_state
from idp.errors import DirectoryUnavailable

STATE, DONE, INFO = (f"1.3.6.1.4.1.4203.1.9.1.{number}" for number in (2, 3, 4))
UUIDS = ("00010203-0405-0607-0809-0a0b0c0d0e0f", "10111213-1415-1617-1819-1a1b1c1d1e1f")
OCTETS = b"".join(b"\x04\x10" + bytes(range(first, first + 16)) for first in (0, 16))
SET = b"\x31\x24" + OCTETS


def message(value: bytes, name: str = INFO) -> dict[str, object]:
    """Give a message between entries, as ldap3 does."""
    return {"type": "intermediateResponse", "responseName": name, "responseValue": value}


def control(oid: str, value: bytes) -> dict[str, object]:
    """Give something with a control."""
    return {"controls": {oid: {"value": value}}}


def test_entries_are_named_as_gone_or_as_there() -> None:
    """Who is there would be taken for gone, or the other way round."""
    assert read_named(message(b"\xa3\x26" + SET)) == Named(frozenset(UUIDS), gone=False)
    assert read_named(message(b"\xa3\x29\x01\x01\xff" + SET)) == Named(frozenset(UUIDS), gone=True)
    assert read_named(message(b"\xa3\x2d\x04\x02ck\x01\x01\xff" + SET)) == Named(frozenset(UUIDS), gone=True)


@pytest.mark.parametrize("value", [b"\x80\x02ck", b"\xa1\x05\x04\x03ck2", b"\xa2\x03\x01\x01\xff", b""])
def test_other_messages_name_nobody(value: bytes) -> None:
    """A new cookie would end the worker."""
    assert read_named(message(value)) is None
    assert read_named(message(b"\xa3\x26" + SET, name="1.2.3")) is None


@pytest.mark.parametrize("value", [b"\xa3", b"\xa3\x00", b"\xa3\xff", b"\xa3\x04\x31\x02\x04\x00", b"\xa3\x26" + SET[:-1]])
def test_nonsense_between_entries_is_no_answer(value: bytes) -> None:
    """Half an answer would be taken for all who are there."""
    with pytest.raises(DirectoryUnavailable):
        read_named(message(value))


def test_the_end_says_where_it_ends_and_how_deletions_were_told() -> None:
    """All who were not named would be taken for gone."""
    assert read_done(control(DONE, b"\x30\x00")) == Done(None, names_gone=False)
    assert read_done(control(DONE, b"\x30\x04\x04\x02ck")) == Done(b"ck", names_gone=False)
    assert read_done(control(DONE, b"\x30\x07\x04\x02ck\x01\x01\xff")) == Done(b"ck", names_gone=True)
    assert read_done({}) is None


def test_an_entry_is_told_by_what_became_of_it() -> None:
    """A deletion that is told with the entry would look like a change."""
    for number, state in enumerate((State.PRESENT, State.ADD, State.MODIFY, State.DELETE)):
        value = b"\x30\x15\x0a\x01" + bytes([number]) + OCTETS[:18]
        assert read_state(control(STATE, value)) == (state, UUIDS[0])


@pytest.mark.parametrize("value", [b"", b"\x30", b"\x30\x15\x0a\x01\x09" + OCTETS[:18], b"\x30\x05\x0a\x01\x01\x04\x00"])
def test_nonsense_beside_an_entry_or_at_the_end_is_no_answer(value: bytes) -> None:
    """The worker would end, again and again."""
    with pytest.raises(DirectoryUnavailable):
        read_state(control(STATE, value))
    with pytest.raises(DirectoryUnavailable):
        read_state({})
    with pytest.raises(DirectoryUnavailable):
        read_done(control(DONE, value[:1]))
