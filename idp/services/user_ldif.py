"""Koppelgebruikers and owners as LDIF: entries that `idp user import` and `ldapadd` take alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from idp.domain.ldif import VERSION, blocks, record_of, text_of
from idp.domain.mail_address import is_address
from idp.domain.one_line import is_one_line
from idp.errors import LineRefused
from idp.services.intake import FileRefused, Line, OwnedUser

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from idp.domain.ldif import Block, Record

_USER = "koppelgebruiker"
_CLASSES = {_USER: ("top", "account", _USER), "inetorgperson": ("top", "person", "organizationalperson", "inetorgperson")}
_USER_ATTRIBUTES = ("uid", "administratie", "owner")
_PERSON_ATTRIBUTES = ("uid", "cn", "sn", "mail", "preferredlanguage", "pwdpolicysubentry")


def ldif_lines(records: Iterable[Record]) -> Iterator[str]:
    """Write records, each when it is asked for."""
    yield f"{VERSION}\n\n"
    yield from map(text_of, records)


def read_ldif(file: BinaryIO) -> Iterator[Line]:
    """Read owners and users, each when it is asked for. Raises `FileRefused`."""
    try:
        for block in blocks(file):
            yield Line(block.number, _wanted(block))
    except LineRefused as exc:
        raise FileRefused(str(exc)) from exc


def assert_person(person: Record) -> None:
    """Raise `LineRefused` for an owner who would not be taken in."""
    for attribute, at_least, at_most in (("uid", 0, 9), ("cn", 1, 9), ("sn", 1, 9), ("preferredLanguage", 0, 1)):
        values = person.all(attribute)
        if not at_least <= len(values) <= at_most or not all(map(is_one_line, values)):
            message = f"{attribute} is missing or wrong"
            raise LineRefused(message)
    addresses = person.all("mail")
    if len(addresses) != 1 or not is_address(addresses[0]):
        message = "an owner needs exactly one mail, and it must be an address"
        raise LineRefused(message)


def _wanted(block: Block) -> OwnedUser | Record | LineRefused:
    try:
        record = record_of(block)
        if _kind(record) == _USER:
            _assert_known(record, _USER_ATTRIBUTES)
            return _user(record)
        _assert_known(record, _PERSON_ATTRIBUTES)
        assert_person(record)
    except LineRefused as exc:
        return exc
    return record.replaced("objectClass", "inetOrgPerson")


def _kind(record: Record) -> str:
    classes = [value.lower() for value in record.all("objectClass")]
    kind = next((kind for kind in _CLASSES if kind in classes), None)
    if kind is None:
        message = "it is neither a koppelgebruiker nor an inetOrgPerson"
        raise LineRefused(message)
    for name in classes:
        if name not in _CLASSES[kind]:
            message = f"objectClass {name} is none that is taken in here"
            raise LineRefused(message)
    return kind


def _assert_known(record: Record, attributes: tuple[str, ...]) -> None:
    for name, _ in record.without("objectClass").values:
        if name.lower() == "userpassword":
            message = "passwords are not taken in: its owner sets one"
            raise LineRefused(message)
        if name.lower() not in attributes:
            message = f"{name} is no attribute that is taken in here"
            raise LineRefused(message)


def _user(record: Record) -> OwnedUser:
    single = {}
    for attribute in _USER_ATTRIBUTES:
        values = record.all(attribute)
        if len(values) != 1:
            message = f"it needs exactly one {attribute}"
            raise LineRefused(message)
        single[attribute] = values[0]
    return OwnedUser(record.dn, single["uid"].upper(), single["administratie"], single["owner"])
