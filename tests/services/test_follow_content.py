"""Where the directory keeps no log, changes by others end, tell and audit the same, once; and what is hidden is not deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.audit import Personal
from idp.domain.directory_change import Kind, Values
from idp.domain.directory_entry import KnownEntry
from idp.domain.mail import Letter
from idp.errors import ChangesNotSynchronised, DirectoryUnavailable, EntriesMissing
from idp.services.follow_changes import FollowChanges
from idp.services.follow_content import PAGES_AT_ONCE, PATIENCE, FollowContent
from idp.services.missing_entries import FEW, SHARE
from tests.fakes.change_log import MemoryChangeLog
from tests.fakes.content import PAGE, MemoryContent
from tests.services.calls import Crash, raising
from tests.services.tokens import issue
from tests.services.world import ANNA_MAIL, NAME

if TYPE_CHECKING:
    from idp.domain.client import Client
    from idp.domain.mail import OutboxRow
    from tests.services.world import World

ADMIN = "cn=admin,dc=u4bsw,dc=nl"
ACTOR = f"operator:dn:{ADMIN}"
NOBODY_KNOWS = "operator:unknown"
LONG_PAST = "19700101000000Z"
FOR_EVER = "000001010000Z"


class Directory:
    """What is to be seen, an admin who changes it, and who follows that."""

    def __init__(self, world: World, *, names_gone: bool = True) -> None:
        self.world = world
        self.content = MemoryContent(names_gone=names_gone)
        self.log = MemoryChangeLog(missing=True)
        self.follow = FollowContent(self.content, FollowChanges(self.log, world.kept))
        user, anna = world.user(), world.anna
        self.user, self.anna = user.entry_uuid, anna.entry_uuid
        values: dict[str, Values] = {"uid": (NAME,), "administratie": ("A",), "pwdChangedTime": (user.password_changed or "",)}
        self.add(self.user, Kind.USER, f"uid={NAME},ou=koppelgebruikers", values)
        self.add(self.anna, Kind.OWNER, anna.dn, {"mail": (ANNA_MAIL,), "pwdChangedTime": ("20250101000000Z",)})
        for number in range(3):
            self.add(f"other-{number}", Kind.USER, f"uid=OTHER{number},ou=koppelgebruikers", {"uid": (f"OTHER{number}",)})
        self.follow.run_once()

    def add(self, entry_uuid: str, kind: Kind, dn: str, values: dict[str, Values]) -> None:
        """Add an entry."""
        self.content.write(KnownEntry(entry_uuid, kind, dn, "", values), ADMIN, self.world.clock.now())

    def write(self, attribute: str, *values: str, by_service: bool = False) -> str:
        """Write an attribute of the koppelgebruiker; gives its revision."""
        return self._write(self.user, attribute, values, ADMIN, by_service=by_service)

    def write_owner(self, attribute: str, *values: str, who: str = ADMIN, by_service: bool = False) -> str:
        """Write an attribute of its owner."""
        return self._write(self.anna, attribute, values, who, by_service=by_service)

    def new_password(self) -> str:
        """Write another password."""
        self.world.admin.set_password(NAME, "een wachtwoord van een ander")
        return self.write("pwdChangedTime", self.world.user().password_changed or "")

    def _write(self, entry_uuid: str, attribute: str, values: Values, who: str, *, by_service: bool) -> str:
        entry = self.content.entries[entry_uuid].entry
        left = {name: found for name, found in entry.values.items() if name != attribute}
        changed = replace(entry, values=left | ({attribute: values} if values else {}))
        return self.content.write(changed, who, self.world.clock.now(), by_service=by_service).entry.revision

    def told(self) -> tuple[list[tuple[str, str, str]], list[OutboxRow]]:
        """Follow; give what is new in the audit, and the letters."""
        before = len(self.world.audit())
        self.follow.run_once()
        events = [(event.action, event.actor, event.subject) for event in self.world.audit()[before:]]
        return events, self.world.take_letters()

    def live(self) -> int:
        """Count the grants that live."""
        with self.world.database.reading() as work:
            return len(work.grants.of_user(self.user))

    def remembered(self) -> set[str]:
        """Give whoever is remembered."""
        with self.world.database.reading() as work:
            return set().union(*(work.entries.uuids(kind) for kind in Kind))


@pytest.fixture
def directory(world: World, client: Client) -> Directory:
    """A koppelgebruiker with a password and a grant, remembered, in a directory that names what is gone."""
    issue(world, client)
    return Directory(world)


@pytest.fixture
def naming_present(world: World, client: Client) -> Directory:
    """The same in one that names what is there."""
    issue(world, client)
    return Directory(world, names_gone=False)


def test_the_first_time_it_only_remembers(directory: Directory) -> None:
    """A first start would tell all owners that they were added, and invite them."""
    assert [event.action for event in directory.world.audit() if event.action.startswith(("user.", "owner."))] == []
    assert directory.world.take_letters() == []
    assert len(directory.remembered()) == 5
    assert directory.told() == ([], [])


@pytest.mark.row("R20")
def test_a_new_password_ends_grants_and_is_confirmed_once(directory: Directory) -> None:
    """R20: a thief with an admin's rights would stay unseen; and the owner could not block what is theirs."""
    directory.new_password()
    events, (row,) = directory.told()
    assert events == [("user.password-changed", ACTOR, directory.user)]
    assert (row.letter, row.facts["user"], row.facts["bare"]) == (Letter.PASSWORD_CHANGED, directory.user, NAME)
    assert directory.live() == 0
    assert directory.told() == ([], [])


@pytest.mark.row("S46")
@pytest.mark.parametrize(("attribute", "value"), [("pwdEndTime", LONG_PAST), ("pwdAccountLockedTime", FOR_EVER)])
def test_a_block_ends_grants_and_is_told_once_and_its_end_is_audited(directory: Directory, attribute: str, value: str) -> None:
    """S46: when the block is lifted, a thief's tokens would work again."""
    directory.write(attribute, value)
    events, (row,) = directory.told()
    assert (events, row.letter) == ([("user.blocked", ACTOR, directory.user)], Letter.USER_BLOCKED)
    assert directory.live() == 0
    directory.write(attribute)
    assert directory.told() == ([("user.unblocked", ACTOR, directory.user)], [])


@pytest.mark.row("R25")
def test_the_former_address_is_told_of_a_new_one(directory: Directory) -> None:
    """R25: whoever talks support into another address would have the user, and its owner would not know."""
    directory.write_owner("mail", "anna@nieuw.example")
    events, letters = directory.told()
    assert events == [("owner.mail-changed", ACTOR, directory.anna)]
    assert [row.facts["to"] for row in letters if row.letter is Letter.MAIL_CHANGED] == [ANNA_MAIL]


def test_an_owner_is_told_of_a_portal_password_whoever_changed_it(directory: Directory) -> None:
    """Whoever has their password could take the portal over in silence."""
    directory.write_owner("pwdChangedTime", "20260101000000Z", who=directory.world.anna.dn.upper())
    events, (row,) = directory.told()
    assert events == [("portal-password.changed", "owner", directory.anna)]
    assert row.letter == Letter.PORTAL_PASSWORD_CHANGED


def test_all_the_rest_is_audited(directory: Directory) -> None:
    """A release, an administration, a policy: somebody changed it, and nobody could say who."""
    directory.write("pwdReset", "TRUE")
    assert directory.told() == ([("user.released", ACTOR, directory.user)], [])
    directory.write("administratie", "B")
    assert directory.told() == ([("user.changed", ACTOR, directory.user)], [])
    assert directory.world.audit("user.changed")[0].changes["administratie"].after == Personal("B", directory.user)
    directory.add("policy", Kind.OTHER, "cn=people,ou=policies", {})
    assert directory.told() == ([("directory.added", ACTOR, "policy")], [])
    directory.write("description")  # something that nobody remembers
    assert directory.told() == ([("user.changed", ACTOR, directory.user)], [])


def test_a_user_who_is_added_is_audited_and_their_owner_invited(directory: Directory) -> None:
    """R1: who is added by tooling would never hear of it."""
    directory.add("new", Kind.USER, "uid=NEW,ou=koppelgebruikers", {"uid": ("NEW",)})
    events, (row,) = directory.told()
    assert (events, row.letter, row.facts) == ([("user.added", ACTOR, "new")], Letter.INVITATION, {"user": "new"})


def test_a_rename_keeps_both_names_and_another_change_in_the_same_look_is_told_too(directory: Directory) -> None:
    """A thief's change would hide behind a rename."""
    former = directory.content.entries[directory.user].entry
    renamed = replace(former, dn="uid=U4BBGA0099,ou=koppelgebruikers", values={**former.values, "uid": ("U4BBGA0099",)})
    directory.content.write(renamed, ADMIN, directory.world.clock.now())
    directory.write("pwdEndTime", LONG_PAST)
    events, (row,) = directory.told()
    assert [event[0] for event in events] == ["user.renamed", "user.blocked"]
    names = directory.world.audit("user.renamed")[0].changes["uid"]
    assert (str(names.before), str(names.after), row.letter) == (NAME, "U4BBGA0099", Letter.USER_BLOCKED)


@pytest.mark.row("S46")
@pytest.mark.parametrize("kind", ["directory", "naming_present"])
def test_a_deletion_ends_grants_and_is_forgotten(request: pytest.FixtureRequest, kind: str) -> None:
    """S46: nothing of a user who is gone may look alive; nor may we keep what we knew of them."""
    directory: Directory = request.getfixturevalue(kind)
    directory.content.delete(directory.user)
    assert directory.told() == ([("user.deleted", NOBODY_KNOWS, directory.user)], [])
    assert directory.live() == 0
    assert directory.user not in directory.remembered()
    assert directory.told() == ([], [])


@pytest.mark.row("S46")
def test_a_user_who_became_something_else_is_gone(directory: Directory) -> None:
    """S46: a move between containers is a deletion for everybody else."""
    entry = directory.content.entries[directory.user].entry
    directory.content.write(replace(entry, kind=Kind.OWNER, dn="uid=x,ou=people"), ADMIN, directory.world.clock.now())
    assert [event[0] for event in directory.told()[0]] == ["user.deleted", "owner.added"]
    assert directory.live() == 0


# -- once ---------------------------------------------------------------------------------------------------------------------


def test_a_lost_position_tells_what_was_missed_and_nothing_else(directory: Directory) -> None:
    """After a restore, or a night of many changes, everything would be told anew, or the changes of that night never."""
    directory.write("pwdEndTime", LONG_PAST)
    assert len(directory.told()[1]) == 1
    directory.write_owner("mail", "anna@nieuw.example")
    directory.content.delete("other-0")
    directory.content.lost = True
    events, _ = directory.told()
    assert events == [("owner.mail-changed", ACTOR, directory.anna), ("user.deleted", NOBODY_KNOWS, "other-0")]
    assert directory.told() == ([], [])


def test_what_is_shown_without_having_changed_is_not_compared(directory: Directory) -> None:
    """A rule that hides an attribute from us would look like a password that was taken away, of everybody at once."""
    seen = directory.content.entries[directory.user]
    directory.content.entries[directory.user] = replace(seen, entry=replace(seen.entry, values={"uid": (NAME,)}))
    directory.content.lost = True
    assert directory.told() == ([], [])
    assert directory.live() == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_death_loses_nothing_and_doubles_nothing(directory: Directory, when: str, number: int) -> None:
    """Killed while it tells: an owner would never know, or read it twice."""
    directory.write("pwdEndTime", LONG_PAST)
    directory.write_owner("mail", "anna@nieuw.example")
    directory.content.delete("other-0")
    calls = directory.world.calls
    getattr(calls, when)[len(calls.names) + number - 1] = raising(Crash())
    with pytest.raises(Crash):
        directory.follow.run_once()
    for _ in range(2):
        directory.follow.run_once()
    letters = sorted(row.letter for row in directory.world.take_letters() if row.letter is not Letter.INVITATION)
    assert letters == [Letter.MAIL_CHANGED, Letter.USER_BLOCKED]
    for action in ("user.blocked", "owner.mail-changed", "user.deleted"):
        assert len(directory.world.audit(action)) == 1


@pytest.mark.parametrize("number", range(5))
def test_a_death_at_the_first_time_begins_again(world: World, client: Client, number: int) -> None:
    """Half of all users would be told as new, and their owners invited."""
    issue(world, client)
    world.calls.after[len(world.calls.names) + number] = raising(Crash())
    try:
        directory = Directory(world)
    except Crash:
        directory = Directory(world)
    assert directory.told() == ([], [])
    assert len(directory.remembered()) == 5
    assert [event for event in world.audit() if event.action == "user.added"] == []


def test_many_entries_are_read_in_steps(world: World, client: Client) -> None:
    """In a large directory, mail would wait until everybody was read."""
    issue(world, client)
    directory = Directory(world)
    crowded(directory, 2 * PAGES_AT_ONCE * PAGE)
    with world.database.transaction() as work:
        work.changes.move_bookmark("a position in a log")
    steps = []
    for _ in range(3):
        assert directory.follow.run_once() == 0
        steps.append(len(directory.remembered()))
    assert steps == [15, 30, 35]
    directory.write("pwdEndTime", LONG_PAST)
    directory.content.delete("many-0")
    directory.content.lost = True
    assert directory.told()[0] == [("user.blocked", ACTOR, directory.user)]
    directory.content.lost = False
    assert [directory.told()[0] for _ in range(3)] == [[], [("user.deleted", NOBODY_KNOWS, "many-0")], []]


def test_a_reading_that_a_log_came_between_is_not_gone_on_with(directory: Directory) -> None:
    """All who are still to be read would be told as new."""
    crowded(directory, 2 * PAGES_AT_ONCE * PAGE)
    directory.content.lost = True
    directory.follow.run_once()
    directory.log.missing = False
    directory.follow.changes.run_once()
    directory.content.lost = False
    added = len(directory.world.audit("user.added"))
    for _ in range(4):
        directory.follow.run_once()
    assert directory.remembered() == set(directory.content.entries)
    assert len(directory.world.audit("user.added")) == added


def test_a_reading_that_breaks_off_begins_again(directory: Directory) -> None:
    """Who was read before it broke off would not be among those who are there."""
    names = crowded(directory, 2 * PAGES_AT_ONCE * PAGE)
    directory.content.lost = True
    directory.follow.run_once()
    directory.content.away = True
    with pytest.raises(DirectoryUnavailable):
        directory.follow.run_once()
    directory.content.away = False
    for _ in range(3):
        directory.follow.run_once()
    assert directory.world.audit("user.deleted") == []
    assert set(names) < directory.remembered()


# -- what is ours -------------------------------------------------------------------------------------------------------------


def test_what_the_service_did_itself_is_not_told(directory: Directory) -> None:
    """Each reset would be confirmed twice."""
    directory.write("pwdChangedTime", "20270101000000Z", by_service=True)
    directory.write("pwdEndTime", LONG_PAST, by_service=True)
    assert directory.told() == ([], [])
    assert directory.live() == 1  # ended by whoever did it


@pytest.mark.row("R25")
def test_what_hides_behind_a_change_by_the_service_is_told(directory: Directory) -> None:
    """R25: a thief mends the address, and the owner's next log-in would hide it."""
    directory.write_owner("mail", "dief@nieuw.example")
    directory.write_owner("pwdChangedTime", "20270101000000Z", by_service=True)
    events, letters = directory.told()
    assert events == [("owner.mail-changed", NOBODY_KNOWS, directory.anna)]
    assert [row.facts["to"] for row in letters if row.letter is Letter.MAIL_CHANGED] == [ANNA_MAIL]


def test_what_a_command_told_is_not_told_again_but_what_hides_behind_it_is(directory: Directory) -> None:
    """Each release by support would be told twice; or would hide a password that was changed before it."""
    directory.new_password()
    revision = directory.write("pwdReset", "TRUE")
    with directory.world.database.transaction() as work:
        assert work.changes.claim(revision, directory.world.clock.now(), ("pwdReset",))
    events, (row,) = directory.told()
    assert events == [("user.password-changed", NOBODY_KNOWS, directory.user)]
    assert row.letter == Letter.PASSWORD_CHANGED
    assert directory.live() == 0


def test_a_user_who_was_invited_by_a_command_is_not_told_as_added(directory: Directory) -> None:
    """Their owner would be invited twice."""
    directory.add("new", Kind.USER, "uid=NEW,ou=koppelgebruikers", {"uid": ("NEW",)})
    with directory.world.database.transaction() as work:
        assert work.changes.claim(directory.content.entries["new"].entry.revision, directory.world.clock.now())
    assert directory.told() == ([], [])


def test_what_was_told_here_is_not_told_by_the_command_that_is_slower(directory: Directory) -> None:
    """The worker may see a change before the command that made it has come to tell it."""
    revision = directory.write("pwdEndTime", LONG_PAST)
    directory.told()
    with directory.world.database.transaction() as work:
        assert not work.changes.claim(revision, directory.world.clock.now())


# -- what is doubtful ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["directory", "naming_present"])
def test_a_broken_access_rule_ends_nothing(request: pytest.FixtureRequest, kind: str) -> None:
    """An operator at three in the night would lose every coupling of every customer."""
    directory: Directory = request.getfixturevalue(kind)
    directory.content.hidden.add(Kind.USER)
    directory.write("administratie", "B")
    directory.write_owner("mail", "anna@nieuw.example")
    remembered = directory.remembered()
    with pytest.raises(EntriesMissing):
        directory.follow.run_once()
    directory.world.clock.go(2 * PATIENCE)
    directory.content.lost = True
    with pytest.raises(EntriesMissing):
        directory.follow.run_once()
    assert (directory.live(), directory.remembered()) == (1, remembered)
    assert [event.action for event in directory.world.audit("owner.mail-changed")] == ["owner.mail-changed"]
    directory.content.hidden.clear()
    directory.content.lost = False
    assert directory.told()[0] == [("user.changed", ACTOR, directory.user)]
    assert directory.live() == 1


def test_the_first_time_nobody_is_taken_for_nobody_who_is_hidden(world: World, client: Client) -> None:
    """When the rule is mended, all users would be told as new."""
    issue(world, client)
    directory = Directory(world)
    fresh = FollowContent(directory.content, FollowChanges(directory.log, world.kept))
    with world.database.transaction() as work:
        work.changes.move_bookmark("a position in a log")
    directory.content.hidden.add(Kind.USER)
    with pytest.raises(EntriesMissing):
        fresh.run_once()
    directory.content.hidden.clear()
    assert (fresh.run_once(), fresh.run_once()) == (0, 0)
    assert len(directory.remembered()) == 5


@pytest.mark.parametrize("pages", [0, 1])
def test_an_answer_that_breaks_off_says_nothing_of_who_was_not_in_it(directory: Directory, pages: int) -> None:
    """Who was not read before the connection broke would be taken for deleted."""
    directory.content.lost = True
    directory.content.pages = pages
    with pytest.raises(DirectoryUnavailable):
        directory.follow.run_once()
    assert (directory.live(), len(directory.remembered())) == (1, 5)
    directory.content.pages = None
    assert directory.told() == ([], [])


def crowded(directory: Directory, count: int) -> list[str]:
    """Add many users, and let them be remembered."""
    names = [f"many-{number}" for number in range(count)]
    for name in names:
        directory.add(name, Kind.USER, f"uid={name},ou=koppelgebruikers", {"uid": (name,)})
    directory.told()
    return names


def test_many_who_are_missing_without_a_word_are_believed_to_be_gone_after_a_week(naming_present: Directory) -> None:
    """A rule that hides half of all users would end their couplings; or those who are gone would be remembered for ever."""
    directory = naming_present
    names = crowded(directory, FEW + 1)
    for name in names:
        directory.content.delete(name)
    with pytest.raises(EntriesMissing):
        directory.follow.run_once()
    directory.write("pwdEndTime", LONG_PAST)
    directory.world.clock.go(PATIENCE - timedelta(seconds=1))
    with pytest.raises(EntriesMissing):
        directory.follow.run_once()
    assert directory.world.audit("user.deleted") == []
    assert len(directory.world.audit("user.blocked")) == 1
    directory.world.clock.go(timedelta(seconds=1))
    directory.follow.run_once()
    assert {event.subject for event in directory.world.audit("user.deleted")} == set(names)
    assert not directory.remembered() & set(names)


def test_a_small_share_of_many_is_believed(naming_present: Directory) -> None:
    """A customer of thousands who deletes some tens would read of it a week later."""
    names = crowded(naming_present, SHARE * (FEW + 1))
    for name in names[: FEW + 1]:
        naming_present.content.delete(name)
    naming_present.told()
    assert len(naming_present.world.audit("user.deleted")) == FEW + 1


def test_a_doubt_that_was_cleared_up_does_not_count_for_the_next(naming_present: Directory) -> None:
    """A rule that is broken a second time, a week later, would end everything at once."""
    directory = naming_present
    names = crowded(directory, FEW + 1)
    entries = dict(directory.content.entries)
    for name in names:
        directory.content.delete(name)
    with pytest.raises(EntriesMissing):
        directory.follow.run_once()
    directory.content.entries |= entries
    directory.follow.run_once()
    directory.world.clock.go(2 * PATIENCE)
    for name in names:
        directory.content.delete(name)
    with pytest.raises(EntriesMissing):
        directory.follow.run_once()
    assert directory.world.audit("user.deleted") == []


def test_many_of_whom_the_directory_says_so_are_gone(directory: Directory) -> None:
    """A customer's spring cleaning would be audited a week late."""
    names = crowded(directory, FEW + 1)
    for name in names:
        directory.content.delete(name)
    directory.told()
    assert {event.subject for event in directory.world.audit("user.deleted")} == set(names)


# -- with and without a log ---------------------------------------------------------------------------------------------------


def test_with_a_log_nobody_is_remembered_and_without_it_it_begins_anew(directory: Directory) -> None:
    """Addresses of people would be kept for nothing; and what the log told would be told again."""
    directory.log.missing = False
    log = directory.follow.changes
    log.run_once()
    assert directory.remembered() == set()
    directory.write("pwdEndTime", LONG_PAST)  # told by the log, say
    assert directory.told() == ([], [])
    assert len(directory.remembered()) == 5
    directory.write("pwdEndTime")
    assert [event[0] for event in directory.told()[0]] == ["user.unblocked"]
    assert log.run_once() == 0
    assert directory.remembered() == set()


def test_away_and_not_to_be_followed_are_said(directory: Directory) -> None:
    """The worker could not tell whether to wait or to go on without."""
    directory.content.missing = True
    with pytest.raises(ChangesNotSynchronised):
        directory.follow.run_once()
    directory.content.away = True
    with pytest.raises(DirectoryUnavailable):
        directory.follow.run_once()
