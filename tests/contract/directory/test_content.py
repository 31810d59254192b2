"""Where a directory keeps no log, it is followed by what it shows: slapd, in both ways to tell of deletions, and the fake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from idp.domain.directory_change import Kind
from idp.domain.directory_entry import KnownEntry, SeenEntry
from idp.errors import ChangesNotSynchronised, DirectoryUnavailable, PositionLost
from tests.fakes.content import MemoryContent
from tests.slapd import BASE_DN, PEOPLE_DN, USERS_DN, RunningSlapd
from tests.unlogged_slapd import hide, show

if TYPE_CHECKING:
    from idp.adapters.ldap import LdapDirectory
    from idp.ports.changes import Content, Refresh

ADMIN_DN = f"cn=admin,{BASE_DN}"
CLASSES = "objectClass: account\nobjectClass: koppelgebruiker\nowner: cn=x\n"

Do = Callable[[str], None]


@dataclass(frozen=True)
class Followed:
    """A directory's content, and hands to reach into it. A user is named by its uid, an owner by theirs.

    Args:
        content: as the service has it.
        add_user: a koppelgebruiker.
        add_owner: an owner.
        change: writes a user's administration.
        rename: gives a user another name, with an X before it.
        delete: a user.
        hide: users from the service, or, for an empty word, no more.
        go_away: makes the directory answer nobody.
    """

    content: Content
    add_user: Do
    add_owner: Do
    change: Do
    rename: Do
    delete: Do
    hide: Do
    go_away: Callable[[], None]

    def all(self) -> dict[str, SeenEntry]:
        """Read everything, by uid."""
        return {seen.entry.uid: seen for page in self.content.everything() for seen in page}

    def uuid(self, uid: str) -> str:
        """Give an `entryUUID`."""
        return self.all()[uid].entry.entry_uuid


def on_slapd(slapd: RunningSlapd, directory: LdapDirectory) -> Followed:
    """Reach into a real one."""

    def user_dn(uid: str) -> str:
        return f"uid={uid},{USERS_DN}"

    def add_owner(uid: str) -> None:
        slapd.tool(
            "ldapadd", ldif=f"dn: uid={uid},{PEOPLE_DN}\nobjectClass: inetOrgPerson\ncn: A\nsn: A\nmail: {uid}@example.nl\n"
        )

    def hide_or_show(word: str) -> None:
        hide(slapd, USERS_DN) if word else show(slapd)

    return Followed(
        directory.content,
        lambda uid: slapd.modify(f"dn: {user_dn(uid)}\nchangetype: add\n{CLASSES}administratie: A\n"),
        add_owner,
        lambda uid: slapd.write(user_dn(uid), "administratie", "B"),
        lambda uid: slapd.modify(f"dn: {user_dn(uid)}\nchangetype: modrdn\nnewrdn: uid=X{uid}\ndeleteoldrdn: 1\n"),
        lambda uid: slapd.modify(f"dn: {user_dn(uid)}\nchangetype: delete\n"),
        hide_or_show,
        slapd.stop,
    )


def in_memory(content: MemoryContent) -> Followed:
    """Reach into the fake."""
    uuids: dict[str, str] = {}

    def add(kind: Kind, uid: str, values: dict[str, tuple[str, ...]]) -> None:
        uuids[uid] = str(uuid4())
        container = USERS_DN if kind is Kind.USER else PEOPLE_DN
        content.write(KnownEntry(uuids[uid], kind, f"uid={uid},{container}", "", {"uid": (uid,)} | values), ADMIN_DN)

    def change(uid: str) -> None:
        content.set_values(uuids[uid], {"administratie": ("B",)}, ADMIN_DN)

    def rename(uid: str) -> None:
        former, new = content.entries[uuids[uid]].entry, f"X{uid}"
        content.write(replace(former, dn=f"uid={new},{USERS_DN}", values={**former.values, "uid": (new,)}))

    def go_away() -> None:
        content.away = True

    return Followed(
        content,
        lambda uid: add(Kind.USER, uid, {"administratie": ("A",), "owner": ("cn=x",)}),
        lambda uid: add(Kind.OWNER, uid, {"mail": (f"{uid}@example.nl",)}),
        change,
        rename,
        lambda uid: content.delete(uuids[uid]),
        lambda word: content.hidden.add(Kind.USER) if word else content.hidden.clear(),
        go_away,
    )


@pytest.fixture(params=["naming_gone", "naming_present", "memory naming gone", "memory naming present"])
def followed(request: pytest.FixtureRequest, open_directory: Callable[..., LdapDirectory]) -> Followed:
    """Each in turn, with three users and an owner."""
    if request.param.startswith("memory"):
        found = in_memory(MemoryContent(names_gone=request.param.endswith("gone")))
    else:
        slapd: RunningSlapd = request.getfixturevalue(request.param)
        found = on_slapd(slapd, open_directory(slapd))
    for uid in ("U1", "U2", "U3"):
        found.add_user(uid)
    found.add_owner("anna")
    return found


def gone(refresh: Refresh, *uuids: str) -> bool:
    """Tell whether these, and no others of the three users and the owner, are told to be gone."""
    if refresh.present is None:
        return refresh.gone == set(uuids)
    return not refresh.present & set(uuids) and len(refresh.present) >= 4 - len(uuids)


def test_nothing_new_is_nothing(followed: Followed) -> None:
    """Each look would tell everything anew."""
    position = followed.content.now()
    refresh = followed.content.since(position)
    assert (refresh.position, list(refresh.entries), refresh.gone, refresh.present) == (position, [], frozenset(), None)


def test_a_changed_entry_is_given_as_it_is_now_and_who_changed_it_last(followed: Followed) -> None:
    """A change by an admin would be nobody's, or not be seen at all."""
    former, position = followed.all()["U2"].entry, followed.content.now()
    followed.change("U2")
    refresh = followed.content.since(position)
    (seen,) = refresh.entries
    assert (seen.who, seen.by_service, seen.entry.kind, seen.entry.uid) == (ADMIN_DN, False, Kind.USER, "U2")
    assert (seen.entry.values["administratie"], seen.entry.values["owner"]) == (("B",), ("cn=x",))
    assert (seen.entry.entry_uuid, seen.entry.dn) == (former.entry_uuid, former.dn)
    assert seen.entry.revision > former.revision
    assert abs(seen.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert gone(refresh)
    assert not followed.content.since(refresh.position).entries


def test_the_same_position_gives_the_same_again(followed: Followed) -> None:
    """Who died before it was told would lose it."""
    position = followed.content.now()
    followed.change("U2")
    assert followed.content.since(position).entries == followed.content.since(position).entries


def test_an_entry_that_comes_and_one_with_another_name(followed: Followed) -> None:
    """A new user's owner would not be invited, and a rename would look like another user."""
    uuid, position = followed.uuid("U1"), followed.content.now()
    followed.add_user("U4")
    followed.rename("U1")
    refresh = followed.content.since(position)
    assert {seen.entry.uid for seen in refresh.entries} == {"U4", "XU1"}
    assert uuid in {seen.entry.entry_uuid for seen in refresh.entries}
    assert gone(refresh)


def test_an_entry_that_goes(followed: Followed) -> None:
    """Grants of a user who is gone would be kept as if they were alive."""
    uuid, position = followed.uuid("U1"), followed.content.now()
    followed.delete("U1")
    refresh = followed.content.since(position)
    assert gone(refresh, uuid)
    assert not refresh.entries
    assert followed.content.shows(Kind.USER, [followed.uuid("U2")])


def test_one_under_the_same_name_is_another(followed: Followed) -> None:
    """What the former one was given would look alive."""
    uuid, position = followed.uuid("U1"), followed.content.now()
    followed.delete("U1")
    followed.add_user("U1")
    refresh = followed.content.since(position)
    assert gone(refresh, uuid)
    assert [seen.entry.uid for seen in refresh.entries] == ["U1"]
    assert refresh.entries[0].entry.entry_uuid != uuid


def test_everything_is_everything(followed: Followed) -> None:
    """The first look would remember half, and tell the other half as new."""
    entries = {uid: seen.entry for uid, seen in followed.all().items()}
    assert {uid: entry.kind for uid, entry in entries.items() if entry.kind is not Kind.OTHER} == {
        "U1": Kind.USER,
        "U2": Kind.USER,
        "U3": Kind.USER,
        "anna": Kind.OWNER,
    }
    assert entries["anna"].values["mail"] == ("anna@example.nl",)


def test_who_is_hidden_is_not_taken_for_gone(followed: Followed) -> None:
    """A broken access rule would end the couplings of all customers."""
    others = [followed.uuid("U2"), followed.uuid("U3")]
    followed.hide("users")
    shown = followed.content.shows(Kind.USER, others), followed.content.shows(Kind.USER, ())
    owners = followed.content.shows(Kind.OWNER, ())
    followed.hide("")
    assert (shown, owners) == ((False, False), False)
    assert followed.content.shows(Kind.USER, others)


def test_when_the_last_one_is_gone_that_shows(followed: Followed) -> None:
    """The deletion of the only user would be in doubt for ever."""
    for uid in ("U1", "U2", "U3"):
        assert not followed.content.shows(Kind.USER, ())
        followed.delete(uid)
    assert followed.content.shows(Kind.USER, ())


def test_a_position_of_the_future_is_lost(followed: Followed) -> None:
    """After a backup was restored, nothing would be noticed until time has caught up."""
    position = followed.content.now().replace("csn=20", "csn=21")
    with pytest.raises(PositionLost):
        followed.content.since(position if "csn" in position else f"{position}000")


def test_away_is_away(followed: Followed) -> None:
    """And not a directory in which nobody is."""
    position = followed.content.now()
    followed.go_away()
    for question in (followed.content.now, lambda: followed.content.since(position), followed.all):
        with pytest.raises(DirectoryUnavailable):
            question()
    with pytest.raises(DirectoryUnavailable):
        followed.content.shows(Kind.USER, ())


@pytest.mark.parametrize("where", ["slapd", "memory"])
def test_a_directory_that_does_not_synchronise_says_so(
    request: pytest.FixtureRequest, open_directory: Callable[..., LdapDirectory], where: str
) -> None:
    """The worker must be told so, and not that nothing ever changes."""
    content: Content = MemoryContent(missing=True)
    if where == "slapd":
        content = open_directory(request.getfixturevalue("slapd")).content
    with pytest.raises(ChangesNotSynchronised):
        content.now()
    with pytest.raises(ChangesNotSynchronised):
        content.since("rid=000,csn=20260304100000.000001Z#000000#000#000000")
