"""Entries, and what they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from idp.domain.people import Koppelgebruiker, Locks, Owner
from idp.errors import EntryMalformed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BARE = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)
"""What a name can be (R10)."""

NO_UUID = "without an entryUUID that can be read"
NO_NAME = "with a name that nobody can type"
NO_OWNER = "without exactly one owner"
NO_ADMINISTRATIE = "without exactly one administratie"

LOCKS = ("pwdAccountLockedTime", "pwdEndTime", "pwdStartTime")

USER_ATTRIBUTES = ("uid", "entryUUID", "entryCSN", "administratie", "owner", "pwdChangedTime", "pwdReset", *LOCKS)
OWNER_ATTRIBUTES = ("cn", "mail", "preferredLanguage", "entryUUID", "pwdChangedTime", *LOCKS)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a search gave.

    Args:
        dn: as the server spells it.
        values: by attribute, in lower case.
    """

    dn: str
    values: Mapping[str, list[str]]

    @classmethod
    def read(cls, response: Mapping[str, Any]) -> Entry:
        """Take one of ldap3's over."""
        raw = response["raw_attributes"]
        return cls(response["dn"], {name.lower(): [value.decode(errors="replace") for value in raw[name]] for name in raw})

    def one(self, attribute: str) -> str | None:
        """Give the one value; None when there is none, or more than one."""
        values = self.values.get(attribute.lower(), [])
        return values[0] if len(values) == 1 else None

    def first(self, attribute: str) -> str | None:
        """Give any value, or None."""
        return next(iter(self.values.get(attribute.lower(), [])), None)


def user_faults(entry: Entry) -> Iterator[str]:
    """Tell what makes an entry no koppelgebruiker, though it is among them: a token must be of one, and of one administration.

    By schema and overlays some of this can't be; tooling that overrides them, and a load offline, can write all of it.
    """
    if entry.one("entryUUID") is None:
        yield NO_UUID
    if not BARE.fullmatch(entry.one("uid") or ""):
        yield NO_NAME
    if len(entry.values.get("owner", [])) != 1:
        yield NO_OWNER
    if not (entry.one("administratie") or "").strip():
        yield NO_ADMINISTRATIE


def to_user(entry: Entry) -> Koppelgebruiker:
    """Read a koppelgebruiker.

    Raises:
        EntryMalformed: it is none.
    """
    fault = next(user_faults(entry), None)
    if fault is not None:
        raise EntryMalformed(fault, entry.one("entryUUID") or "")
    return Koppelgebruiker(
        uid=(entry.one("uid") or "").upper(),
        entry_uuid=entry.one("entryUUID") or "",
        administratie=entry.one("administratie") or "",
        owner_dn=entry.one("owner") or "",
        password_changed=entry.one("pwdChangedTime"),
        locks=_locks(entry),
        released=entry.one("pwdReset") == "TRUE",
        revision=entry.one("entryCSN") or "",
    )


def to_owner(entry: Entry) -> Owner:
    """Read an owner. Raises `EntryMalformed` for an entry without an `entryUUID`."""
    entry_uuid = entry.one("entryUUID")
    if entry_uuid is None:
        raise EntryMalformed(NO_UUID)
    return Owner(
        dn=entry.dn,
        entry_uuid=entry_uuid,
        name=entry.first("cn") or "",
        mail=entry.one("mail"),  # of two, none is "the one address that mail goes to"
        language=_language(entry.first("preferredLanguage")),
        password_changed=entry.one("pwdChangedTime"),
        locks=_locks(entry),
    )


def _locks(entry: Entry) -> Locks:
    return Locks(*(entry.first(attribute) for attribute in LOCKS))


def _language(preferred: str | None) -> str:
    # RFC 2798 section 2.7: the form of an Accept-Language header, such as "en-GB, nl;q=0.5".
    return "en" if (preferred or "").strip().lower().startswith("en") else "nl"
