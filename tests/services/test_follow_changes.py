"""Changes that others made in the directory end what they must end, are told to whom they concern, and are audited."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from idp.domain.audit import Change, Personal
from idp.domain.capability import Purpose
from idp.domain.directory_change import DirectoryChange, Kind, What
from idp.domain.mail import Letter
from idp.errors import ChangesNotLogged, DirectoryUnavailable
from idp.services.follow_changes import BATCH, FollowChanges
from tests.fakes.change_log import MemoryChangeLog
from tests.services.calls import Crash, raising
from tests.services.composition import DIGESTS
from tests.services.tokens import issue
from tests.services.world import ANNA_MAIL, NAME, PASSWORD

if TYPE_CHECKING:
    from idp.domain.client import Client
    from idp.domain.mail import OutboxRow
    from idp.domain.people import Seen
    from tests.services.world import NewWorld, World

ADMIN = "cn=admin,dc=u4bsw,dc=nl"
LONG_PAST = "19700101000000Z"
FOR_EVER = "000001010000Z"
ACTOR = f"operator:dn:{ADMIN}"


class Directory:
    """The log, and an admin who writes into it what a real one would."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.log = MemoryChangeLog()
        self.follow = FollowChanges(self.log, world.kept)
        self.follow.run_once()

    def user(self, what: What = What.MODIFIED, **facts: Any) -> DirectoryChange:  # noqa: ANN401  # fields of a change
        """Log a change of the koppelgebruiker."""
        user = self.world.user()
        return self._log(what, Kind.USER, f"uid={NAME},ou=koppelgebruikers", user.entry_uuid, uid=NAME, **facts)

    def owner(self, what: What = What.MODIFIED, **facts: Any) -> DirectoryChange:  # noqa: ANN401  # likewise
        """Log a change of its owner."""
        return self._log(what, Kind.OWNER, self.world.anna.dn, self.world.anna.entry_uuid, **facts)

    def other(self, dn: str) -> DirectoryChange:
        """Log a change of something else."""
        return self._log(What.MODIFIED, Kind.OTHER, dn, "uuid-9", changed=("pwdMinAge",))

    def new_password(self, **facts: Any) -> DirectoryChange:  # noqa: ANN401  # likewise
        """Write another password, and log it."""
        before = self.world.user().password_changed
        self.world.admin.set_password(NAME, "een wachtwoord van een ander")
        after = self.world.user().password_changed
        assert before
        assert after
        former, new = {"pwdChangedTime": (before,)}, {"pwdChangedTime": (after,)}
        return self.user(changed=("pwdChangedTime",), before=former, after=new, **facts)

    def lock(self, attribute: str, value: str | None, former: str | None = None) -> DirectoryChange:
        """Log a lock that is set or lifted."""
        before = {attribute: (former,)} if former else {}
        after = {attribute: (value,)} if value else {}
        return self.user(changed=(attribute,), before=before, after=after)

    def _log(self, what: What, kind: Kind, dn: str, entry_uuid: str, **facts: Any) -> DirectoryChange:  # noqa: ANN401  # likewise
        at = self.world.clock.now() - timedelta(seconds=1)
        position = f"{len(self.log.changes) + 1:09d}"
        change = DirectoryChange(position, at, ADMIN, by_service=False, what=what, kind=kind, dn=dn, entry_uuid=entry_uuid)
        self.log.changes.append(replace(change, **facts))
        return self.log.changes[-1]

    def told(self) -> tuple[list[tuple[str, str, str]], list[OutboxRow]]:
        """Follow; give what is new in the audit, and the letters."""
        before = len(self.world.audit())
        self.follow.run_once()
        events = [(event.action, event.actor, event.subject) for event in self.world.audit()[before:]]
        return events, self.world.take_letters()


@pytest.fixture
def directory(world: World, client: Client) -> Directory:
    """A koppelgebruiker with a password and a grant."""
    issue(world, client)
    return Directory(world)


def live(world: World) -> list[Seen | None]:
    """Give what the grants that live were given with."""
    with world.database.reading() as work:
        return [grant.seen for grant in work.grants.of_user(world.user().entry_uuid)]


@pytest.mark.row("R20")
def test_a_password_changed_by_tooling_ends_grants_and_is_confirmed(world: World, directory: Directory) -> None:
    """R20: a thief with an admin's rights would stay unseen; and the owner could not block what is theirs."""
    change = directory.new_password()
    events, (row,) = directory.told()
    user = world.user()
    assert events == [("user.password-changed", ACTOR, user.entry_uuid)]
    assert (row.letter, row.facts) == (
        Letter.PASSWORD_CHANGED,
        {"user": user.entry_uuid, "bare": NAME, "at": change.at.isoformat()},
    )
    assert world.kept.find(Purpose.NOT_ME, DIGESTS.derive(Purpose.NOT_ME, row.id)).facts["user"] == user.entry_uuid
    assert live(world) == []
    (event,) = world.audit("user.password-changed")
    assert (event.at, event.detail) == (change.at, {"position": change.position, "grants": "1"})


def test_a_grant_given_with_the_new_password_lives_on(world: World, directory: Directory, client: Client) -> None:
    """A bank that was given the new password before the worker came to it would be shut out without a reason."""
    directory.new_password()
    issue(world, client)
    directory.told()
    assert live(world) == [world.user().seen]


def test_each_grant_given_with_a_former_password_ends(world: World, directory: Directory) -> None:
    """A thief with two applications would go on with one."""
    issue(world, world.client("ing"))
    directory.new_password()
    directory.told()
    assert (live(world), world.audit("user.password-changed")[0].detail["grants"]) == ([], "2")


@pytest.mark.parametrize("moment", ["20250101000000Z", "the same second"])
def test_a_password_that_is_no_newer_ends_the_former_ones_grants(world: World, directory: Directory, moment: str) -> None:
    """After a clock that was set back, or a second change within the second, the thief's tokens would live on."""
    former = world.user().password_changed or ""
    after = {"pwdChangedTime": (former if moment == "the same second" else moment,)}
    directory.user(changed=("pwdChangedTime",), before={"pwdChangedTime": (former,)}, after=after)
    directory.told()
    assert live(world) == []


def test_a_password_that_is_taken_away_ends_everything(world: World, directory: Directory) -> None:
    """It would be confirmed as if the owner could log in with it."""
    directory.user(changed=("pwdChangedTime",))
    events, letters = directory.told()
    assert ([event[0] for event in events], letters, live(world)) == (["user.password-changed"], [], [])


@pytest.mark.row("S46")
@pytest.mark.parametrize(("attribute", "value"), [("pwdEndTime", LONG_PAST), ("pwdAccountLockedTime", FOR_EVER)])
def test_a_block_ends_grants_and_is_told(world: World, directory: Directory, attribute: str, value: str) -> None:
    """S46: when the block is lifted, a thief's tokens would work again."""
    change = directory.lock(attribute, value)
    events, (row,) = directory.told()
    uuid = world.user().entry_uuid
    assert events == [("user.blocked", ACTOR, uuid)]
    assert (row.letter, row.facts) == (Letter.USER_BLOCKED, {"user": uuid, "at": change.at.isoformat()})
    assert live(world) == []
    (event,) = world.audit("user.blocked")
    assert event.detail == {"position": change.position, "grants": "1"}
    assert event.changes == {attribute: Change(None, value)}


def test_a_block_that_stood_already_is_not_told_again(world: World, directory: Directory) -> None:
    """Each correction of a moment in the past would be a mail that frightens."""
    directory.lock("pwdEndTime", LONG_PAST, "20200101000000Z")
    events, letters = directory.told()
    assert ([event[0] for event in events], letters) == (["user.changed"], [])
    assert len(live(world)) == 1


def test_an_end_in_the_future_is_no_block_yet(world: World, directory: Directory) -> None:
    """A user with a contract until next year would be shut out this year."""
    directory.lock("pwdEndTime", "20991231000000Z")
    events, letters = directory.told()
    assert ([event[0] for event in events], letters, len(live(world))) == (["user.changed"], [], 1)


def test_a_block_that_is_lifted_is_audited(directory: Directory) -> None:
    """Nobody could say who let the user in again."""
    directory.lock("pwdEndTime", None, LONG_PAST)
    events, letters = directory.told()
    assert ([event[0] for event in events], letters) == (["user.unblocked"], [])


def test_the_recipe_of_a_password_and_a_release_tells_both(directory: Directory) -> None:
    """R27: the audit would not show why the owner need not wait."""
    change = directory.new_password()
    after = {**change.after, "pwdReset": ("TRUE",)}
    directory.log.changes[-1] = replace(change, changed=("pwdReset", "pwdChangedTime"), after=after)
    events, (row,) = directory.told()
    assert [event[0] for event in events] == ["user.password-changed", "user.released"]
    assert row.letter == Letter.PASSWORD_CHANGED


@pytest.mark.row("R24")
def test_a_release_by_tooling_is_audited_and_mailed_to_nobody(directory: Directory) -> None:
    """R24: who waived the 24 hours?"""
    directory.user(changed=("pwdReset",), after={"pwdReset": ("TRUE",)})
    events, letters = directory.told()
    assert ([event[0] for event in events], letters) == (["user.released"], [])


@pytest.mark.row("R24")
def test_a_release_says_what_was_written(world: World, directory: Directory) -> None:
    """R24: support would see that somebody did something, and not what."""
    directory.user(changed=("pwdReset",), after={"pwdReset": ("TRUE",)})
    directory.told()
    assert world.audit("user.released")[0].changes == {"pwdReset": Change(None, "TRUE")}


def test_a_lock_on_an_owner_is_audited(world: World, directory: Directory) -> None:
    """Somebody shut an owner out of the portal, and nobody could say who."""
    directory.owner(changed=("pwdEndTime",), after={"pwdEndTime": (LONG_PAST,)})
    events, letters = directory.told()
    assert (events, letters) == ([("owner.changed", ACTOR, world.anna.entry_uuid)], [])


@pytest.mark.parametrize(("changed", "value"), [(("administratie",), "TRUE"), (("pwdReset",), "FALSE")])
def test_only_a_release_that_is_given_is_one(directory: Directory, changed: tuple[str, ...], value: str) -> None:
    """R24: the audit would say that support released whom nobody did, or who was held again."""
    directory.user(changed=changed, after={"pwdReset": (value,)})
    events, letters = directory.told()
    assert ([event[0] for event in events], letters) == (["user.changed"], [])


@pytest.mark.row("S46")
def test_a_deletion_ends_grants_whatever_comes_under_that_name(world: World, directory: Directory) -> None:
    """S46: nothing of a user who is gone may look alive."""
    directory.user(What.DELETED, before={"uid": (NAME,)})
    events, letters = directory.told()
    assert ([event[0] for event in events], letters, live(world)) == (["user.deleted"], [], [])
    assert world.audit("user.deleted")[0].detail["grants"] == "1"


def test_a_rename_keeps_both_names(world: World, directory: Directory) -> None:
    """Support could not find what happened to a customer under the name that they have now."""
    directory.user(What.RENAMED, before={"uid": (NAME,)}, after={"uid": ("U4BBGA0099",)})
    directory.told()
    (event,) = world.audit("user.renamed")
    uuid = world.user().entry_uuid
    assert event.changes == {"uid": Change(Personal(NAME, uuid), Personal("U4BBGA0099", uuid))}
    assert len(live(world)) == 1


@pytest.mark.row("R25")
def test_the_former_address_is_told_of_a_new_one(world: World, directory: Directory) -> None:
    """R25: whoever talks support into another address would have the user, and its owner would not know."""
    change = directory.owner(changed=("mail",), before={"mail": (ANNA_MAIL,)}, after={"mail": ("anna@nieuw.example",)})
    events, letters = directory.told()
    assert events == [("owner.mail-changed", ACTOR, world.anna.entry_uuid)]
    owner = {"owner": world.anna.entry_uuid}
    told = {"to": ANNA_MAIL, "at": change.at.isoformat()} | owner
    assert {row.letter: row.facts for row in letters} == {Letter.MAIL_CHANGED: told, Letter.INVITATION: owner}
    uuid = world.anna.entry_uuid
    assert world.audit("owner.mail-changed")[0].changes == {
        "mail": Change(Personal(ANNA_MAIL, uuid), Personal("anna@nieuw.example", uuid))
    }


@pytest.mark.row("R25")
def test_a_former_owner_is_told_that_it_is_somebody_elses(world: World, directory: Directory) -> None:
    """R25: whoever can write `owner` takes a user over as surely as by its address, and nobody would know."""
    anna, bob, uuid = world.anna.dn, world.bob.dn, world.user().entry_uuid
    change = directory.user(changed=("owner",), before={"owner": (anna,)}, after={"owner": (bob,)})
    events, letters = directory.told()
    assert events == [("user.changed", ACTOR, uuid)]
    told = {"user": uuid, "bare": NAME, "dn": anna, "at": change.at.isoformat()}
    assert {row.letter: row.facts for row in letters} == {Letter.OWNER_CHANGED: told, Letter.INVITATION: {"user": uuid}}


@pytest.mark.row("R25")
@pytest.mark.parametrize(
    ("former", "new", "letters"),
    [((), ("uid=b",), [Letter.INVITATION]), (("uid=B",), ("uid=b",), []), (("uid=a",), (), [])],
    ids=["first", "spelling", "nobody"],
)
def test_what_takes_a_user_from_nobody_or_gives_it_to_nobody_is_told_to_nobody(
    directory: Directory, former: tuple[str, ...], new: tuple[str, ...], letters: list[Letter]
) -> None:
    """A capital that an admin mends would be a mail that frightens."""
    directory.user(changed=("owner",), before={"owner": former}, after={"owner": new})
    events, rows = directory.told()
    assert ([event[0] for event in events], [row.letter for row in rows]) == (["user.changed"], letters)


@pytest.mark.row("R25")
@pytest.mark.parametrize(("former", "letters"), [((), [Letter.INVITATION]), ((ANNA_MAIL.upper(),), [])])
def test_a_first_address_or_another_spelling_is_told_to_nobody(
    directory: Directory, former: tuple[str, ...], letters: list[Letter]
) -> None:
    """A capital that support mends would be a mail that frightens."""
    directory.owner(changed=("mail",), before={"mail": former}, after={"mail": (ANNA_MAIL,)})
    events, rows = directory.told()
    assert ([event[0] for event in events], [row.letter for row in rows]) == (["owner.mail-changed"], letters)


def test_an_owner_who_changes_their_own_portal_password_is_told(world: World, directory: Directory) -> None:
    """Whoever has their password could take the portal over in silence."""
    after = {"pwdChangedTime": ("20260101000000Z",)}
    change = directory.owner(changed=("pwdChangedTime",), after=after, who=world.anna.dn.upper())
    events, (row,) = directory.told()
    assert events == [("portal-password.changed", "owner", world.anna.entry_uuid)]
    facts = {"owner": world.anna.entry_uuid, "at": change.at.isoformat()}
    assert (row.letter, row.facts) == (Letter.PORTAL_PASSWORD_CHANGED, facts)


def test_all_the_rest_is_audited_by_the_names_of_what_was_changed(world: World, directory: Directory) -> None:
    """An administration, an owner, a policy: somebody changed it, and nobody could say who."""
    directory.user(changed=("owner", "administratie"), before={"owner": ("cn=anna",)}, after={"owner": ("cn=bob",)})
    directory.owner(What.DELETED)
    directory.owner(changed=("cn",))
    directory.other("cn=people,ou=policies")
    events, letters = directory.told()
    actions = ["user.changed", "owner.deleted", "owner.changed", "directory.modified"]
    assert [event[0] for event in events] == actions
    assert {row.letter for row in letters} == {Letter.OWNER_CHANGED, Letter.INVITATION}
    (event,) = world.audit("user.changed")
    owner = event.changes["owner"]
    assert [isinstance(value, Personal) and value.value for value in (owner.before, owner.after)] == ["cn=anna", "cn=bob"]
    assert event.detail["attributes"] == "administratie"
    assert str(world.audit("directory.modified")[0].detail["dn"]) == "cn=people,ou=policies"


def test_what_was_changed_beside_what_is_told_is_audited_too(world: World, directory: Directory) -> None:
    """Whoever gives a user away in the same change as a new password, or an address, would do it unseen."""
    change = directory.new_password()
    names = ("userPassword", "pwdChangedTime", "pwdHistory", "administratie", "pwdPolicySubentry")
    after = {**change.after, "administratie": ("4711",)}
    directory.log.changes[-1] = replace(change, changed=names, after=after)
    directory.owner(changed=("mail", "cn"), after={"mail": (ANNA_MAIL,)})
    events, _ = directory.told()
    assert [event[0] for event in events] == ["user.password-changed", "user.changed", "owner.mail-changed", "owner.changed"]
    (event,) = world.audit("user.changed")
    assert event.changes == {"administratie": Change(None, Personal("4711", world.user().entry_uuid))}
    assert event.detail["attributes"] == "pwdPolicySubentry"
    assert world.audit("owner.changed")[0].detail["attributes"] == "cn"
    (event,) = world.audit("user.password-changed")
    assert event.changes == {"pwdChangedTime": Change(change.former("pwdChangedTime"), change.new("pwdChangedTime"))}


@pytest.mark.row("R1")
def test_the_owner_of_a_user_who_is_added_is_invited(world: World, directory: Directory) -> None:
    """R1: an accountant's system adds customers, and nobody tells them where to begin."""
    directory.user(What.ADDED, changed=("objectClass",))
    directory.owner(What.ADDED, changed=("objectClass",))
    events, (row,) = directory.told()
    assert [event[0] for event in events] == ["user.added", "owner.added"]
    assert (row.letter, row.facts) == (Letter.INVITATION, {"user": world.user().entry_uuid})


def test_what_the_service_did_itself_is_not_told(directory: Directory) -> None:
    """Each reset would be confirmed twice."""
    directory.new_password(by_service=True)
    assert directory.told() == ([], [])


def test_what_a_command_told_already_is_not_told_again(world: World, directory: Directory) -> None:
    """Each block by support would be two mails."""
    change = directory.lock("pwdEndTime", LONG_PAST)
    with world.database.transaction() as work:
        assert work.changes.claim(change.position, world.clock.now())
    assert directory.told() == ([], [])


def test_what_was_told_here_is_not_told_by_the_command_that_is_slower(world: World, directory: Directory) -> None:
    """The worker may read of a change before the command that made it has come to tell it."""
    change = directory.lock("pwdEndTime", LONG_PAST)
    directory.told()
    with world.database.transaction() as work:
        assert not work.changes.claim(change.position, world.clock.now())


def test_the_first_time_it_begins_at_the_end(new_world: NewWorld, directory: Directory) -> None:
    """A first start would tell the owners of everything that happened in a month."""
    directory.lock("pwdEndTime", LONG_PAST)
    fresh = new_world()
    follow = FollowChanges(directory.log, fresh.kept)
    assert (follow.run_once(), fresh.audit(), fresh.take_letters()) == (0, [], [])
    directory.lock("pwdEndTime", None, LONG_PAST)
    assert follow.run_once() == 1
    assert [event.action for event in fresh.audit()] == ["user.unblocked"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_death_loses_nothing_and_doubles_nothing(world: World, directory: Directory, when: str) -> None:
    """Killed while it tells: an owner would never know, or read it twice."""
    directory.lock("pwdEndTime", LONG_PAST)
    directory.new_password()
    getattr(world.calls, when)["store.transaction"] = raising(Crash())
    with pytest.raises(Crash):
        directory.follow.run_once()
    while directory.follow.run_once():
        pass
    letters = sorted(row.letter for row in world.take_letters())
    assert letters == [Letter.PASSWORD_CHANGED, Letter.USER_BLOCKED]
    assert len(world.audit("user.blocked")) == len(world.audit("user.password-changed")) == 1


def test_a_death_half_way_keeps_none_of_it(world: World, directory: Directory) -> None:
    """The first of two changes would be told twice."""
    directory.lock("pwdEndTime", LONG_PAST)
    directory.log.changes[-1] = replace(directory.other("cn=x"), who="\ud800")  # what no store takes
    with pytest.raises(UnicodeEncodeError, match="surrogates not allowed"):
        directory.follow.run_once()
    assert (world.take_letters(), world.audit("user.blocked")) == ([], [])
    directory.log.changes.pop()
    assert [event[0] for event in directory.told()[0]] == ["user.blocked"]


def test_more_than_a_batch_is_handled_in_steps(world: World, directory: Directory) -> None:
    """An import by an admin would be one transaction that keeps everybody else waiting."""
    for number in range(BATCH + 1):
        directory.other(f"cn={number}")
    assert [directory.follow.run_once() for _ in range(3)] == [BATCH, 1, 0]
    assert len(world.audit("directory.modified")) == BATCH + 1


def test_away_and_without_a_log_are_said(directory: Directory) -> None:
    """The worker could not tell whether to wait or to go on without."""
    directory.log.missing = True
    with pytest.raises(ChangesNotLogged):
        directory.follow.run_once()
    directory.log.away = True
    with pytest.raises(DirectoryUnavailable):
        directory.follow.run_once()


def test_no_password_comes_this_way(world: World, directory: Directory) -> None:
    """S34: the audit would keep what the directory hides."""
    directory.new_password()
    directory.told()
    assert PASSWORD not in repr(world.audit())
