"""A koppelgebruiker that an owner names: theirs, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.errors import UnknownUser

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp.domain.people import Koppelgebruiker, Owner
    from idp.ports.directory import Directory


def own_user(directory: Directory, owner: Owner, uid: str) -> Koppelgebruiker:
    """Give the koppelgebruiker of this name, read live: whose it is, the directory says each time.

    Args:
        directory: where it is looked up.
        owner: who names it, logged in.
        uid: the bare name; anything.

    Raises:
        UnknownUser: not one of this owner's.
    """
    return _first(user for user in directory.users_of(owner) if user.uid == uid)


def own_entry(directory: Directory, owner: Owner, entry_uuid: str) -> Koppelgebruiker:
    """Give the koppelgebruiker of this `entryUUID`, as `own_user`: where its name may not stand, as in an address."""
    return _first(user for user in directory.users_of(owner) if user.entry_uuid == entry_uuid)


def _first(users: Iterable[Koppelgebruiker]) -> Koppelgebruiker:
    for user in users:
        return user
    raise UnknownUser
