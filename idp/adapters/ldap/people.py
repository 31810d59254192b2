"""Reading koppelgebruikers and owners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ldap3 import BASE, DEREF_NEVER, LEVEL, SUBTREE
from ldap3.core.results import (
    RESULT_INVALID_DN_SYNTAX,
    RESULT_NO_SUCH_OBJECT,
    RESULT_REFERRAL,
    RESULT_SUCCESS,
)

from idp.adapters.ldap.border import TooMuchToRead, border, refusal
from idp.adapters.ldap.entries import BARE, OWNER_ATTRIBUTES, USER_ATTRIBUTES, Entry, to_owner, to_user
from idp.adapters.ldap.spelling import can_be_looked_up, equals, every, negated, present
from idp.adapters.ldap.telling import Telling
from idp.errors import DirectoryRefuses, EntryMalformed, LookUpsNotIndexed, UnknownUser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldap3 import Connection

    from idp.adapters.ldap.lane import Lane
    from idp.adapters.ldap.tree import Tree
    from idp.domain.people import Koppelgebruiker, Owner

_PAGE = 200  # entries; below the smallest limit that servers come with
_PAGED = "1.2.840.113556.1.4.319"  # RFC 2696

NOBODY = "?"
"""A name and an address that no entry can have: they are looked up where what was typed can't exist either."""

NOBODYS_UUID = "00000000-0000-0000-0000-000000000000"
"""RFC 9562 section 5.9: the nil UUID."""

USERS = equals("objectClass", "koppelgebruiker")
OWNERS = equals("objectClass", "person")

_NOTHING_THERE = (RESULT_NO_SUCH_OBJECT, RESULT_INVALID_DN_SYNTAX, RESULT_REFERRAL)
"""A referral is not followed: what another server holds, or says it does, is nobody here."""

Scope = Literal["BASE", "LEVEL", "SUBTREE"]


@dataclass(frozen=True, slots=True)
class Search:
    """A question to the directory.

    Args:
        base: DN where it begins.
        scope: how far it goes.
        condition: a filter, made by `spelling`.
        attributes: to read.
        by: the attribute that few are looked up by; empty for a list.
    """

    base: str
    scope: Scope
    condition: str
    attributes: tuple[str, ...]
    by: str = ""

    def pages(self, connection: Connection) -> Iterator[list[Entry]]:
        """Read all that is found, page by page, on one connection.

        Raises:
            LookUpsNotIndexed: the server would have to read too many entries for a look-up.
            TooMuchToRead: likewise, for a list.
            DirectoryUnavailable: no answer, or none that makes sense. (To whom may not read, slapd says that nothing is there.)
        """
        cookie: bytes | None = None
        while cookie != b"":
            with border():
                connection.search(
                    self.base,
                    self.condition,
                    search_scope=self.scope,
                    dereference_aliases=DEREF_NEVER,
                    attributes=list(self.attributes),
                    paged_size=_PAGE,
                    paged_cookie=cookie,
                )
                found = [Entry.read(entry) for entry in connection.response or [] if entry["type"] == "searchResEntry"]
                code = int(connection.result["result"])
                controls = connection.result.get("controls", {})
                cookie = bytes(controls[_PAGED]["value"]["cookie"]) if _PAGED in controls else b""
            self._assert_answered(code)
            yield found

    def all(self, connection: Connection) -> list[Entry]:
        """Read all that is found. Raises as `pages`."""
        return [entry for page in self.pages(connection) for entry in page]

    def _assert_answered(self, code: int) -> None:
        if code == RESULT_SUCCESS or (code in _NOTHING_THERE and not self.by):
            return
        if code in _NOTHING_THERE:  # not the entry, but all of them: nobody may be told that they don't exist
            message = f"The directory does not show the service {self.base}."
            raise DirectoryRefuses(message)
        error = refusal(code)
        if self.by and isinstance(error, TooMuchToRead):
            raise LookUpsNotIndexed(self.by) from error
        raise error


def look_ups(tree: Tree) -> Iterator[Search]:
    """Give a look-up of each kind, for values that no entry has: a server that answers them all has the indexes for them."""
    for attribute, value in (("uid", NOBODY), ("owner", tree.people_dn), ("entryUUID", NOBODYS_UUID)):
        yield users_by(tree, attribute, value)
    for attribute, value in (("mail", NOBODY), ("entryUUID", NOBODYS_UUID)):
        yield owners_by(tree, attribute, value)


def container_of_users(tree: Tree) -> Search:
    """Look whether users could be found at all. What the schema doesn't know matches nothing, in the negative neither."""
    return Search(tree.users_dn, BASE, every(negated(USERS), negated(present("administratie"))), ("1.1",))


def users_by(tree: Tree, attribute: str, value: str) -> Search:
    """Look koppelgebruikers up."""
    return Search(tree.users_dn, LEVEL, every(USERS, equals(attribute, value)), USER_ATTRIBUTES, attribute)


def owners_by(tree: Tree, attribute: str, value: str) -> Search:
    """Look owners up."""
    return Search(tree.people_dn, SUBTREE, every(OWNERS, equals(attribute, value)), OWNER_ATTRIBUTES, attribute)


class People:
    """Koppelgebruikers and owners, read live at every call.

    Args:
        lane: connections of whoever reads.
        tree: where entries are.
    """

    def __init__(self, lane: Lane, tree: Tree) -> None:
        self._lane = lane
        self._tree = tree
        self._telling = Telling()

    def find_user(self, bare: str | None) -> Koppelgebruiker:
        """Read a koppelgebruiker by its bare name.

        Args:
            bare: normalised name; None, or what can't be a name, is looked up as well, under a name that can't exist.

        Raises:
            UnknownUser: there is none, or none that is right.
        """
        name = bare if bare is not None and BARE.fullmatch(bare) else NOBODY
        user = self._one_user("uid", name)
        if user.uid != name.upper():  # slapd forgives spaces
            raise UnknownUser
        return user

    def find_user_by_uuid(self, entry_uuid: str) -> Koppelgebruiker:
        """Read a koppelgebruiker by `entryUUID`. Raises `UnknownUser`."""
        return self._one_user("entryUUID", _possible(entry_uuid))

    def users_of(self, owner: Owner) -> list[Koppelgebruiker]:
        """Read the koppelgebruikers of one owner, ordered by name."""
        users = self._right_ones(self._lane.ask(users_by(self._tree, "owner", owner.dn).all))
        return sorted(users, key=lambda user: user.uid)

    def find_owner(self, dn: str) -> Owner:
        """Read an owner by DN. Raises `UnknownUser`, for a DN outside the people's container too."""
        if not self._tree.is_person(dn):
            raise UnknownUser
        return self._one_owner(Search(dn, BASE, OWNERS, OWNER_ATTRIBUTES))

    def find_owner_by_uuid(self, entry_uuid: str) -> Owner:
        """Read an owner by `entryUUID`. Raises `UnknownUser`."""
        return self._one_owner(owners_by(self._tree, "entryUUID", _possible(entry_uuid)))

    def find_owner_by_mail(self, mail: str) -> Owner:
        """Read an owner by mail address, exactly one. Raises `UnknownUser`."""
        owner = self._one_owner(owners_by(self._tree, "mail", _possible(mail)))
        if owner.mail is None:
            fault = "with two mail addresses"
            raise self._told(fault, owner.entry_uuid)
        if owner.mail.lower() != mail.lower():  # slapd forgives spaces
            raise UnknownUser
        return owner

    def _right_ones(self, entries: list[Entry]) -> Iterator[Koppelgebruiker]:
        for entry in entries:
            try:
                yield to_user(entry)
            except EntryMalformed as exc:
                self._telling.malformed(exc)

    def _one_user(self, attribute: str, value: str) -> Koppelgebruiker:
        entry = self._one(users_by(self._tree, attribute, value))
        try:
            return to_user(entry)
        except EntryMalformed as exc:
            self._telling.malformed(exc)
            raise

    def _one_owner(self, search: Search) -> Owner:
        return to_owner(self._one(search))

    def _one(self, search: Search) -> Entry:
        found = self._lane.ask(search.all)
        if not found:
            raise UnknownUser
        if len(found) > 1:
            fault = f"with the same {search.by} as another entry"
            raise self._told(fault, found[0].one("entryUUID") or "")
        return found[0]

    def _told(self, fault: str, entry_uuid: str) -> EntryMalformed:
        error = EntryMalformed(fault, entry_uuid)
        self._telling.malformed(error)
        return error


def _possible(value: str) -> str:
    return value if value and can_be_looked_up(value) else NOBODY
