"""A letter that has somewhere to go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp.domain.capability import Purpose
from idp.errors import LetterWaits, UnknownUser

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.domain.digests import KeyedDigests
    from idp.domain.people import Koppelgebruiker, Owner
    from idp.ports.directory import Directory


@dataclass(frozen=True, slots=True)
class Addressed:
    """A letter with its address.

    Args:
        to: one address.
        language: of the letter.
        facts: what it names; may hold a link with a secret.
        mailbox: keyed digest of the address.
        subject: `entryUUID` of whom it is about, for the audit.
    """

    to: str = field(repr=False)
    language: str
    facts: Mapping[str, str] = field(repr=False)
    mailbox: str
    subject: str


@dataclass(frozen=True, slots=True)
class Addressing:
    """Writes addresses."""

    digests: KeyedDigests

    def to_owner(self, owner: Owner, subject: str, facts: Mapping[str, str]) -> Addressed:
        """Address a letter to its owner. Raises `LetterWaits` when the directory has not the one address that mail can go to."""
        if owner.address is None:
            wrong = "mail-address"
            raise LetterWaits(wrong, subject, owner.entry_uuid)
        return self.to(owner.address, owner, subject, facts)

    def to(self, address: str, owner: Owner, subject: str, facts: Mapping[str, str]) -> Addressed:
        """Address a letter to an owner under any address.

        Args:
            address: where it goes.
            owner: who is greeted, in their language.
            subject: whom it is about.
            facts: what it names.
        """
        mailbox = self.digests.digest(Purpose.MAILBOX, address.casefold())
        return Addressed(address, owner.language, {"name": owner.name, **facts}, mailbox, subject)


def owner_of(directory: Directory, user: Koppelgebruiker) -> Owner:
    """Read whose koppelgebruiker it is. Raises `LetterWaits` when that is nobody."""
    try:
        return directory.find_owner(user.owner_dn)
    except UnknownUser as exc:
        wrong = "owner"
        raise LetterWaits(wrong, user.entry_uuid, user.entry_uuid) from exc
