"""Entries, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from idp.domain.people import Koppelgebruiker, Locks, Owner

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def to_user(entry: Entry) -> Koppelgebruiker | None:
    """Read a koppelgebruiker; None for an entry that lacks what makes one, or has two names or two owners."""
    uid, entry_uuid, owner_dn = entry.one("uid"), entry.one("entryUUID"), entry.one("owner")
    if uid is None or entry_uuid is None or owner_dn is None:
        return None
    return Koppelgebruiker(
        uid=uid.upper(),
        entry_uuid=entry_uuid,
        administratie=entry.first("administratie") or "",
        owner_dn=owner_dn,
        password_changed=entry.one("pwdChangedTime"),
        locks=_locks(entry),
        released=entry.one("pwdReset") == "TRUE",
        revision=entry.one("entryCSN") or "",
    )


def to_owner(entry: Entry) -> Owner | None:
    """Read an owner; None for an entry without an `entryUUID`."""
    entry_uuid = entry.one("entryUUID")
    if entry_uuid is None:
        return None
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
